"""Turns of bots: one line of a customer that a bot must answer, written with the line itself.

A bot's answer is written under the thread's lock and only while the case is still the bot's: its
epoch is the one the customer wrote in. A person who takes over raises it, so they always win.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select

from app.db.models import Bot, BotTurn, Case, ChatMessage, ChatSession, Thread
from app.db.session import Tx
from app.sealing import Sealer, Unsealable
from app.services import bot_replies, cases, consultations, threads
from app.services.bot_replies import NOTHING, BotFailed, Memory, Reply, Say
from app.services.skills import Promise
from app.services.threads import Line

MEMORY = "case_bot"  # what a memory's blob is bound to
READABLE = ("text", "emoticon", "link")
OPEN = ("waiting", "promised")
WAITS_S = (1.0, 4.0)  # after the first, second failure
MOST_TRIES = len(WAITS_S) + 1
PATIENCE = timedelta(seconds=60)  # a failing bot is not asked again after it
CALLBACK = timedelta(seconds=60)
REASONS = {"silent": "bot_silent", "off": "bot_off"}  # of a hand-over; else bot_failed
SORRY = "지금 바로 답하지 못해서 상담원에게 연결할게요. 잠시만 기다려 주세요."


@dataclass(frozen=True, slots=True)
class Speaking:
    """A turn whose answer may be written now: everything it touches is held."""

    thread: Thread
    case: Case
    session: ChatSession
    turn: BotTurn


async def ask(tx: Tx, thread: Thread, case: Case, message: ChatMessage) -> None:
    """The customer wrote while a bot owns the case: it must answer. The caller holds the thread.

    What a bot cannot read (pictures, files) goes to a person at once.
    """
    if message.kind not in READABLE:
        cases.hand_off(tx, case, tx.now, "not_text")
    elif case.owner_id is None:
        cases.hand_off(tx, case, tx.now, "bot_off")
    else:
        _add(tx, thread, case, message, case.owner_id)


async def greet(tx: Tx, thread: Thread, case: Case, message: ChatMessage) -> None:
    """The customer pressed a notice's button: the bot begins, unless it has been asked already."""
    asked = select(BotTurn.id).where(
        col(BotTurn.case_id) == case.id,
        col(BotTurn.workspace_id) == case.workspace_id,
        col(BotTurn.epoch) == case.epoch,
    )
    await tx.session.flush()
    if case.owner_id is not None and (await tx.session.exec(asked.limit(1))).first() is None:
        _add(tx, thread, case, message, case.owner_id)


def _add(tx: Tx, thread: Thread, case: Case, message: ChatMessage, bot_id: UUID) -> None:
    turn = BotTurn(
        workspace_id=thread.workspace_id,
        bot_id=bot_id,
        thread_id=thread.id,
        case_id=case.id,
        chat_message_id=message.id,
        epoch=case.epoch,
        due_at=tx.now,
        created_at=tx.now,
    )
    tx.session.add(turn)
    tx.wake = True


def recall(sealer: Sealer, case: Case, bot_id: UUID) -> Memory:
    """What the bot remembers of the case; nothing when it is another's, or its key is gone."""
    if case.bot_sealed is None:
        return Memory(bot=str(bot_id))
    try:
        opened = sealer.open(MEMORY, case.workspace_id, case.id, case.bot_sealed)
        memory = Memory.model_validate(opened)
    except (Unsealable, ValueError):
        memory = NOTHING
    return memory if memory.bot == str(bot_id) else Memory(bot=str(bot_id))


async def settle(
    tx: Tx, sealer: Sealer, turn: BotTurn, outcome: Reply | Promise | BotFailed
) -> str:
    """Write what became of a turn that was claimed as ``turn``; its state, or ``late``.

    Late: another worker or a callback was faster, nothing is written.
    """
    thread = await threads.lock(tx, turn.workspace_id, turn.thread_id)
    row = await locked(tx, turn)
    if row is None or row.state not in OPEN or row.tries != turn.tries:
        return "late"
    case = await case_of(tx, row)
    if case.state != "bot" or case.epoch != row.epoch or case.owner_id != row.bot_id:
        return _refuse(tx, row, "stale_epoch")
    session = await threads.open_session(tx, thread, tx.now)
    if session is None:
        return _refuse(tx, row, "no_chat_session")
    if isinstance(outcome, Reply):
        await _answer(tx, sealer, Speaking(thread, case, session, row), outcome)
    elif isinstance(outcome, Promise):
        await _promise(tx, sealer, Speaking(thread, case, session, row), outcome)
    else:
        await _fail(tx, sealer, Speaking(thread, case, session, row), outcome)
    return row.state


