"""Pictures of the sandbox for the README, taken of a fresh run of the real processes."""
