"""A scenario of the sandbox, played with this installation: traffic, counts, and who is right."""
