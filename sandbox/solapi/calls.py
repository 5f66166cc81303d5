"""What a call under `/solapi` is, as the rules of chaos see it before anybody has checked it."""

import re

from fastapi import Request
from fastapi.responses import Response

from sandbox.chaos.calls import Reading, Told
from sandbox.chaos.sending import Sending, acted_of, nobody
from sandbox.solapi.signing import api_key_of
from sandbox.solapi.wire import answer
from sandbox.solapi.words import ERRORS

CHAOS = "Refused by the chaos dial."
_SEND = re.compile(r"/solapi/messages/v4/(?:send|send-many|send-many/detail|groups/[^/]+/send)")
_TEMPLATE = re.compile(r"/solapi/kakao/v2/templates(?:/([^/]+).*)?")


def describe(request: Request, body: bytes) -> Sending | None:
    """None for sends and for unknown API keys. Making and filling groups has no kind of its own."""
    path = request.scope["path"]
    if request.method == "POST" and _SEND.fullmatch(path):
        return None
    key = api_key_of(request)
    if not key:
        return None
    template = _TEMPLATE.fullmatch(path)
    kind = "template" if template else _kind(request.method, path)
    id_ = (template[1] if template else None) or ""
    return Sending("solapi", key, "", id_, nobody, _refuse, acted_of(request), kind)


def _kind(method: str, path: str) -> str:
    if path.startswith("/solapi/storage/"):
        return "upload"
    return "list" if method == "GET" else ""


def _refuse(code: str) -> Told:
    return Told(answer({"errorCode": code, "errorMessage": CHAOS}, ERRORS.get(code, 400)))


def _refused(response: Response) -> bool:
    return response.status_code >= 400


READING = Reading(describe, _refused)
