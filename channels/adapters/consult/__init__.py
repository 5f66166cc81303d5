"""상담톡, 1:1 consultation in KakaoTalk, through a hub that speaks the first generation (/v1).

Sources: mbi-developer-center.happytalk.io, "send_chat", "end_of_counseling", "kakao_meta_data",
"img_upload"; developer-center.happytalk.io, "endAfterCallBotEvent", "Upload/file" (2026-11);
result codes of the same platform family: github.com/lunasoft-org/kakao-bzm, alimtalk-api.md
(2025-12). The hub's full code table is not public, and neither is what it answers to a serial
number it has seen: so the route is Blind. How a customer is blocked is not public either: the
paths are settings of the account, and without them the hub is not asked.
"""

from channels.adapters.consult.adapter import ROUTES, Config, Consult
from channels.adapters.consult.codes import CODES, REASONS, SUCCESS

__all__ = ["CODES", "REASONS", "ROUTES", "SUCCESS", "Config", "Consult"]
