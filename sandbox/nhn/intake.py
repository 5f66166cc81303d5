"""A request is accepted: its recipients become messages in one transaction."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import Response

from sandbox.chaos.sending import Sending, acted_of
from sandbox.cut import Cut
from sandbox.nhn.wire import Refused
from sandbox.phones import make_phones
from sandbox.store import Store
from sandbox.tally import Sent

IDEMPOTENCY_S = 600
CHAOS = "Refused by the chaos dial."


@dataclass(frozen=True, slots=True)
class Draft:
    """One accepted recipient. `fails_with`: a delivery code that is certain already.

    resend: what NHN sends in its place when it fails, JSON, "" for nothing.
    """

    seq: int
    number: str
    text: str
    title: str = ""
    payload: str = "{}"
    ref: str = ""
    fails_with: str = ""
    resend: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What the recipients of one request share. app: "chat" or "sms"; request_at in ms.

    auth: by the lane of authentication messages. author: createUser or userId.
    """

    account: str
    app: str
    kind: str
    sender: str
    request_id: str
    sender_ref: str = ""
    template_code: str = ""
    request_at: int = 0
    idempotency_key: str = ""
    provider: str = "nhn"
    auth: bool = False
    author: str = ""
    stats_id: str = ""


def sending_of(request: Request, account: str, route: str, body: Mapping[str, Any]) -> Sending:
    """What the rules of chaos compare of a request that nobody has checked yet."""

    def numbers() -> list[object]:
        rows = body.get("recipientList")
        rows = rows if isinstance(rows, list) else []
        return [row.get("recipientNo") for row in rows if isinstance(row, dict)]

    template = str(body.get("templateCode") or "")

    def refuse(code: str) -> Refused:
        return Refused(int(code), CHAOS)

    return Sending("nhn", account, route, template, numbers, refuse, acted_of(request))


def is_repeated(store: Store, account: str, key: str) -> bool:
    """Whether this idempotency key was accepted in the last ten minutes, and NHN remembers it.

    The ten minutes are the caller's, in real time.
    """
    if not store.settings.nhn_idempotency:
        return False
    since = store.real() - IDEMPOTENCY_S * 1000
    return bool(key) and bool(
        store.one(
            "SELECT 1 FROM idempotency WHERE account = ? AND key = ? AND at > ?",
            (account, key, since),
        )
    )


def take(store: Store, batch: Batch, drafts: Sequence[Draft], refused: int) -> bool:
    """Store the accepted recipients. True when the answer to this request must be lost."""
    with store.tx():
        store.count("recipients refused", refused)
        if not drafts:
            return False
        lossy = place(store, batch, drafts)
        _remember_key(store, batch)
        store.count("recipients accepted", len(drafts))
        lost = _loses_answer(store, batch, [d for d in drafts if d.number in lossy])
    if store.tally:
        store.tally.take(
            Sent(draft.number, batch.app, draft.ref, f"{batch.request_id}-{draft.seq}")
            for draft in drafts
        )
    return lost


def place(store: Store, batch: Batch, drafts: Sequence[Draft]) -> set[str]:
    """Put messages on their way to the phones; returns the numbers that lose answers.

    Inside a transaction.
    """
    now = store.now()
    make_phones(store, {draft.number for draft in drafts})
    slow, lossy = _traits(store, drafts)
    start = max(now, batch.request_at) + int(store.settings.result_delay_s * 1000)
    store.many(
        "INSERT INTO message (number, app, sender, kind, title, text, payload, provider,"
        " account, request_id, recipient_seq, sender_ref, ref, template_code, created_at,"
        " request_at, state, due_at, result, auth, author, stats_id, resend)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?, ?, ?, ?, ?)",
        [
            (
                draft.number,
                batch.app,
                batch.sender,
                batch.kind,
                draft.title,
                draft.text,
                draft.payload,
                batch.provider,
                batch.account,
                batch.request_id,
                draft.seq,
                batch.sender_ref,
                draft.ref,
                batch.template_code,
                now,
                batch.request_at or now,
                start + slow.get(draft.number, 0),
                draft.fails_with,
                batch.auth,
                batch.author,
                batch.stats_id,
                draft.resend,
            )
            for draft in drafts
        ],
    )
    store.results_due.set()
    return lossy


async def respond(request: Request, store: Store, response: Response, lost: bool) -> Response:
    """The answer after its delay, or a cut connection."""
    if store.settings.answer_delay_s:
        await asyncio.sleep(store.settings.answer_delay_s)
    if lost:
        store.count("answers lost")
        return Cut()
    return response


def _traits(store: Store, drafts: Sequence[Draft]) -> tuple[dict[str, int], set[str]]:
    """Extra milliseconds of slow phones, and the phones that lose answers."""
    numbers = orjson.dumps([draft.number for draft in drafts]).decode()
    rows = store.all(
        "SELECT number, slow_s, answer_lost FROM phone"
        " WHERE number IN (SELECT value FROM json_each(?)) AND (slow_s > 0 OR answer_lost = 1)",
        (numbers,),
    )
    slow = {row["number"]: int(row["slow_s"] * 1000) for row in rows}
    return slow, {row["number"] for row in rows if row["answer_lost"]}


def _remember_key(store: Store, batch: Batch) -> None:
    if batch.idempotency_key and store.settings.nhn_idempotency:
        store.run(
            "INSERT INTO idempotency VALUES (?, ?, ?)"
            " ON CONFLICT (account, key) DO UPDATE SET at = excluded.at",
            (batch.account, batch.idempotency_key, store.real()),
        )


def _loses_answer(store: Store, batch: Batch, drafts: Sequence[Draft]) -> bool:
    """The first time a reference is seen its answer is lost; without one, number and text count."""
    lost = False
    for draft in drafts:
        reference = f"{batch.account}|{draft.ref or draft.number + draft.text}"
        made = store.run(
            "INSERT INTO lost_answer VALUES (?, ?) ON CONFLICT DO NOTHING", (reference, store.now())
        )
        lost = lost or made.rowcount == 1
    return lost
