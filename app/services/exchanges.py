"""What went to and fro between us and providers for one message, as an operator may see it.

An answer of a provider speaks of every message of its call. Credentials are taken out, and phone
numbers are masked: other people's are among them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Attempt, Call, Message, ProviderAccount, Sender
from app.errors import NotFound
from app.sealing import Unsealable
from app.services import accounts, numbers
from app.services.runtime import Runtime

LONGEST = 20_000  # characters that are shown of an answer
HIDDEN = "••••••••"
SHORTEST = 4  # a credential's value shorter than this would be found everywhere
NUMBER = re.compile(r"(?<!\d)(?:\+?82[- ]?)?(01[016789]|1[016789])[- ]?\d{3,4}[- ]?(\d{4})(?!\d)")
SECRET = re.compile(r"secret|token|password|authorization|api.?key|signature", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt with its account, its sender, and the call that carried it."""

    attempt: Attempt
    account: ProviderAccount
    sender: Sender | None
    call: Call | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call's answer. ``text`` is None when its key is gone, empty while none came."""

    call: Call
    text: str | None = field(repr=False)
    is_cut: bool = False


async def tried(session: AsyncSession, message: Message) -> list[Tried]:
    """Every attempt of a message, in the order of its plan."""
    rows = await session.exec(
        select(Attempt, ProviderAccount, Sender, Call)
        .join(ProviderAccount, col(ProviderAccount.id) == col(Attempt.account_id))
        .outerjoin(Sender, col(Sender.id) == col(Attempt.sender_id))
        .outerjoin(Call, col(Call.id) == col(Attempt.call_id))
        .where(
            col(Attempt.message_id) == message.id,
            col(Attempt.workspace_id) == message.workspace_id,
        )
        .order_by(col(Attempt.step), col(Attempt.branch), col(Attempt.n))
    )
    return [Tried(*row) for row in rows]


async def read(
    session: AsyncSession, runtime: Runtime, message: Message, call_id: UUID
) -> Exchange:
    """What a provider answered to one call of a message. Raises NotFound ``unknown_call``."""
    for one in await tried(session, message):
        if one.call is not None and one.call.id == call_id:
            return _opened(runtime, one.account, one.call)
    raise NotFound("unknown_call", "No call of this message has this id.")


def _opened(runtime: Runtime, account: ProviderAccount, call: Call) -> Exchange:
    if call.raw_sealed is None:
        return Exchange(call, "")
    try:
        raw = runtime.sealer.open("call", call.workspace_id, call.id, call.raw_sealed)
        given: Mapping[str, str] = accounts.credentials(runtime, account)
    except (Unsealable, KeyError):
        return Exchange(call, None)
    text = masked(str(raw), list(given.values()))
    return Exchange(call, text[:LONGEST], len(text) > LONGEST)


def masked(raw: str, secrets: Sequence[str]) -> str:
    """A body without credentials and whole numbers; JSON is laid out for reading."""
    for secret in sorted((one for one in secrets if len(one) >= SHORTEST), key=len, reverse=True):
        raw = raw.replace(secret, HIDDEN)
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _without_numbers(raw)
    laid = orjson.dumps(_without_secrets(value), option=orjson.OPT_INDENT_2)
    return _without_numbers(laid.decode())


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: HIDDEN if SECRET.search(name) and part else _without_secrets(part)
            for name, part in value.items()
        }
    return [_without_secrets(part) for part in value] if isinstance(value, list) else value


def _without_numbers(text: str) -> str:
    return NUMBER.sub(lambda found: numbers.mask(f"010xxxx{found.group(2)}"), text)
