"""What a call under `/relay` is, as the rules of chaos see it before anybody has checked it."""

import orjson
from fastapi import Request
from fastapi.responses import Response

from sandbox.chaos.calls import Reading, Told
from sandbox.chaos.sending import Sending, acted_of, nobody
from sandbox.relay_wire import Refusal, answer, caller

CHAOS = "refused by the chaos dial"


def describe(request: Request, body: bytes) -> Sending | None:
    """None for sends and for unknown keys."""
    path = request.scope["path"]
    if request.method == "POST" and path == "/relay/messages":
        return None
    try:
        _, account = caller(request)
    except Refusal:
        return None
    about = path.startswith("/relay/templates")
    kind = "template" if about else "list" if request.method == "GET" else ""
    code = _code(request, body) if about else ""
    return Sending("relay", account["id"], "", code, nobody, _refuse, acted_of(request), kind)


def _code(request: Request, body: bytes) -> str:
    """The template's, in the query or in the body."""
    try:
        found = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        found = None
    code = found.get("code") if isinstance(found, dict) else None
    return request.query_params.get("code") or (code if isinstance(code, str) else "")


def _refuse(code: str) -> Told:
    return Told(answer({"code": code, "text": CHAOS}, 422))


def _refused(response: Response) -> bool:
    return response.status_code >= 400


READING = Reading(describe, _refused)