async def locked(tx: Tx, turn: BotTurn) -> BotTurn | None:
    """The turn's row as it is now, held until the commit."""
    statement = (
        select(BotTurn)
        .where(col(BotTurn.id) == turn.id, col(BotTurn.workspace_id) == turn.workspace_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await tx.session.exec(statement)).first()


async def case_of(tx: Tx, turn: BotTurn) -> Case:
    """The case of a turn as it is now; the caller holds the thread."""
    statement = (
        select(Case)
        .where(col(Case.id) == turn.case_id, col(Case.workspace_id) == turn.workspace_id)
        .execution_options(populate_existing=True)
    )
    return (await tx.session.exec(statement)).one()


def _refuse(tx: Tx, row: BotTurn, why: str) -> str:
    """The answer of a bot that may not speak any more is never sent."""
    row.state, row.due_at, row.error = "refused", None, why
    _tell(tx, row, reason=why)
    return row.state


async def _answer(tx: Tx, sealer: Sealer, to: Speaking, reply: Reply) -> None:
    name = await _name(tx, to.turn)
    for number, say in enumerate(reply.says):
        _say(tx, sealer, to, say, name, f"bot:{to.turn.id}:{number}")
    to.turn.state, to.turn.due_at, to.turn.error = "answered", None, ""
    to.case.waiting_since = None
    if reply.hand_off:
        to.case.bot_sealed = None
        cases.hand_off(tx, to.case, tx.now, reply.hand_off)
    else:
        known = recall(sealer, to.case, to.turn.bot_id)  # a callback may have come meanwhile
        contexts = bot_replies.after(known.contexts, reply.contexts)
        memory = reply.memory.model_copy(update={"contexts": contexts})
        to.case.bot_sealed = sealer.seal(
            MEMORY, to.case.workspace_id, to.case.id, memory.model_dump(mode="json")
        )
    _tell(tx, to.turn, lines=len(reply.says), notes=len(reply.notes))


async def _promise(tx: Tx, sealer: Sealer, to: Speaking, promise: Promise) -> None:
    """The answer will come to the callback; when it does not, a person answers."""
    to.turn.state, to.turn.error = "promised", ""
    to.turn.due_at = to.turn.callback_until
    if promise.text:
        name = await _name(tx, to.turn)
        _say(tx, sealer, to, Say(promise.text), name, f"bot:{to.turn.id}:w")
    _tell(tx, to.turn)


async def _fail(tx: Tx, sealer: Sealer, to: Speaking, failure: BotFailed) -> None:
    row = to.turn
    row.error = failure.code
    tired = tx.now - row.created_at > PATIENCE
    if not (failure.final or tired or row.tries >= MOST_TRIES):
        row.state, row.due_at = "waiting", tx.now + timedelta(seconds=WAITS_S[row.tries - 1])
        return
    row.state, row.due_at = "failed", None
    _tell(tx, row, reason=failure.code)
    reason = REASONS.get(failure.code, "bot_failed")
    await _say_sorry(tx, sealer, to)
    to.case.bot_sealed = None
    cases.hand_off(tx, to.case, tx.now, reason)


async def _say_sorry(tx: Tx, sealer: Sealer, to: Speaking) -> None:
    """Once per case."""
    key = f"auto:bot_failed:{to.case.id}"
    said = select(ChatMessage.id).where(
        col(ChatMessage.workspace_id) == to.thread.workspace_id,
        col(ChatMessage.thread_id) == to.thread.id,
        col(ChatMessage.client_key) == key,
    )
    if (await tx.session.exec(said)).first() is None:
        _say(tx, sealer, to, Say(SORRY), "", key, author_kind="system")


def _say(  # noqa: PLR0913 - what one line is
    tx: Tx,
    sealer: Sealer,
    to: Speaking,
    say: Say,
    author: str,
    key: str,
    *,
    author_kind: str = "bot",
) -> None:
    line = Line(author_kind, "text", say.text, author, content=say.content)
    message = threads.add_line(tx, sealer, to.thread, line)
    message.case_id, message.chat_session_id = to.case.id, to.session.id
    message.client_key, message.status, message.due_at = key, "queued", tx.now
    to.thread.last_out_at = tx.now
    consultations.tell(tx, message)
    tx.wake = True


async def _name(tx: Tx, turn: BotTurn) -> str:
    statement = select(Bot.name).where(
        col(Bot.id) == turn.bot_id, col(Bot.workspace_id) == turn.workspace_id
    )
    return (await tx.session.exec(statement)).first() or ""


def _tell(tx: Tx, turn: BotTurn, **more: object) -> None:
    """Record where a turn stands; nothing personal."""
    tx.emit(
        turn.workspace_id,
        f"bot.{turn.state}",
        turn.thread_id,
        turn_id=str(turn.id),
        bot_id=str(turn.bot_id),
        case_id=str(turn.case_id),
        tries=turn.tries,
        **more,
    )
