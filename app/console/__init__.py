"""The console: the pages where staff live. Jinja2, own files only, no script needed to read."""
