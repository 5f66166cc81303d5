"""After a restore from a backup: what was open then may have left since, so providers are asked.

Nothing but the provider's word decides. Later steps of such messages are dropped unless the
operator says that both may arrive: their attempts, made after the backup, are not in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from sqlalchemy import and_, delete, func, update
from sqlmodel import col, select

from app.db.models import (
    Attempt,
    Call,
    Campaign,
    ChatMessage,
    Installation,
    Lot,
    Message,
    ProviderAccount,
    Worker,
)
from app.db.session import Tx
from app.errors import Refused
from app.services import accounts, campaigns
from app.services.delivery import advance, read_plan
from app.services.runtime import Runtime
from app.services.states import AttemptStatus
from app.services.transitions import Event, after, may
from channels import registry
from channels.vocabulary import Reason
from templates import plan as plans

BEAT_S = 15.0  # a scheduler that lives has shown it within this
RESTORED = "the database was restored from a backup"  # why a campaign paused
BATCH = 500  # messages looked at in one transaction


@dataclass
class Restored:
    """What was done, in numbers: messages, lines of staff in chats, campaigns that paused."""

    epoch: int
    in_doubt: int = 0
    steps_dropped: int = 0
    lines: int = 0
    campaigns: int = 0


@dataclass(frozen=True)
class _Waits:
    """How long each account's requests may still be on their way (rule R4), by route."""

    settle_s: Mapping[tuple[UUID, str], float] = field(default_factory=dict)

    def ask_at(self, now: datetime, attempt: Attempt) -> datetime:
        seconds = self.settle_s.get((attempt.account_id, attempt.route), 120.0)
        return now + timedelta(seconds=seconds)


async def restored(runtime: Runtime, *, both_may_arrive: bool = False) -> Restored:
    """Doubt everything that may have left since the backup; may be killed and run again.

    No scheduler may run. Raises Refused ``scheduler_running``.
    """
    async with runtime.database.write() as tx:
        await _check_nobody_works(tx)
        done = Restored(await _raise_epoch(tx))
        await _close_lots(tx)
        done.lines = await _doubt_lines(tx)
        done.campaigns = await _halt_campaigns(tx)
        waits = await _waits(tx)
    place: UUID | None = UUID(int=0)
    while place is not None:
        async with runtime.database.write() as tx:
            place = await _doubt(tx, runtime, waits, place, done, both=both_may_arrive)
    return done


async def _check_nobody_works(tx: Tx) -> None:
    beat: datetime | None = (await tx.session.exec(select(func.max(Worker.beat_at)))).one()
    age_s = BEAT_S if beat is None else (tx.now - beat).total_seconds()
    if 0 <= age_s < BEAT_S:
        raise Refused(
            "scheduler_running",
            f"A scheduler showed {age_s:.0f} s ago that it lives. Stop Naru first; if none runs "
            f"(the backup is that young), wait {BEAT_S:.0f} s and repeat.",
        )
    await tx.session.exec(delete(Worker))


async def _raise_epoch(tx: Tx) -> int:
    row = await tx.session.get(Installation, 1) or Installation(id=1)
    row.epoch, row.restored_at = row.epoch + 1, tx.now
    tx.session.add(row)
    await tx.session.flush()
    return row.epoch


async def _close_lots(tx: Tx) -> None:
    """Only what waits for a time that is still ahead cannot have left."""
    ahead = and_(col(Lot.state) == "waiting", col(Lot.due_at) > tx.now)
    await tx.session.exec(
        update(Lot)
        .where(col(Lot.state) != "done", ~ahead)
        .values(state="done", fence=col(Lot.fence) + 1, lease_until=None, worker_id=None)
    )
    await tx.session.exec(update(Call).where(col(Call.ended_at).is_(None)).values(ended_at=tx.now))


async def _doubt_lines(tx: Tx) -> int:
    """Lines of staff in chats: nobody can be asked about them, so none is sent by itself (R8)."""
    result = await tx.session.exec(
        update(ChatMessage)
        .where(col(ChatMessage.status).in_(("queued", "sending")))
        .values(status="unknown", reason=Reason.NO_ANSWER.value, due_at=None)
    )
    return int(result.rowcount)


