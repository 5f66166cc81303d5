"""NHN Cloud: Alimtalk (KakaoTalk Bizmessage v2.3) and text messages (SMS v3.0)."""

from channels.adapters.nhn.account import ROUTES, Config
from channels.adapters.nhn.adapter import Nhn

__all__ = ["ROUTES", "Config", "Nhn"]
