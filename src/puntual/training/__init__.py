"""Flights -> artifact: divided, tuned, fitted, measured."""
