"""What a provider's answer does to the messages of one call, under the lot's fence (rule R5)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from app.db.models import Attempt, Call, Lot, ProviderAccount
from app.db.session import Tx
from app.services import counters, devices, lots, parking
from app.services.calls import Item, OpenCall
from app.services.delivery import advance
from app.services.lots import Place
from app.services.runtime import Runtime
from app.services.states import IN_DOUBT, PARKED, AttemptStatus, MessageStatus, policy
from app.services.steps import earliest, step_due
from app.services.transitions import Event, after, sources
from channels.contract import Answer, Outcome
from channels.vocabulary import Level, Reason, Verdict

# what a verdict is to an attempt that is being sent
EVENTS = {
    Verdict.ACCEPTED: Event.ACCEPTED,
    Verdict.REJECTED: Event.REJECTED,
    Verdict.DEFERRED: Event.DEFERRED,
    Verdict.UNKNOWN: Event.LOST,
}
PAUSE_S = 60.0  # an account whose credentials were refused is tried again after this


async def settle(tx: Tx, runtime: Runtime, call: OpenCall, answer: Answer) -> None:
    """Write what a call's answer says of its messages, in one transaction."""
    raw = runtime.sealer.seal(
        "call", call.workspace_id, call.id, answer.raw.decode("utf-8", "replace")
    )
    await tx.session.exec(
        update(Call)
        .where(col(Call.id) == call.id)
        .values(
            ended_at=tx.now,
            http_status=answer.http_status,
            request_id=answer.request_id,
            raw_sealed=raw,
        )
    )
    pairs = [(i, ruled(o, i.in_doubt)) for i, o in zip(call.items, answer.outcomes, strict=True)]
    await _keep_provider_ids(tx, call, pairs)
    if not await _holds_fence(tx, call):
        return
    sending = await _still_sending(tx, call)
    pairs = [(item, outcome) for item, outcome in pairs if item.attempt_id in sending]
    again = [(i, o) for i, o in pairs if o.verdict is Verdict.DEFERRED]
    failed = [(i.message_id, i.attempt_id, i.tries, o.reason) for i, o in again if not i.in_doubt]
    parked = await parking.poisoned(tx, call.account_id, failed)
    delays = await _requeue(tx, runtime, call, [p for p in again if p[0].attempt_id not in parked])
    await tx.sql.settle_attempts(
        tx.conn, [_settled(tx.now, call, i, o, delays.get(i.attempt_id)) for i, o in pairs]
    )
    _count(tx, call, pairs)
    for item, outcome in pairs:
        tx.emit(
            call.workspace_id,
            f"attempt.{outcome.verdict}",
            item.message_id,
            step=item.step,
            route=call.route.name,
            reason=outcome.reason,
            code=outcome.code,
            call=str(call.id),
        )
        if item.attempt_id in parked:
            about = (call.workspace_id, item.message_id, item.step)
            parking.tell(tx, about, outcome.reason, outcome.code)
    gone = {item.attempt_id: outcome.code for item, outcome in pairs if outcome.gone}
    await devices.retire(tx, gone, call.started_at)
    await _move_messages(tx, runtime, call, pairs)
    if refused_credentials(answer):
        await pause(tx, call.account_id, answer.outcomes[0].code)


def ruled(outcome: Outcome, in_doubt: bool = False) -> Outcome:
    """The table of reasons has the last word on trying again.

    What was certainly not taken, for a reason that time does not mend, is a refusal. In doubt it is
    none: an earlier request may have been taken, whatever is said of this one (rule R6).
    """
    if outcome.verdict is not Verdict.DEFERRED or in_doubt or policy(outcome.reason).retry:
        return outcome
    return replace(outcome, verdict=Verdict.REJECTED)


def refused_credentials(answer: Answer) -> bool:
    """Whether the provider does not accept the account's keys."""
    return any(outcome.reason == Reason.MISCONFIGURED for outcome in answer.outcomes)


async def _keep_provider_ids(tx: Tx, call: OpenCall, pairs: Sequence[tuple[Item, Outcome]]) -> None:
    """Evidence: kept even when the lease was lost, so that receipts find their attempt."""
    known = [(item, outcome.provider_id) for item, outcome in pairs if outcome.provider_id]
    await tx.sql.add_provider_refs(
        tx.conn, [(call.account_id, pid, i.message_id, i.attempt_id) for i, pid in known]
    )


async def _holds_fence(tx: Tx, call: OpenCall) -> bool:
    fence = await tx.session.scalar(
        select(Lot.fence).where(col(Lot.id) == call.lot_id).with_for_update()
    )
    return bool(fence == call.fence)


async def _still_sending(tx: Tx, call: OpenCall) -> set[UUID]:
    rows = await tx.session.exec(
        select(Attempt.id)
        .where(col(Attempt.call_id) == call.id, col(Attempt.status).in_(sources(Event.ACCEPTED)))
        .order_by(col(Attempt.message_id), col(Attempt.id))  # as receipts do: none wait crosswise
        .with_for_update()
    )
    return set(rows)


