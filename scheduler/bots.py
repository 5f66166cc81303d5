"""Bots are asked here: one line of a thread at a time, in its order, with no transaction open.

A turn is leased before its bot is called. A process that dies on the way leaves the lease behind;
after it the bot is asked again, with the same ``webhook-id``, and only one answer is ever written.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.crash import crash_at
from app.db.models import Bot, BotTurn, Case, ChatMessage, Message, Template, Thread
from app.db.models.fields import now as clock
from app.guard import Guard
from app.ids import new_token
from app.log import logger
from app.sealing import Sealer, Unsealable
from app.services import bot_calls, bot_turns, bots, content, threads
from app.services.bot_calls import Notice, Question, Who
from app.services.bot_replies import BotFailed, Reply
from app.services.runtime import Runtime
from app.services.skills import Promise

AT_ONCE = 32  # bots asked at the same time
PER_BOT = 8  # of one bot: a slow one keeps nobody else's customers waiting
LEASE = timedelta(seconds=15)  # longer than a call may take
DRAIN_S = 10.0
WORDLESS = "(이모티콘)"  # a bot expects words
log = logger("bots")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A turn that is ours until its lease is over. ``late``: its promise was not kept."""

    turn: BotTurn
    token: str = field(repr=False)
    late: bool


class Bots:
    """Asks bots as their turns come."""

    def __init__(self, runtime: Runtime, guard: Guard) -> None:
        self.runtime, self.guard = runtime, guard
        self.stopping = False
        self._tasks: dict[asyncio.Task[None], UUID] = {}

    async def turn(self) -> bool:
        """Claim what is due and ask; True when something was claimed."""
        if self.stopping:
            return False
        claimed = await self._claim()
        for one in claimed:
            task = asyncio.create_task(self._serve(one))
            self._tasks[task] = one.turn.bot_id
            task.add_done_callback(partial(self._ended, one))
        return bool(claimed)

    async def settled(self) -> None:
        """Wait for everything under way."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def stop(self) -> None:
        """Claim nothing more and let what is under way end, at most for DRAIN_S."""
        self.stopping = True
        if self._tasks:
            _, late = await asyncio.wait(list(self._tasks), timeout=DRAIN_S)
            for task in late:
                task.cancel()

    def _ended(self, claimed: Claimed, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            # its lease runs out, then it is asked again
            log.error("turn broke", turn=str(claimed.turn.id), error=type(error).__name__)

    async def _is_due(self) -> bool:
        """A cheap look: most of the time there is nothing, and a writer's turn is worth more."""
        async with self.runtime.database.read() as session:
            due = select(BotTurn.id).where(col(BotTurn.due_at) <= clock()).limit(1)
            return (await session.exec(due)).first() is not None

    async def _claim(self) -> list[Claimed]:
        """Lease the oldest due turns that no earlier line of their thread holds back."""
        busy = Counter(self._tasks.values())
        room = AT_ONCE - len(self._tasks)
        if room <= 0 or not await self._is_due():
            return []
        full = [bot_id for bot_id, count in busy.items() if count >= PER_BOT]
        async with self.runtime.database.write() as tx:
            earlier = aliased(BotTurn)
            # a promised answer holds nobody back: who asks for a person meanwhile gets one
            before = select(earlier.id).where(
                col(earlier.thread_id) == col(BotTurn.thread_id),
                col(earlier.id) < col(BotTurn.id),
                col(earlier.state) == "waiting",
            )
            statement = (
                select(BotTurn)
                .where(
                    col(BotTurn.due_at) <= tx.now,
                    col(BotTurn.bot_id).not_in(full),
                    ~before.exists(),
                )
                .order_by(col(BotTurn.due_at), col(BotTurn.id))
                .limit(room)
                .with_for_update(skip_locked=True)
            )
            claimed = []
            for row in await tx.session.exec(statement):
                if busy[row.bot_id] < PER_BOT:
                    busy[row.bot_id] += 1
                    claimed.append(self._lease(row, tx.now + LEASE))
            await tx.session.flush()
        crash_at("B01")
        return claimed

    def _lease(self, row: BotTurn, until: datetime) -> Claimed:
        late, token = row.state == "promised", new_token()
        row.tries += 1
        row.due_at = until
        if not late:
            row.callback_hash = self.runtime.sealer.key_hash(token)
            row.callback_until = until - LEASE + bot_turns.CALLBACK
        return Claimed(row, token, late)

    async def _serve(self, claimed: Claimed) -> None:
        outcome = await self._ask(claimed)
        crash_at("B02")
        async with self.runtime.database.write() as tx:
            state = await bot_turns.settle(tx, self.runtime.sealer, claimed.turn, outcome)
        crash_at("B03")
        if state not in ("answered", "promised"):
            code = outcome.code if isinstance(outcome, BotFailed) else ""
            log.warning("bot turn", turn=str(claimed.turn.id), state=state, error=code)

    async def _ask(self, claimed: Claimed) -> Reply | Promise | BotFailed:
        if claimed.late:
            return BotFailed("silent", final=True)
        if claimed.turn.tries > bot_turns.MOST_TRIES:  # each try died on the way
            return BotFailed("lost", final=True)
        try:
            async with self.runtime.database.read() as session:
                question = await self._question(session, claimed)
            return await bot_calls.ask(self.guard, question)
        except BotFailed as failed:
            return failed
        except Unsealable:
            return BotFailed("unsealable", final=True)

    async def _question(self, session: AsyncSession, claimed: Claimed) -> Question:
        """Everything the bot is told. Raises BotFailed for a turn that needs no bot, Unsealable."""
        turn, sealer = claimed.turn, self.runtime.sealer
        case = await session.get_one(Case, turn.case_id)
        bot = await session.get(Bot, turn.bot_id)
        if case.state != "bot" or case.epoch != turn.epoch:  # a person has it: nothing is told
            raise BotFailed("stale", final=True)
        if bot is None or bot.state != "active" or bot.workspace_id != turn.workspace_id:
            raise BotFailed("off", final=True)
        message = await session.get_one(ChatMessage, turn.chat_message_id)
        thread = await session.get_one(Thread, turn.thread_id)
        return Question(
            id=str(turn.id),
            who=who(sealer, bot, thread),
            text=str(threads.opened_line(sealer, message)["text"]) or WORDLESS,
            at=message.created_at,
            memory=bot_turns.recall(sealer, case, bot.id),
            pressed=message.author_kind == "system",
            notice=await _notice(session, sealer, case),
            menu=case.menu,
            callback_url=f"{self.runtime.settings.public}/callbacks/bot/{claimed.token}",
            last=turn.tries >= bot_turns.MOST_TRIES,
        )


