"""HTML pages of a history and of a model card."""
