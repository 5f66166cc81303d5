"""What a call under `/fcm` is, as the rules of chaos see it before anybody has checked it."""

from fastapi import Request
from fastapi.responses import Response

from sandbox.chaos.calls import Reading, Told
from sandbox.chaos.sending import Sending, acted_of, nobody
from sandbox.fcm.wire import answer

TOKEN = "/fcm/token"  # noqa: S105 - a path
CHAOS = "refused by the chaos dial"


def describe(request: Request, body: bytes) -> Sending | None:
    """Only the call for an access token: it is no kind of its own, and about nobody."""
    if request.scope["path"] != TOKEN:
        return None
    return Sending("fcm", "", "", "", nobody, _refuse, acted_of(request), "")


def _refuse(code: str) -> Told:
    return Told(answer({"error": code, "error_description": CHAOS}, 400))


def _refused(response: Response) -> bool:
    return response.status_code >= 400


READING = Reading(describe, _refused)
