"""The sandbox as people see it: phones and desk, rendered here, in Korean and English."""

from sandbox.pages.phones import add_pages

__all__ = ["add_pages"]
