"""The console's words: collected from pages and code, kept in catalogues, compiled."""
