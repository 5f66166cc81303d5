"""NHN Cloud: Alimtalk (KakaoTalk Bizmessage v2.3) and text messages (SMS v3.0)."""

from channels.adapters.nhn.account import HOSTS, ROUTES, Config
from channels.adapters.nhn.adapter import Nhn
from channels.adapters.nhn.meanings import CODES
from channels.adapters.nhn.templates import ACTIONS as REVIEW_ACTIONS

__all__ = ["CODES", "HOSTS", "REVIEW_ACTIONS", "ROUTES", "Config", "Nhn"]
