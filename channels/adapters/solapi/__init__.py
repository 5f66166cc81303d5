"""SOLAPI: Alimtalk and text messages (messages v4), templates (kakao v2), files (storage v1)."""

from channels.adapters.solapi.account import HOSTS, ROUTES, Config
from channels.adapters.solapi.adapter import Solapi
from channels.adapters.solapi.templates import ACTIONS as REVIEW_ACTIONS
from channels.codes.solapi import TABLE as CODES

__all__ = ["CODES", "HOSTS", "REVIEW_ACTIONS", "ROUTES", "Config", "Solapi"]
