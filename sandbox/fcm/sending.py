"""`messages:send`: one message to one device, or to a topic, which nobody here subscribed to."""

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.chaos.sending import Sending, acted_of, pass_through
from sandbox.cut import Cut
from sandbox.fcm.checks import LONGEST_S, check
from sandbox.fcm.devices import Place, find_place, is_address
from sandbox.fcm.reading import read_send, seconds_of
from sandbox.fcm.tokens import project_of
from sandbox.fcm.wire import Refused, answer, refusal
from sandbox.nhn.intake import Batch, Draft, place, respond
from sandbox.store import Store

BAD_TOKEN = "The registration token is not a valid FCM registration token"  # noqa: S105
CHAOS = "refused by the chaos dial"
JUDGED = "fake_message_id"  # what a message that was only validated is called

router = APIRouter(include_in_schema=False)


@router.post("/v1/projects/{project}/messages:send")
async def send(request: Request, project: str) -> Response:
    store = project_of(request, project)
    raw = await request.body()
    sending = _sending(request, store, project, raw)
    response = await pass_through(store.chaos, sending, lambda: _take(request, store, project, raw))
    return _googles(response)


async def _take(request: Request, store: Store, project: str, raw: bytes) -> Response:
    await asyncio.sleep(store.settings.accept_delay_s)
    body = read_send(raw)
    message = body.get("message", {})
    try:
        target = check(message)
        found = (
            _place(store, project, target, message[target]) if target in ("fid", "token") else None
        )
    except Refused:
        store.count("recipients refused")
        raise
    if body.get("validateOnly"):
        return answer({"name": f"projects/{project}/messages/{JUDGED}"})
    message_id = f"0:{store.now() * 1_000 + secrets.randbelow(1_000)}%{secrets.token_hex(8)}"
    response = answer({"name": f"projects/{project}/messages/{message_id}"})
    lost = found is not None and _put(store, (project, message_id), found, message)
    return await respond(request, store, response, lost)


def _put(store: Store, whose: tuple[str, str], to: Place, message: Mapping[str, Any]) -> bool:
    """On its way to the phone. True when the answer to this request must be lost."""
    project, message_id = whose
    data = message.get("data", {})
    shown = {
        **message.get("notification", {}),
        **message.get("android", {}).get("notification", {}),
    }
    ttl = message.get("android", {}).get("ttl")
    payload = {
        "data": data,
        "label": to.label,
        "ttl_s": LONGEST_S if ttl is None else seconds_of(ttl),
        "silent": not shown,
    }
    batch = Batch(
        account=project,
        app="push",
        kind="push",
        sender=project,
        request_id=message_id,
        template_code=data.get("naru_template", ""),
        provider="fcm",
    )
    draft = Draft(
        1,
        to.number,
        str(shown.get("body", "")),
        str(shown.get("title", "")),
        orjson.dumps(payload).decode(),
        data.get("naru_id", ""),
    )
    with store.tx():
        loses = bool(place(store, batch, [draft]))
        store.count("recipients accepted")
        return loses and _is_first(store, project, to.number, data or shown)


def _is_first(store: Store, project: str, number: str, said: Mapping[str, Any]) -> bool:
    """The first time a message is seen its answer is lost."""
    digest = hashlib.sha256(orjson.dumps([number, said])).hexdigest()
    made = store.run(
        "INSERT INTO lost_answer VALUES (?, ?) ON CONFLICT DO NOTHING",
        (f"{project}|{digest}", store.now()),
    )
    return made.rowcount == 1


def _place(store: Store, project: str, kind: str, address: str) -> Place:
    """Raises Refused as FCM does for an address that is none, has ended, or is another's."""
    if not is_address(kind, address):
        raise Refused("INVALID_ARGUMENT", BAD_TOKEN)
    found = find_place(store, address)
    if found is None:
        raise Refused("UNREGISTERED")
    if found.project != project:
        raise Refused("SENDER_ID_MISMATCH")
    if not found.alive:
        raise Refused("UNREGISTERED")
    return found


def _sending(request: Request, store: Store, project: str, raw: bytes) -> Sending:
    """What the rules of chaos compare of a request that nobody has checked yet."""
    message = _loose(_loose(raw).get("message"))
    template = str(_loose(message.get("data")).get("naru_template") or "")

    def numbers() -> list[object]:
        found = find_place(store, str(message.get("fid") or message.get("token") or ""))
        return [found.number] if found else []

    def refuse(code: str) -> Refused:
        return Refused(code, CHAOS)

    return Sending("fcm", project, "push", template, numbers, refuse, acted_of(request))


def _loose(value: Any) -> Mapping[str, Any]:
    if isinstance(value, bytes):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return {}
    return value if isinstance(value, dict) else {}


def _googles(response: Response) -> Response:
    """What the dial refuses for its rate is FCM's own 429, with the same Retry-After."""
    if isinstance(response, Cut) or response.status_code != 429:
        return response
    told = refusal(Refused("QUOTA_EXCEEDED"))
    if wait := response.headers.get("retry-after"):
        told.headers["Retry-After"] = wait
    return told
