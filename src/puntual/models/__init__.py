"""One module a family of models, and what turns scores into probabilities."""
