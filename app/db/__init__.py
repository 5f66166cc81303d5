"""The store: models, sessions, and one module of set statements per database."""
