"""Idempotency keys: the same key and body get the first answer again, whatever was in between."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from app.db.models import IdempotencyKey
from app.db.session import Tx
from app.errors import Invalid, Refused
from app.services.runtime import Runtime

TABLE = "idempotency_key"
COLUMNS = (
    "workspace_id",
    "endpoint",
    "key",
    "body_hash",
    "subject_id",
    "status",
    "response_sealed",
    "created_at",
    "expires_at",
)
STATUS = 202


@dataclass(frozen=True, slots=True)
class Asked:
    """What tells a repeat from a new request, before anything is checked."""

    workspace_id: UUID
    endpoint: str
    key: str | None
    digest: bytes


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request with a key. ``subject_id`` is what it makes; its sealed answer is bound to it."""

    workspace_id: UUID
    endpoint: str
    key: str
    digest: bytes
    subject_id: UUID
    response: dict[str, Any]

    @property
    def identity(self) -> tuple[UUID, str, str]:
        """What is unique."""
        return self.workspace_id, self.endpoint, self.key


async def take(tx: Tx, runtime: Runtime, requests: Sequence[Keyed]) -> set[UUID]:
    """Take the keys nobody has yet, the first of equal ones; the subjects that may be stored."""
    first: dict[tuple[UUID, str, str], Keyed] = {}
    for request in requests:
        first.setdefault(request.identity, request)
    expires_at = tx.now + timedelta(hours=runtime.settings.idempotency_h)
    rows = [
        (
            *identity,
            request.digest,
            request.subject_id,
            STATUS,
            runtime.sealer.seal(TABLE, request.workspace_id, request.subject_id, request.response),
            tx.now,
            expires_at,
        )
        for identity, request in first.items()
    ]
    won = await tx.sql.take_keys(tx.conn, COLUMNS, rows)
    return {first[identity].subject_id for identity in won}


async def earlier(runtime: Runtime, request: Keyed) -> dict[str, Any]:
    """The answer an earlier request with the same key got.

    Raises Refused ``idempotency_key_in_use``, Invalid ``idempotency_key_reused``, Unsealable.
    """
    row = await _find(runtime, *request.identity)
    if row is None:
        raise Refused(
            "idempotency_key_in_use",
            "Another request with this Idempotency-Key is still running. Repeat it shortly.",
            field="Idempotency-Key",
            retry_after_s=1,
        )
    if row.body_hash != request.digest:
        raise Invalid(
            "idempotency_key_reused",
            "This Idempotency-Key was used for another body. Use a new key for a new request.",
            field="Idempotency-Key",
        )
    return _answer(runtime, row)


async def heard_before(runtime: Runtime, asked: Asked) -> dict[str, Any] | None:
    """The first answer to this very request; None for a new one, or one without a key.

    Asked before a request is refused: what was accepted once stays accepted, although by now its
    time is over or its template was stopped. Raises Unsealable.
    """
    if asked.key is None:
        return None
    row = await _find(runtime, asked.workspace_id, asked.endpoint, asked.key)
    return _answer(runtime, row) if row is not None and row.body_hash == asked.digest else None


async def _find(
    runtime: Runtime, workspace_id: UUID, endpoint: str, key: str
) -> IdempotencyKey | None:
    async with runtime.database.read() as session:
        rows = await session.exec(
            select(IdempotencyKey).where(
                col(IdempotencyKey.workspace_id) == workspace_id,
                col(IdempotencyKey.endpoint) == endpoint,
                col(IdempotencyKey.key) == key,
            )
        )
        return rows.first()


def _answer(runtime: Runtime, row: IdempotencyKey) -> dict[str, Any]:
    answer: dict[str, Any] = runtime.sealer.open(
        TABLE, row.workspace_id, row.subject_id, row.response_sealed
    )
    return answer
