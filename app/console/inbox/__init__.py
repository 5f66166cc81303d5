"""The inbox: where staff read, answer and hand on what customers say."""
