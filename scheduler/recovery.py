"""Lost messages: lapsed leases, look-ups of unknown attempts, deadlines of the plan."""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

from sqlmodel import col, select

from app.db.models import Attempt, Message
from app.db.models.fields import now as clock
from app.db.session import Tx
from app.ids import to_ref
from app.log import logger
from app.sealing import Unsealable
from app.services import content
from app.services.delivery import advance, as_try, read_plan
from app.services.hours import is_night
from app.services.receipts import close_overdue
from app.services.recovery import (
    Stranded,
    follow_policy,
    lapse_leases,
    repeat,
    resolve,
    take_unknown,
)
from app.services.runtime import Runtime
from app.services.states import IN_DOUBT, MESSAGE_EXPIRED, AttemptStatus
from app.services.steps import earliest, passed, step_due
from app.services.transitions import Event, after
from channels.contract import CanLookUp, Tried
from channels.vocabulary import IdempotencyClass, Reason
from scheduler.dispatch import Lane
from templates.plan import STEP_DEADLINE

# attempts whose due_at is a deadline; that of an unknown one is its next look-up
TIMED = (AttemptStatus.QUEUED, AttemptStatus.ACCEPTED, AttemptStatus.DELIVERED)
FIRST_CALLS, MOST_CALLS = 4, 128  # looked up before what was found is written
QUICK_S = 1.0  # after so quick a portion the next is twice as large
LONGEST_S = 60.0  # one portion may take
ENOUGH_S = 20.0  # an account is asked no further in this turn
ASK_AGAIN_S = 5.0  # an unclear look-up is asked again after this, at least
log = logger("recovery")


async def recover_leases(runtime: Runtime, lanes: Mapping[UUID, Lane]) -> int:
    """Take back what no living worker holds."""
    settle_s = {account_id: lane.settle_s() for account_id, lane in lanes.items()}
    async with runtime.database.write() as tx:
        return await lapse_leases(tx, settle_s)


async def ask_when_steady(runtime: Runtime, lanes: Mapping[UUID, Lane]) -> int:
    """Look up, except where the clock was set ahead a moment ago: nothing has waited yet (R4)."""
    steady = {i: lane for i, lane in lanes.items() if lane.steady.quiet_s() >= lane.settle_s()}
    return await look_up_unknown(runtime, steady)


async def look_up_unknown(runtime: Runtime, lanes: Mapping[UUID, Lane]) -> int:
    """Ask providers about attempts whose settle window is over; how many were asked about.

    All accounts at once, and each for itself: one that is silent, or fails, holds up no other.
    """
    asking = (_look_up(runtime, lane) for lane in lanes.values())
    counts = await asyncio.gather(*asking, return_exceptions=True)
    for failure in counts:
        if isinstance(failure, BaseException):
            raise failure
    return sum(count for count in counts if isinstance(count, int))


async def _look_up(runtime: Runtime, lane: Lane) -> int:
    if not await _any_due(runtime, lane.account.id):
        return 0
    async with runtime.database.write() as tx:
        due = await take_unknown(
            tx,
            lane.account.id,
            timedelta(seconds=max(ASK_AGAIN_S, lane.settle_s() / 4)),
            lane.adapter.routes,
        )
    ways: dict[Way, list[Stranded]] = {}
    for stranded in due:
        ways.setdefault(_way(lane, stranded, clock()), []).append(stranded)
    if again := ways.get(Way.REPEAT):
        async with runtime.database.write() as tx:
            await repeat(tx, runtime, again, lane.adapter.routes)
    if asked := ways.get(Way.ASK):
        await _ask(runtime, lane, asked)
    if rest := ways.get(Way.POLICY):
        async with runtime.database.write() as tx:
            await follow_policy(tx, runtime, rest)
    return len(due)


class Way(Enum):
    """What settles an attempt whose fate is unknown."""

    REPEAT = auto()  # the same request again: the provider recognises it
    ASK = auto()
    POLICY = auto()  # of the template


def _way(lane: Lane, stranded: Stranded, now: datetime) -> Way:
    """By the class of its route; a Dedupe route past its time is asked, if it can be.

    So is one that its plan has left behind, and one about advertising by night: the repeat might
    be what arrives.
    """
    attempt, message = stranded.attempt, stranded.message
    kind = lane.adapter.routes[attempt.route].idempotency.kind
    if kind is IdempotencyClass.BLIND:
        return Way.POLICY
    if kind is IdempotencyClass.DEDUPE and not stranded.overtaken:
        started_at = as_try(attempt, message).started_at
        over = earliest(
            message.expires_at, step_due(read_plan(message.plan), attempt.step, started_at)
        )
        may = (over is None or over > now) and not _is_night(lane, message, now)
        if may and lane.may_repeat(attempt.route, started_at, now):
            return Way.REPEAT
    return Way.ASK if isinstance(lane.adapter, CanLookUp) else Way.POLICY


def _is_night(lane: Lane, message: Message, now: datetime) -> bool:
    return is_night(message.category, now, lane.ad_margin_s())


async def _any_due(runtime: Runtime, account_id: UUID) -> bool:
    async with runtime.database.read() as session:
        found = await session.exec(
            select(Attempt.id)
            .where(
                col(Attempt.due_at) <= clock(),
                col(Attempt.status) == AttemptStatus.UNKNOWN,
                col(Attempt.account_id) == account_id,
            )
            .limit(1)
        )
        return found.first() is not None


