"""Ending a chat by way of the bot, and blocking a customer, under `/consult`.

`endWithBot`: HappyTalk "endAfterCallBotEvent" (2026-11); `session_id` only when this call ended a
session, `bot_event` up to 100. Blocking is the sandbox's own: the real path and body are not
public, so `/v1/chat/block` and `/v1/chat/unblock` take what `chat/end` takes. A blocked customer's
chat ends and they cannot write to the channel any more.
"""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.arrivals import write_line
from sandbox.consult import Fault, answer, customer_of, read_body, store_of, text_of
from sandbox.outbound import end_session

LONGEST_EVENT = 100

router = APIRouter(prefix="/consult", include_in_schema=False)


@router.post("/kakaoWebhook/v3/bzc/chat/endWithBot")
async def end_with_bot(request: Request) -> Response:
    store = store_of(request)
    body, client_id = await read_body(request, store)
    for field in ("user_key", "sender_key"):
        text_of(body, field)
    event = body.get("bot_event") or ""
    if not isinstance(event, str) or len(event) > LONGEST_EVENT:
        raise Fault(-400, "InvalidBotEventException")
    number = customer_of(store, body, client_id)
    with store.tx():
        session_id = end_session(store, number, body["sender_key"], tell=False)
        if session_id is not None:
            said = f"챗봇으로 돌아갔습니다 ({event})" if event else "챗봇으로 돌아갔습니다"
            write_line(store, (number, body["sender_key"], "system"), said)
    return answer({"code": 0, **({"session_id": str(session_id)} if session_id else {})})


@router.post("/v1/chat/block")
async def block(request: Request) -> Response:
    return await _bar(request, barred=True)


@router.post("/v1/chat/unblock")
async def unblock(request: Request) -> Response:
    return await _bar(request, barred=False)


async def _bar(request: Request, barred: bool) -> Response:
    store = store_of(request)
    body, client_id = await read_body(request, store)
    for field in ("user_key", "sender_key"):
        text_of(body, field)
    number = customer_of(store, body, client_id)
    with store.tx():
        store.run(
            "UPDATE customer SET barred = ? WHERE number = ? AND sender_key = ?",
            (barred, number, body["sender_key"]),
        )
        if barred:
            end_session(store, number, body["sender_key"], tell=False)
        store.changes.touch([number])
    return answer({"code": 0})
