"""The gateway itself: store, services, API and command line."""