def who(sealer: Sealer, bot: Bot, thread: Thread) -> Who:
    """The bot, with keys of the customer that only it gets. Raises Unsealable."""
    url, secret = bots.reach(sealer, bot)
    return Who(
        id=str(bot.id),
        name=bot.name,
        kind=bot.kind,
        rules=bot.rules,
        url=url,
        secret=secret,
        user=sealer.key_hash(f"bot-user|{bot.id}|{thread.id}").hex(),
        channel_user=sealer.key_hash(f"bot-channel|{bot.id}|{thread.sender_id}|{thread.id}").hex(),
    )


async def _notice(session: AsyncSession, sealer: Sealer, case: Case) -> Notice | None:
    """The notice the case is about; without its values when their key is gone."""
    if case.notice_id is None:
        return None
    statement = (
        select(Message, Template.code)
        .join(Template, col(Template.id) == col(Message.template_id))
        .where(
            col(Message.id) == case.notice_id,
            col(Message.workspace_id) == case.workspace_id,
            col(Template.workspace_id) == case.workspace_id,
        )
    )
    row = (await session.exec(statement)).first()
    if row is None:
        return None
    message, code = row
    values: dict[str, str] = {}
    try:
        opened = sealer.open(content.TABLE, message.workspace_id, message.id, message.sealed)
        values = {str(k): str(v) for k, v in opened["variables"].items()}
    except (Unsealable, KeyError, AttributeError):
        pass
    return Notice(code, message.reference or "", values)
