"""Batches: up to 10,000 people, one template, one transaction; all of them or none."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from app.db.session import Tx
from app.errors import GatewayError, Invalid
from app.ids import new_id
from app.services import idempotency, room
from app.services.accept import Accepted, store, stored_of, unavailable
from app.services.callers import Caller
from app.services.catalogue import Catalogue
from app.services.idempotency import Asked, Keyed
from app.services.messages import NewMessage, Prepared, prepare
from app.services.runtime import Runtime

ENDPOINT = "POST /v1/messages/batch"
LARGEST = 10_000
SLICE = 100  # messages rendered before other requests get their turn
TOLD = 100  # mistakes named in one answer
SHARED = (
    "template",
    "plan",
    "contacts",
    "send_at",
    "expires_at",
    "send_window",
    "priority",
)  # said once for the batch


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with one message of the batch; ``index`` counts from 0."""

    index: int
    error: GatewayError

    def shown(self) -> dict[str, Any]:
        """As the answer names it."""
        return {
            "index": self.index,
            "code": self.error.code,
            "field": self.error.field,
            "detail": self.error.detail,
        }


async def accept(
    runtime: Runtime,
    catalogue: Catalogue,
    caller: Caller,
    messages: Sequence[NewMessage],
    now: datetime,
    key: str | None = None,
) -> Accepted:
    """Check all, then store all in one transaction.

    Raises Invalid ``batch_refused`` naming every message at fault (nothing is stored), the errors
    of idempotency keys, and Unavailable.
    """
    digest = hashlib.sha256(b"".join(message.digest() for message in messages)).digest()
    asked = Asked(caller.workspace_id, ENDPOINT, key, digest)
    try:
        room.check(runtime)
        prepared = await _prepare(runtime, catalogue, caller, messages, now)
    except GatewayError:
        first = await idempotency.heard_before(runtime, asked)
        if first is None:
            raise
        return Accepted(first, replayed=True)
    response = {
        "ids": [str(one.message_id) for one in prepared],
        "accepted": len(prepared),
        "simulated": caller.simulated,
    }
    keyed = None
    if key is not None:
        keyed = Keyed(caller.workspace_id, ENDPOINT, key, digest, new_id(), response)
    try:
        stored = await _store(runtime, prepared, keyed)
    except SQLAlchemyError as error:
        if not await _happened(runtime, prepared):
            raise unavailable(type(error).__name__) from None
        stored = True
    if not stored and keyed is not None:
        return Accepted(await idempotency.earlier(runtime, keyed), replayed=True)
    return Accepted(response)


async def _store(runtime: Runtime, prepared: Sequence[Prepared], keyed: Keyed | None) -> bool:
    async def write(tx: Tx) -> bool:
        if keyed is not None and not await idempotency.take(tx, runtime, [keyed]):
            return False
        await store(tx, prepared)
        return True

    return await runtime.database.transact(write)


async def _happened(runtime: Runtime, prepared: Sequence[Prepared]) -> bool:
    """Whether a commit whose answer was lost stored them: all are there, or none."""
    try:
        return bool(await stored_of(runtime, [one.message_id for one in prepared[:1]]))
    except SQLAlchemyError:
        return False


async def _prepare(
    runtime: Runtime,
    catalogue: Catalogue,
    caller: Caller,
    messages: Sequence[NewMessage],
    now: datetime,
) -> list[Prepared]:
    prepared: list[Prepared] = []
    mistakes: list[Mistake] = []
    for index, message in enumerate(messages):
        if index % SLICE == SLICE - 1:
            await asyncio.sleep(0)
        try:
            prepared.append(await prepare(runtime, catalogue, caller, message, now))
        except GatewayError as error:
            if not isinstance(error, Invalid) or (error.field or "").startswith(SHARED):
                raise  # wrong for all of them
            mistakes.append(Mistake(index, error))
    if mistakes:
        raise _refused(len(messages), mistakes)
    return prepared


def _refused(count: int, mistakes: Sequence[Mistake]) -> Invalid:
    first = mistakes[0]
    return Invalid(
        "batch_refused",
        f"{len(mistakes)} of {count} messages are wrong, so none was accepted. "
        f"The first is messages[{first.index}]: {first.error.detail}",
        field=f"messages[{first.index}].{first.error.field or ''}".rstrip("."),
        data={"refused": len(mistakes), "messages": [m.shown() for m in mistakes[:TOLD]]},
    )