async def _ask(runtime: Runtime, lane: Lane, asked: Sequence[Stranded]) -> None:
    """Portion by portion, each of whole calls: what is known is written before more is asked.

    Else a process that dies on its way, or a provider too slow for all, would never get on. In any
    order: the same slow call must not always be the first.
    """
    calls: dict[UUID | None, list[Stranded]] = {}
    for stranded in asked:
        calls.setdefault(stranded.attempt.call_id, []).append(stranded)
    waiting, size = list(calls.values()), FIRST_CALLS
    random.shuffle(waiting)
    began = time.monotonic()
    while waiting and time.monotonic() - began < ENOUGH_S:
        portion, waiting = waiting[:size], waiting[size:]
        since = time.monotonic()
        await _ask_about(runtime, lane, [one for call in portion for one in call])
        if time.monotonic() - since < QUICK_S:
            size = min(2 * size, MOST_CALLS)


async def _ask_about(runtime: Runtime, lane: Lane, asked: Sequence[Stranded]) -> None:
    assert isinstance(lane.adapter, CanLookUp)
    about = [(s, tried) for s in asked if (tried := _readable(runtime, s)) is not None]
    if not about:
        return
    try:
        async with asyncio.timeout(LONGEST_S):
            found = await lane.adapter.look_up([tried for _, tried in about], clock())
    except TimeoutError:
        log.warning("look-up too slow", account=lane.account.name, attempts=len(asked))
        return
    async with runtime.database.write() as tx:
        answers = list(zip((s for s, _ in about), found, strict=True))
        await resolve(tx, runtime, lane.account.id, answers)


def _readable(runtime: Runtime, stranded: Stranded) -> Tried | None:
    """What is asked; None where the content cannot be opened: the others are asked about."""
    try:
        return _tried(runtime, stranded)
    except (Unsealable, KeyError):
        log.error("content cannot be opened", attempt=str(stranded.attempt.id))
        return None


def _tried(runtime: Runtime, stranded: Stranded) -> Tried:
    attempt, message, call = stranded.attempt, stranded.message, stranded.call
    frozen = runtime.sealer.open(content.TABLE, message.workspace_id, message.id, message.sealed)
    part = frozen.get(attempt.channel, {})
    return Tried(
        ref=to_ref(attempt.id),
        route=attempt.route,
        call_key=call.key if call else "",
        sent_at=attempt.sent_at or attempt.created_at,
        request_id=call.request_id if call else "",
        provider_id=attempt.provider_id,
        to=content.number_of(frozen, attempt.to_name),
        text=part.get("text", ""),
    )


async def meet_deadlines(runtime: Runtime, limit: int = 500) -> int:
    """Attempts whose time has come: expired in the queue, step deadline, receipt window over."""
    async with runtime.database.read() as session:
        found = await session.exec(
            select(Attempt.id)
            .where(col(Attempt.due_at) <= clock(), col(Attempt.status) != AttemptStatus.UNKNOWN)
            .limit(1)
        )
        if found.first() is None:
            return 0
    async with runtime.database.write() as tx:
        rows = await tx.session.exec(
            select(Attempt, Message)
            .join(Message, col(Message.id) == col(Attempt.message_id))
            .where(
                col(Attempt.due_at) <= tx.now,
                col(Attempt.status).in_(TIMED),
            )
            .order_by(col(Attempt.message_id))
            .limit(limit)
            .with_for_update(of=Attempt, skip_locked=True)
        )
        pairs = list(rows)
        for attempt, message in pairs:
            await _meet(tx, attempt, message)
        await tx.session.flush()
        await advance(tx, runtime, [message.id for _, message in pairs])
    return len(pairs)


async def _meet(tx: Tx, attempt: Attempt, message: Message) -> None:
    now = tx.now
    is_over = attempt.closes_at is not None and attempt.closes_at <= now
    if attempt.status == AttemptStatus.ACCEPTED and is_over:
        await close_overdue(tx, attempt)
    elif attempt.status == AttemptStatus.DELIVERED:  # nobody read or acknowledged it in time
        attempt.closes_at = None if is_over else attempt.closes_at
        attempt.due_at = attempt.closes_at
    elif attempt.status == AttemptStatus.ACCEPTED:
        # its step deadline: advance starts the next, this one stays open for its receipt
        attempt.due_at = attempt.closes_at
    elif attempt.reason == IN_DOUBT:  # not sent in time, but an earlier request may have arrived
        attempt.status = after(attempt.status, Event.DOUBTED)
        attempt.reason, attempt.due_at = Reason.NO_ANSWER, now
    else:
        _expire(tx, attempt, message)


def _expire(tx: Tx, attempt: Attempt, message: Message) -> None:
    """A queued attempt whose message, or whose step, has no time left."""
    within = read_plan(message.plan).steps[attempt.step].within_s
    expired = message.expires_at is not None and message.expires_at <= tx.now
    if not (expired or passed(as_try(attempt, message).started_at, within, tx.now)):
        return
    attempt.status = after(attempt.status, Event.EXPIRED)
    attempt.reason = MESSAGE_EXPIRED if expired else STEP_DEADLINE
    attempt.due_at, attempt.settled_at = None, tx.now
    tx.emit(
        attempt.workspace_id, "attempt.expired", message.id,
        step=attempt.step, reason=attempt.reason,
    )  # fmt: skip
