"""The Python API: read flights, explore them, and hold a trained model in the hand (docs/python.md)."""
