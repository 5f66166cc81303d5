"""Firebase Cloud Messaging, HTTP v1: notifications to the apps of one Firebase project."""

from channels.adapters.fcm.account import HOSTS, ROUTES, Config
from channels.adapters.fcm.adapter import Fcm
from channels.adapters.fcm.codes import CODES, REASONS

__all__ = ["CODES", "HOSTS", "REASONS", "ROUTES", "Config", "Fcm"]
