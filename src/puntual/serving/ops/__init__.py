"""Running: counters, metrics, where a model comes from, signals, health."""
