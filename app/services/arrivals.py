"""What a customer's coming does to the work: which case it is, and who has it now."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, text

from app.db.models import Bot, Case, ProviderAccount, Thread
from app.db.session import Tx
from app.db.types import Id
from app.services import case_clocks, cases, consult_channels

NEXT_NUMBER = text(
    "INSERT INTO workspace_counter (workspace_id, last_event, last_case) VALUES (:workspace, 0, 1) "
    "ON CONFLICT (workspace_id) DO UPDATE SET last_case = workspace_counter.last_case + 1 "
    "RETURNING last_case"
).bindparams(bindparam("workspace", type_=Id()))


async def wake(tx: Tx, thread: Thread, at: datetime) -> Case:
    """The customer did something: the case that must be looked at now.

    An open case stays with its owner, or waits for anybody when that one is away; a resolved one
    comes back within the channel's time; else a new one begins, with the channel's bot if it has
    one. What a blocked customer writes is nobody's work. The caller holds the thread.
    """
    return await wake_from(tx, thread, await cases.newest(tx, thread), at)


async def wake_from(tx: Tx, thread: Thread, case: Case | None, at: datetime) -> Case:
    """As :func:`wake`, from the thread's newest case."""
    if thread.blocked_at is not None and (case is None or case.state == "resolved"):
        return await _unheard(tx, thread, case, at)
    if case is None:
        return await _begin(tx, thread, at)
    if case.state == "resolved":
        if await _is_past(tx, thread, case, at):
            return await _begin(tx, thread, at)
        await _come_back(tx, thread, case, at)
        return case
    before = (case.state, case.epoch)
    if case.state in ("waiting", "snoozed"):
        await cases.to_owner(tx, case)
    if case.state != "bot":  # a bot's time is nobody's waiting
        case.waiting_since = case.waiting_since or at
    if (case.state, case.epoch) != before:
        cases.tell(tx, case)
    return case


async def _unheard(tx: Tx, thread: Thread, case: Case | None, at: datetime) -> Case:
    """The case of what a blocked customer writes: kept, and resolved from the beginning."""
    if case is not None and case.resolve_reason == cases.BLOCKED:
        return case
    born = await _begin(tx, thread, at)
    cases.close(tx, born, at, cases.BLOCKED)
    return born


async def _is_past(tx: Tx, thread: Thread, case: Case, at: datetime) -> bool:
    channel = await consult_channels.of(tx.session, thread)
    if case.resolved_at is None or channel.reopen_h <= 0:
        return True
    return at - case.resolved_at > timedelta(hours=channel.reopen_h)


async def _come_back(tx: Tx, thread: Thread, case: Case, at: datetime) -> None:
    """A resolved case is open again: with the bot if only a bot ever had it, else queued."""
    bot = None
    if case.handed_at is None and case.first_human_reply_at is None:
        bot = await consult_channels.bot_of(
            tx.session, await consult_channels.of(tx.session, thread)
        )
    cases.open_again(tx, case, at)
    case.epoch += 1
    if bot is not None:
        _give_to_bot(case, bot)
    else:
        case_clocks.hand_over(tx, case, at)
    cases.tell(tx, case)


async def _begin(tx: Tx, thread: Thread, at: datetime) -> Case:
    number = (await tx.conn.execute(NEXT_NUMBER, {"workspace": thread.workspace_id})).scalar_one()
    account = await tx.session.get_one(ProviderAccount, thread.account_id)
    channel = await consult_channels.of(tx.session, thread)
    bot = await consult_channels.bot_of(tx.session, channel)
    case = Case(
        workspace_id=thread.workspace_id,
        thread_id=thread.id,
        number=number,
        mode=account.mode,
        created_at=tx.now,
    )
    case_clocks.count(tx, case, "opened")
    if bot is not None:
        _give_to_bot(case, bot)
    else:
        case.waiting_since = at
        case_clocks.hand_over(tx, case, at)
    tx.session.add(case)
    await tx.session.flush()
    cases.tell(tx, case, kind="case.opened")
    return case


def _give_to_bot(case: Case, bot: Bot) -> None:
    case.state, case.owner_kind, case.owner, case.owner_id = "bot", "bot", bot.name, bot.id
    case.waiting_since = None
