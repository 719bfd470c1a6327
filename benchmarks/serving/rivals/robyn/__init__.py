"""Robyn."""
