"""What a user would serve the model with otherwise, each in a folder and an environment of its own."""
