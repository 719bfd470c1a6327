"""Litestar on Granian."""
