"""`POST /v1/predictions` under load, beside what else would serve the model."""
