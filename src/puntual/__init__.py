"""Puntual."""
