"""What is said about templates: Korean, English, and what to do in both, a table per severity."""
