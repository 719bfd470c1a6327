"""How good probabilities are: scores, their intervals over blocks of days, and whether they come true."""
