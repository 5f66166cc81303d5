"""What a call under `/consult` is, as the rules of chaos see it before anybody has checked it."""

from collections.abc import Iterable

import orjson
from fastapi import Request
from fastapi.responses import Response

from sandbox.chaos.calls import Reading, Told
from sandbox.chaos.sending import Sending, acted_of
from sandbox.store import Store

CHAOS = "RefusedByChaosException"
CALLS = ("/consult/v1/", "/consult/kakaoWebhook/")


def describe(request: Request, body: bytes) -> Sending | None:
    """None for unknown clients and for what is no call of the hub; an upload is about nobody."""
    client = request.headers.get("ht-client-id", "")
    store: Store = request.app.state.store
    known = store.one("SELECT 1 FROM consult_account WHERE client_id = ?", (client,))
    path = request.scope["path"]
    if known is None or not path.startswith(CALLS):
        return None

    def numbers() -> Iterable[object]:
        """Whoever it is about; of nobody known no rule for a number hits."""
        given = _read(body)
        who = (str(given.get("user_key")), str(given.get("sender_key")))
        sql = "SELECT number FROM customer WHERE user_key = ? AND sender_key = ?"
        return [row["number"] for row in store.all(sql, who)]

    return Sending("consult", client, "", "", numbers, _refuse, acted_of(request), "chat")


def _read(body: bytes) -> dict[str, object]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _refuse(code: str) -> Told:
    said = orjson.dumps({"code": int(code), "message": CHAOS})
    return Told(Response(said, media_type="application/json"))


def _refused(response: Response) -> bool:
    return _read(bytes(response.body)).get("code") not in (0, "0000")


READING = Reading(describe, _refused)
