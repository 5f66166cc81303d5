"""Rehearsals: what the town is like, what fails and when, and what must come of it, as TOML."""
