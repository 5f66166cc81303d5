"""The consultation hub under `/consult`: chat/write and chat/end; uploads and bots beside it.

Wire format: HappyTalk "kakaotalk_webhook" pages (counseling/send_chat, end_of_counseling, 2026-11).
Our choices, because the full code table is not published: writing without an open chat session
answers `no_session_code` of the settings (-599 at first); a wrong client -401, a bad field -400, a
serial number used before -409, each with an exception's name in `message`. HTTP is 200 for all of
them, 401 for a wrong client. IM and FI take only what was uploaded here before, as the messenger
does.
"""

import asyncio
import hmac
from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.arrivals import write_line
from sandbox.cut import Cut
from sandbox.hub_files import keeps
from sandbox.outbound import end_session
from sandbox.store import Store

LONGEST = {"user_key": 20, "sender_key": 40, "serial_number": 30, "message": 1_000}
TYPES = ("TX", "LI", "IM", "FI")
MOST_LINKS, MOST_QUICK_LINKS = 5, 10

router = APIRouter(prefix="/consult", include_in_schema=False)


class Fault(Exception):
    """A refusal: code and exception name as the hub writes them."""

    def __init__(self, code: int | str, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


async def tell_fault(request: Request, error: Exception) -> Response:
    if not isinstance(error, Fault):
        raise error
    return answer({"code": error.code, "message": error.message}, error.status)


@router.post("/v1/chat/write")
async def write(request: Request) -> Response:
    store = store_of(request)
    body, client_id = await read_body(request, store)
    await asyncio.sleep(store.settings.accept_delay_s)
    for field in ("user_key", "sender_key", "serial_number"):
        text_of(body, field)
    number = customer_of(store, body, client_id)
    kind = body.get("message_type", "TX")
    if kind not in TYPES:
        raise Fault(-400, "InvalidMessageTypeException")
    text = text_of(body, "message") if kind in ("TX", "LI") else str(body.get("message") or "")
    payload = _extras(store, body, kind)
    if _is_open(store, number, body["sender_key"]) is None:
        raise Fault(store.settings.no_session_code, "NotFoundSessionException")
    source = ("consult", client_id, body["serial_number"])
    if store.one("SELECT 1 FROM message WHERE account = ? AND ref = ? AND ref <> ''", source[1:]):
        raise Fault(-409, "DuplicatedSerialNumberException")
    with store.tx():
        write_line(store, (number, body["sender_key"], "say"), text, payload=payload, source=source)
        store.count("recipients accepted")
    await asyncio.sleep(store.settings.answer_delay_s)
    if _loses(store, number, body["serial_number"]):
        return Cut()
    return answer({"code": 0, "serial_number": body["serial_number"]})


@router.post("/v1/chat/end")
async def end(request: Request) -> Response:
    store = store_of(request)
    body, client_id = await read_body(request, store)
    for field in ("user_key", "sender_key"):
        text_of(body, field)
    number = customer_of(store, body, client_id)
    with store.tx():
        session_id = end_session(store, number, body["sender_key"], tell=False)
    if session_id is None:
        raise Fault(store.settings.no_session_code, "NotFoundSessionException")
    return answer({"code": 0, "sessionId": str(session_id)})


def store_of(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def answer(body: Mapping[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def client_of(request: Request, store: Store) -> str:
    """Who asks. Raises Fault -401."""
    client_id = request.headers.get("ht-client-id", "")
    secret = request.headers.get("ht-client-secret", "")
    row = store.one("SELECT * FROM consult_account WHERE client_id = ?", (client_id,))
    if row is None or not hmac.compare_digest(secret.encode(), row["client_secret"].encode()):
        raise Fault(-401, "InvalidClientException", 401)
    return client_id


async def read_body(request: Request, store: Store) -> tuple[dict[str, Any], str]:
    """The body and the client. Raises Fault -401 or -400."""
    client_id = client_of(request, store)
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise Fault(-400, "HttpMessageNotReadableException")
    return body, client_id


def text_of(body: Mapping[str, Any], field: str) -> str:
    value = body.get(field)
    if not isinstance(value, str) or not value:
        raise Fault(-400, f"MissingParameterException: {field}")
    if len(value) > LONGEST[field]:
        raise Fault(-400, f"TooLongException: {field} {len(value)}/{LONGEST[field]}")
    return value


def customer_of(store: Store, body: Mapping[str, Any], client_id: str) -> str:
    """The number behind the user key. Raises Fault -501 for another's channel or no such user."""
    row = store.one(
        "SELECT number FROM customer JOIN sender USING (sender_key)"
        " WHERE user_key = ? AND sender_key = ? AND client_id = ?",
        (body["user_key"], body["sender_key"], client_id),
    )
    need_sender(store, body["sender_key"], client_id)
    if row is None:
        raise Fault(store.settings.no_session_code, "NotFoundSessionException")
    return str(row["number"])


def need_sender(store: Store, sender_key: str, client_id: str) -> None:
    """Raises Fault -501 for a channel that is not this client's."""
    sql = "SELECT 1 FROM sender WHERE sender_key = ? AND client_id = ?"
    if store.one(sql, (sender_key, client_id)) is None:
        raise Fault(-501, "InvalidSenderException")


def _extras(store: Store, body: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Links of LI, file fields of IM and FI."""
    if kind == "LI":
        links, quick = body.get("links") or [], body.get("supplement") or []
        if not isinstance(links, list) or len(links) > MOST_LINKS:
            raise Fault(-400, "InvalidLinksException")
        if isinstance(quick, list) and len(quick) > MOST_QUICK_LINKS:
            raise Fault(-400, "InvalidSupplementException")
        return {"links": links, "supplement": quick}
    wanted = {"TX": (), "IM": ("image_url",), "FI": ("file_url", "file_name", "file_size")}[kind]
    for field in wanted:
        if not body.get(field):
            raise Fault(-400, f"MissingParameterException: {field}")
    if wanted and not keeps(store, str(body[wanted[0]])):
        raise Fault(-400, "NotUploadedException")
    return {field: body[field] for field in wanted}


def _is_open(store: Store, number: str, sender_key: str) -> int | None:
    row = store.one(
        "SELECT id FROM chat_session WHERE number = ? AND sender_key = ? AND ended_at IS NULL",
        (number, sender_key),
    )
    return int(row["id"]) if row else None


def _loses(store: Store, number: str, serial: str) -> bool:
    """Phones that lose answers lose the first one of every serial number."""
    if not store.number("SELECT answer_lost FROM phone WHERE number = ?", (number,)):
        return False
    made = store.run(
        "INSERT INTO lost_answer VALUES (?, ?) ON CONFLICT DO NOTHING",
        (f"consult|{serial}", store.now()),
    )
    if made.rowcount == 1:
        store.count("answers lost")
    return made.rowcount == 1
