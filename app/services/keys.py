"""API keys: made, shown once, checked, revoked."""

import hmac
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import ApiKey, fields
from app.db.session import Tx
from app.errors import Invalid, NotFound, Unauthorized
from app.sealing import Sealer
from app.services.callers import KINDS, SCOPES, Caller
from app.services.runtime import Runtime

KEEP_S = 3.0  # a revoked key may still work for this long
MOST = 10_000
FORM = re.compile(r"naru_(?:live|test|team)_([0-9a-f]{12})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class _Known:
    """What a row said, and until when it is believed (monotonic)."""

    until: float
    caller: Caller
    secret_hash: bytes
    expires_at: datetime | None
    revoked: bool


_known: dict[str, _Known] = {}  # by prefix: random, so the same in no two databases


async def create(  # noqa: PLR0913 - a key is all of these
    tx: Tx,
    sealer: Sealer,
    workspace_id: UUID,
    kind: str,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its plain text ``naru_{kind}_{prefix}.{secret}``, which is never seen again.

    Raises Invalid ``unknown_kind``, ``unknown_scope``, ``expires_at_past``.
    """
    _check(tx, kind, scopes, expires_at)
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = ApiKey(
        workspace_id=workspace_id,
        kind=kind,
        name=name.strip(),
        prefix=prefix,
        secret_hash=sealer.key_hash(secret),
        scopes=sorted(set(scopes)),
        created_at=tx.now,
        expires_at=expires_at,
    )
    tx.session.add(key)
    await tx.session.flush()
    return key, f"naru_{kind}_{prefix}.{secret}"


async def revoke(tx: Tx, workspace_id: UUID, key_id: UUID) -> ApiKey:
    """End a key; every process refuses it at most ``KEEP_S`` seconds later.

    Raises NotFound ``unknown_key``.
    """
    found = await tx.session.exec(
        select(ApiKey).where(col(ApiKey.workspace_id) == workspace_id, col(ApiKey.id) == key_id)
    )
    key = found.first()
    if key is None:
        raise NotFound("unknown_key", "There is no such key. List the keys to find its id.")
    if key.revoked_at is None:
        key.revoked_at = tx.now
        tx.session.add(key)
    return key


async def list_keys(session: AsyncSession, workspace_id: UUID) -> list[ApiKey]:
    """All keys of a workspace, the oldest first, revoked ones too."""
    found = await session.exec(
        select(ApiKey).where(col(ApiKey.workspace_id) == workspace_id).order_by(col(ApiKey.id))
    )
    return list(found)


async def authenticate(runtime: Runtime, header: str | None) -> Caller:
    """Who presents this key, given as ``Bearer naru_…`` or alone.

    Raises Unauthorized ``no_api_key`` without one, and ``bad_api_key`` for one that is unknown,
    wrong, revoked or expired: the answer does not say which.
    """
    text = (header or "").strip()
    scheme, _, rest = text.partition(" ")
    if scheme.lower() == "bearer":
        text = rest.strip()
    if not text:
        raise Unauthorized(
            "no_api_key",
            "This call needs an API key: send the header `Authorization: Bearer naru_…`.",
        )
    form = FORM.fullmatch(text)
    known = await _look_up(runtime, form[1]) if form else None
    given = runtime.sealer.key_hash(form[2] if form else text)
    right = hmac.compare_digest(given, known.secret_hash if known else bytes(len(given)))
    if known is None or not right or _is_over(known):
        raise Unauthorized(
            "bad_api_key",
            "The API key is not known, or no longer valid. Check it, or create a new one with "
            "`naru keys create`.",
        )
    return known.caller


def _check(tx: Tx, kind: str, scopes: Sequence[str], expires_at: datetime | None) -> None:
    if kind not in KINDS:
        raise Invalid(
            "unknown_kind",
            f"A key is one of: {', '.join(KINDS)}.",
            field="kind",
            data={"allowed": list(KINDS)},
        )
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise Invalid(
            "unknown_scope",
            f"A key needs one or more of these scopes: {', '.join(SCOPES)}."
            + (f" Not among them: {', '.join(unknown)}." if unknown else ""),
            field="scopes",
            data={"allowed": list(SCOPES), "unknown": unknown},
        )
    if expires_at is not None and expires_at <= tx.now:
        raise Invalid("expires_at_past", "expires_at must be in the future.", field="expires_at")


def _is_over(known: _Known) -> bool:
    return known.revoked or (known.expires_at is not None and known.expires_at <= fields.now())


async def _look_up(runtime: Runtime, prefix: str) -> _Known | None:
    """What the row says, read again after ``KEEP_S``; prefixes nobody has are not kept."""
    kept = _known.get(prefix)
    if kept is not None and kept.until > time.monotonic():
        return kept
    async with runtime.database.read() as session:
        row = (await session.exec(select(ApiKey).where(col(ApiKey.prefix) == prefix))).first()
    if row is None:
        _known.pop(prefix, None)
        return None
    if len(_known) >= MOST:
        _known.clear()
    known = _Known(
        until=time.monotonic() + KEEP_S,
        caller=Caller(row.workspace_id, row.id, row.kind, frozenset(row.scopes)),
        secret_hash=row.secret_hash,
        expires_at=row.expires_at,
        revoked=row.revoked_at is not None,
    )
    _known[prefix] = known
    return known
