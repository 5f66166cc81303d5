"""POST /messages/v4/send, /send-many and /send-many/detail."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.chaos.sending import Sending, acted_of, pass_through
from sandbox.nhn.intake import respond
from sandbox.solapi import ledger
from sandbox.solapi.alimtalk import Lookup
from sandbox.solapi.checks import Checked, check, recipients, type_of
from sandbox.solapi.shapes import added_out, group_out, listed_out
from sandbox.solapi.signing import Account, caller
from sandbox.solapi.wire import Json, Refused, answer, invalid, parse_ms, read_body
from sandbox.solapi.words import KINDS, PRICES, STATUS
from sandbox.store import Store

MOST_ADDED, MOST_IN_GROUP = 10_000, 1_000_000
FARTHEST_MS = 183 * 24 * 3600 * 1000  # six months
ASKED = ("allowDuplicates", "agent", "appId", "strict", "customFields", "sdkVersion", "osPlatform")

router = APIRouter(prefix="/solapi/messages/v4", include_in_schema=False)
Shape = Callable[[Store, sqlite3.Row, list[sqlite3.Row], Json], Any]


@router.post("/send")
async def send_one(request: Request) -> Response:
    return await _send(request, _single)


@router.post("/send-many")
async def send_many(request: Request) -> Response:
    return await _send(request, lambda store, group, rows, body: group_out(store, group))


@router.post("/send-many/detail")
async def send_detail(request: Request) -> Response:
    return await _send(request, _detail)


async def _send(request: Request, shape: Shape) -> Response:
    store, account = caller(request)
    body = await read_body(request)
    given = [body.get("message")] if shape is _single else body.get("messages")
    rows = recipients(given)
    if not rows:
        raise invalid("messages가 비어 있습니다 (messages: at least one)")

    async def take() -> Response:
        await asyncio.sleep(store.settings.accept_delay_s)
        return await _take(request, (store, account), (body, rows), shape)

    return await through_chaos(request, account, rows, take)


async def through_chaos(
    request: Request,
    account: Account,
    rows: Sequence[Json],
    take: Callable[[], Awaitable[Response]],
) -> Response:
    """The first message stands for the others where a rule asks for a route or a template."""
    first = rows[0] if rows else {}
    options = first.get("kakaoOptions")
    template = str(options.get("templateId") or "") if isinstance(options, dict) else ""
    route = KINDS.get(type_of(first), "")
    sending = Sending(
        "solapi",
        account.api_key,
        route,
        template,
        lambda: [row.get("to") for row in rows],
        lambda code: Refused(code, "Refused by the chaos dial."),
        acted_of(request),
    )
    store: Store = request.app.state.store
    return await pass_through(store.chaos, sending, take)


async def _take(
    request: Request, who: tuple[Store, Account], asked: tuple[Json, list[dict[str, Any]]],
    shape: Shape,
) -> Response:  # fmt: skip
    (store, account), (body, rows) = who, asked
    at = scheduled_at(store, body) if body.get("scheduledDate") else None
    found = look(store, account, (rows, body.get("allowDuplicates") is True))
    if shape is _single and body.get("strict") is True and found[0].code != "2000":
        raise Refused("InvalidStatusCode", STATUS[found[0].code])
    price = sum(PRICES[one.type] for one in found if one.code == "2000")
    if at is None:
        need_money(store, account, price)
    with store.tx():
        kept = {name: body[name] for name in ASKED if name in body}
        group_id = ledger.make_group(store, account.id, kept)
        added = ledger.add(store, need_group(store, account, group_id), found)
        store.count("recipients refused", sum(one.code != "2000" for one in found))
        if at is not None:
            schedule(store, group_id, at)
    lost = at is None and ledger.send(store, need_group(store, account, group_id))
    group = need_group(store, account, group_id)
    return await respond(request, store, answer(shape(store, group, added, body)), lost)


def look(
    store: Store,
    account: Account,
    asked: tuple[Sequence[Json], bool],
    known: set[str] | None = None,
) -> list[Checked]:
    """Every message checked. asked: messages, and whether a number may come twice.

    known: numbers the group has. Raises RecipientsTooMany.
    """
    rows, repeats = asked
    if len(rows) > MOST_ADDED:
        raise Refused("RecipientsTooMany", f"한 번에 {MOST_ADDED:,}건까지 (at most {MOST_ADDED})")
    known, lookup = set(known or ()), Lookup(store, account.id)
    found = []
    for row in rows:
        one = check(lookup, row)
        if one.code == "2000" and not repeats:
            if one.number in known:
                one = Checked("1026", one.type, one.number, one.body)
            known.add(one.number)
        found.append(one)
    return found


def need_group(store: Store, account: Account, group_id: str) -> sqlite3.Row:
    """Raises ResourceNotFound."""
    group = ledger.get_group(store, account.id, group_id)
    if group is None:
        raise Refused("ResourceNotFound", f"그런 그룹이 없습니다 (no such group): {group_id}")
    return group


def need_money(store: Store, account: Account, won: float) -> None:
    """Raises NotEnoughBalance."""
    if not ledger.can_pay(store, account.id, won):
        raise Refused("NotEnoughBalance", f"잔액이 부족합니다: {won:.0f}원 필요 (balance)")


def scheduled_at(store: Store, body: Json) -> int:
    """Milliseconds of `scheduledDate`. Raises InvalidScheduledDate."""

    def refuse(message: str) -> Refused:
        return Refused("InvalidScheduledDate", message)

    at = parse_ms(body.get("scheduledDate"), refuse)
    if not store.now() < at <= store.now() + FARTHEST_MS:
        raise refuse("지금부터 6개월 안이어야 합니다 (within six months from now)")
    return at


def schedule(store: Store, group_id: str, at: int) -> None:
    """Inside a transaction."""
    ledger.set_status(store, group_id, "SCHEDULED", scheduled_at=at)
    ledger.note(store, group_id, "예약되었습니다")
    store.results_due.set()


def _single(
    store: Store, group: sqlite3.Row, rows: list[sqlite3.Row], body: Json
) -> dict[str, Any]:
    return {"groupId": group["id"], **added_out(rows[0])}


def _detail(
    store: Store, group: sqlite3.Row, rows: list[sqlite3.Row], body: Json
) -> dict[str, Any]:
    """`rows` are as they were taken: accepted ones have 2000."""
    failed = [added_out(row) for row in rows if row["status_code"] != "2000"]
    told = {"failedMessageList": failed, "groupInfo": group_out(store, group)}
    if body.get("showMessageList") is True:
        told["messageList"] = [listed_out(row) for row in rows]
    return told
