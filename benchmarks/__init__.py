"""What is measured, always as ratios paired in one run: `python -m benchmarks.NAME`."""
