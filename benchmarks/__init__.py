"""Figures of this machine, measured side by side: `python -m benchmarks`."""
