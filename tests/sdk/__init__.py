"""The official `solapi` SDKs, unchanged, against a sandbox of our own: `make sdk`."""
