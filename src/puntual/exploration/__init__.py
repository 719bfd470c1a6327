"""Explain the delays of a flight history: traffic, delays, groups, interactions and findings."""
