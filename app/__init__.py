"""The gateway itself: store, services, API and command line."""

__version__ = "0.1.0"
