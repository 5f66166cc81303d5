"""Small faults put into a copy of the source, to see that the tests named for it notice them."""
