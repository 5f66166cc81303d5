"""The linter of templates: what cannot be stored, what is minded, what is worth knowing."""
