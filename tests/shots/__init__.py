"""Pictures for the documents, taken of a fresh run of the real processes."""
