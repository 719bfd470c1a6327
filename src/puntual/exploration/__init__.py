"""How delays are composed: what is told of a flight history, its charts, its findings and its report."""