async def _halt_campaigns(tx: Tx) -> int:
    """Their next rows may have become messages since: a person compares before they go on."""
    running = await tx.session.exec(select(Campaign).where(col(Campaign.state) == "running"))
    found = list(running)
    for campaign in found:
        campaigns.halt(tx, campaign, RESTORED)
    return len(found)


async def _waits(tx: Tx) -> _Waits:
    found = await tx.session.exec(select(ProviderAccount))
    return _Waits(
        {
            (account.id, name): accounts.route_limits(account, route)[2]
            for account in found
            if account.adapter in registry.PROVIDERS
            for name, route in registry.PROVIDERS[account.adapter].routes.items()
        }
    )


async def _doubt(
    tx: Tx, runtime: Runtime, waits: _Waits, place: UUID, done: Restored, *, both: bool
) -> UUID | None:
    """The next open messages after ``place``; where to go on, None at the end."""
    rows = await tx.session.exec(
        select(Message)
        .where(col(Message.closed_at).is_(None), col(Message.id) > place)
        .order_by(col(Message.id))
        .limit(BATCH)
    )
    messages = list(rows)
    if not messages:
        return None
    ids = [message.id for message in messages]
    open_ = await _may_have_left(tx, ids)
    for message in messages:
        mine = open_.get(message.id, [])
        if not mine:
            continue
        doubted = [attempt for attempt in mine if may(attempt.status, Event.RESTORED)]
        for attempt in doubted:
            _unknown(tx, attempt, waits.ask_at(tx.now, attempt))
        done.in_doubt += bool(doubted)
        done.steps_dropped += not both and _drop_steps(tx, message, mine)
    await tx.session.flush()
    await advance(tx, runtime, open_)
    return ids[-1]


async def _may_have_left(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, list[Attempt]]:
    """Open attempts by message, without those whose lot waits for a time ahead."""
    kept = select(Lot.id).where(col(Lot.state) == "waiting")
    rows = await tx.session.exec(
        select(Attempt)
        .where(
            col(Attempt.message_id).in_(ids),
            col(Attempt.status).in_(
                (
                    AttemptStatus.QUEUED,
                    AttemptStatus.SENDING,
                    AttemptStatus.UNKNOWN,
                    AttemptStatus.ACCEPTED,
                )
            ),
            ~and_(
                col(Attempt.status) == AttemptStatus.QUEUED,
                col(Attempt.lot_id).is_not(None),
                col(Attempt.lot_id).in_(kept),
            ),
        )
        .with_for_update()
    )
    found: dict[UUID, list[Attempt]] = {}
    for attempt in rows:
        found.setdefault(attempt.message_id, []).append(attempt)
    return found


def _unknown(tx: Tx, attempt: Attempt, ask_at: datetime) -> None:
    attempt.status, attempt.reason = after(attempt.status, Event.RESTORED), Reason.NO_ANSWER
    # a later call of it may not be in the backup: it is looked up by its own reference
    attempt.call_id, attempt.settled_at, attempt.due_at = None, tx.now, ask_at
    tx.emit(
        attempt.workspace_id,
        "attempt.unknown",
        attempt.message_id,
        step=attempt.step,
        route=attempt.route,
        reason=Reason.NO_ANSWER,
        restored=True,
    )


def _drop_steps(tx: Tx, message: Message, mine: Sequence[Attempt]) -> bool:
    """Steps that may have begun after the backup do not begin again (rule R7)."""
    plan = read_plan(message.plan)
    last = max(attempt.step for attempt in mine)
    if last + 1 >= len(plan.steps):
        return False
    kept = plans.Plan(plan.steps[: last + 1])
    message.plan = orjson.dumps(plans.dump(kept)).decode()
    dropped = len(plan.steps) - len(kept.steps)
    tx.emit(message.workspace_id, "message.steps_dropped", message.id, steps=dropped)
    return True
