"""What the portal costs, as ratios within one run: `python -m benchmarks` or one NAME of it."""