async def _requeue(
    tx: Tx, runtime: Runtime, call: OpenCall, again: Sequence[tuple[Item, Outcome]]
) -> Mapping[UUID, UUID]:
    """Lots for what was certainly not taken: the same rows and references, later (rule R2)."""
    if not again:
        return {}
    steps, places = runtime.settings.retry_steps_s, []
    for item, outcome in again:
        wait = steps[min(item.tries, len(steps) - 1)]
        if outcome.retry_after_s is not None:  # a provider may stretch a step, not abuse it
            wait = min(max(outcome.retry_after_s, wait), 2 * wait)
        places.append(
            Place(
                call.workspace_id,
                call.account_id,
                call.route.name,
                item.priority,
                tx.now + timedelta(seconds=wait),
            )
        )
    made = await lots.make(tx, places)
    return {item.attempt_id: lot for (item, _), lot in zip(again, made, strict=True)}


def _settled(
    now: datetime, call: OpenCall, item: Item, outcome: Outcome, lot_id: UUID | None
) -> tuple[Any, ...]:
    """(message, attempt, *SETTLED) of one outcome."""
    given_up = step_due(item.plan, item.step, item.started_at)
    status = after(AttemptStatus.SENDING, EVENTS[outcome.verdict])
    closes_at, tries, cost = None, item.tries, None
    due_at: datetime | None = None
    reason: str | None = outcome.reason
    if outcome.verdict is Verdict.ACCEPTED:
        cost = counters.price(call.account.prices, call.route.name)
        if call.route.receipts:
            closes_at = now + timedelta(seconds=call.route.receipt_window_s)
            until = item.plan.steps[item.step].until
            due_at = earliest(closes_at, given_up if until != Level.ACCEPTED else None)
    elif outcome.verdict is Verdict.DEFERRED:
        tries = item.tries + 1
        due_at = earliest(item.expires_at, given_up)
        reason = reason if lot_id else PARKED
        if item.in_doubt:  # this request was not taken; an earlier one still may have been
            reason = IN_DOUBT
            ttl = timedelta(seconds=call.route.idempotency.ttl_s)
            due_at = earliest(due_at, item.started_at + ttl)
    elif outcome.verdict is Verdict.UNKNOWN:
        closes_at = now + timedelta(seconds=call.route.receipt_window_s)
        due_at = now + timedelta(seconds=call.settle_s)  # rule R4: nothing leaves after the answer
    return (
        item.message_id,
        item.attempt_id,
        status,
        reason,
        outcome.code,
        outcome.provider_id,
        now,
        closes_at,
        due_at,
        lot_id,
        tries,
        cost,
    )


def _count(tx: Tx, call: OpenCall, pairs: Sequence[tuple[Item, Outcome]]) -> None:
    tries = counters.Tries(tx, call.workspace_id, call.account.mode, call.account.prices)
    for item, outcome in pairs:
        name, taken = call.route.name, outcome.verdict is Verdict.ACCEPTED
        # deferred and unknown are in no counter, as sending was
        tries.add(
            item.message_id,
            name,
            frozenset(),
            counters.of_attempt(outcome.verdict, outcome.reason),
            counters.price(call.account.prices, name) if taken else None,
        )


async def _move_messages(
    tx: Tx, runtime: Runtime, call: OpenCall, pairs: Sequence[tuple[Item, Outcome]]
) -> None:
    """A first step of one channel, accepted, in one statement; the rest through ``advance``."""
    plain, rest = [], []
    for item, outcome in pairs:
        first = item.plan.steps[0]
        # of several devices one may have got it before another's answer comes
        is_plain = item.step == 0 and len(first.channels) == 1 and call.route.name != "push"
        if is_plain and outcome.verdict is Verdict.ACCEPTED:
            closed = first.until == Level.ACCEPTED
            if closed:
                counters.close_sent(
                    tx, call.workspace_id, call.account.mode, item.message_id, item.campaign_id
                )
            plain.append(
                (item.message_id, MessageStatus.SENT, None, tx.now, tx.now if closed else None)
            )
        else:
            rest.append(item.message_id)
    await tx.sql.set_messages(tx.conn, plain)
    await advance(tx, runtime, rest)


async def pause(tx: Tx, account_id: UUID, code: str) -> None:
    """Stop an account whose credentials the provider refuses; its attempts stay queued."""
    query = select(ProviderAccount).where(
        col(ProviderAccount.id) == account_id, col(ProviderAccount.state) != "disabled"
    )
    fresh = query.with_for_update().execution_options(populate_existing=True)
    account = (await tx.session.exec(fresh)).first()
    if account is None:
        return
    reason = f"the provider refuses the account's credentials ({code})"
    if account.state != "paused":  # told once, not with every try
        tx.emit(account.workspace_id, "account.paused", account_id, reason=reason)
    account.state, account.paused_reason = "paused", reason
    account.paused_until = tx.now + timedelta(seconds=PAUSE_S)
