"""Accept: messages become durable before the caller hears 202.

Group commit without a timer: what gathered while the last commit ran goes into the next one.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from app.crash import crash_at
from app.db.models import Message
from app.db.outages import is_outage
from app.db.session import Tx
from app.errors import GatewayError, Unavailable
from app.sealing import Unsealable
from app.services import counters, idempotency, lots, room
from app.services.idempotency import Asked, Keyed
from app.services.messages import MESSAGE_COLUMNS, TOKEN_COLUMNS, Prepared
from app.services.runtime import Runtime

LARGEST = 1_000
MODE = MESSAGE_COLUMNS.index("mode")


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the caller hears; ``replayed`` when an earlier call with the same key made it."""

    response: dict[str, Any]
    replayed: bool = False


Group = list[tuple[Prepared, asyncio.Future[Accepted]]]


class Acceptor:
    """Gathers prepared messages of all requests of the process and commits them together."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._waiting: Group = []
        self._flushing: asyncio.Task[None] | None = None

    async def accept(self, prepared: Prepared) -> Accepted:
        """Store one message; returns after the commit.

        Raises Invalid ``idempotency_key_reused``, Refused ``idempotency_key_in_use`` and
        Unavailable ``store_unavailable``, ``disk_low``.
        """
        room.check(self._runtime)
        future: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._waiting.append((prepared, future))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush_all())
        return await future

    async def accept_once(self, asked: Asked, preparing: Awaitable[Prepared]) -> Accepted:
        """Prepare and accept. What may not be accepted now, but was once, hears its first answer.

        Raises what preparing raises, and as :meth:`accept`.
        """
        try:
            prepared = await preparing
        except GatewayError:
            first = await idempotency.heard_before(self._runtime, asked)
            if first is None:
                raise
            return Accepted(first, replayed=True)
        return await self.accept(prepared)

    async def close(self) -> None:
        """Finish what has gathered."""
        if self._flushing is not None:
            await self._flushing

    async def _flush_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:LARGEST], self._waiting[LARGEST:]
            await self._flush(group)

    async def _flush(self, group: Group) -> None:
        """Every future ends here, whatever happens: a caller must not wait for ever."""
        try:
            await self._try(group)
        finally:
            for _, future in group:
                if not future.done():
                    future.set_exception(unavailable("internal"))

    async def _try(self, group: Group) -> None:
        try:
            stored = await self._store([prepared for prepared, _ in group])
        except SQLAlchemyError as error:
            await self._not_stored(group, error)
            return
        crash_at("K02")
        for prepared, future in group:
            if prepared.message_id in stored and not future.done():
                future.set_result(Accepted(prepared.response))
        for prepared, future in group:  # only now: what is stored must not wait for reading
            if not future.done():
                await self._replay(prepared, future)

    async def _not_stored(self, group: Group, error: SQLAlchemyError) -> None:
        """A commit whose answer was lost may have happened: what is there was accepted.

        An outage is told to all at once; else one bad apple must not spoil the group.
        """
        what = unavailable(type(error).__name__)
        try:
            there = await stored_of(self._runtime, [prepared.message_id for prepared, _ in group])
        except SQLAlchemyError:
            there = set()
        for prepared, future in group:
            if prepared.message_id in there and not future.done():
                future.set_result(Accepted(prepared.response))
        rest = [one for one in group if one[0].message_id not in there]
        if len(group) > 1 and not is_outage(error):
            for one in rest:
                await self._flush([one])
        for _, future in rest:
            _fail(future, what)

    async def _replay(self, prepared: Prepared, future: asyncio.Future[Accepted]) -> None:
        try:
            answer = await idempotency.earlier(self._runtime, _keyed(prepared))
        except GatewayError as refusal:
            _fail(future, refusal)
        except (SQLAlchemyError, Unsealable) as error:
            _fail(future, unavailable(type(error).__name__))
        else:
            if not future.done():
                future.set_result(Accepted(answer, replayed=True))

    async def _store(self, group: Sequence[Prepared]) -> set[UUID]:
        """Commit what is new; the ids of it."""

        async def write(tx: Tx) -> set[UUID]:
            keyed = [_keyed(p) for p in group if p.key is not None]
            won = await idempotency.take(tx, self._runtime, keyed) if keyed else set()
            new = [p for p in group if p.key is None or p.message_id in won]
            if new:
                await store(tx, new)
            crash_at("K01")
            return {prepared.message_id for prepared in new}

        return await self._runtime.database.transact(write)


def _fail(future: asyncio.Future[Accepted], error: GatewayError) -> None:
    """Tell the caller, unless it has gone away meanwhile."""
    if not future.done():
        future.set_exception(error)


def _keyed(prepared: Prepared) -> Keyed:
    return Keyed(
        workspace_id=prepared.workspace_id,
        endpoint=prepared.endpoint,
        key=prepared.key or "",
        digest=prepared.digest,
        subject_id=prepared.message_id,
        response=prepared.response,
    )


async def store(tx: Tx, group: Sequence[Prepared]) -> None:
    """Insert messages, their first attempts, lots, reply tokens, events and counters."""
    await tx.sql.insert(tx.conn, "message", MESSAGE_COLUMNS, [p.message for p in group])
    await lots.queue(tx, [attempt for p in group for attempt in p.attempts])
    tokens = [row for p in group for row in p.tokens]
    if tokens:
        await tx.sql.insert(tx.conn, "reply_token", TOKEN_COLUMNS, tokens)
    for p in group:
        tx.emit(p.workspace_id, "message.accepted", p.message_id, template=p.response["template"])
        if step := p.attempts[0].step:  # nobody could be reached by the steps before
            tx.emit(p.workspace_id, "message.no_device", p.message_id, step=step)
        counters.accept(tx, p.workspace_id, p.message[MODE], p.message_id)


async def stored_of(runtime: Runtime, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these messages are stored."""
    async with runtime.database.read() as session:
        return set(await session.exec(select(Message.id).where(col(Message.id).in_(ids))))


def unavailable(what: str) -> Unavailable:
    """What a caller hears when the store did not keep its request."""
    return Unavailable(
        "store_unavailable",
        f"Whether the message was stored is not sure ({what}). Repeat the request with the same "
        "Idempotency-Key: it is accepted once, whatever happened here.",
        retry_after_s=1,
    )
