"""Callbacks of providers: checked, kept raw, answered at once.

Results are the scheduler's to read; what customers say is applied here when it can be.
"""

import hmac
import re
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import httpx
from fastapi import APIRouter, Request
from sqlmodel import col, select

from app.api.deps import RuntimeDep
from app.api.problems import not_found, responses
from app.crash import crash_at
from app.db.models import ProviderAccount
from app.errors import GatewayError, Unauthorized
from app.log import logger
from app.sealing import Unsealable
from app.services import accounts, callbacks
from app.services.incoming import Changed, Incoming
from app.services.runtime import Runtime
from channels.contract import Adapter, BadCallback, Callback

router = APIRouter(prefix="/callbacks", tags=["callbacks"])
KIND = re.compile(r"[A-Za-z0-9_.-]{0,50}")

log = logger("callbacks")


class Verifiers:
    """The adapters that verify, one per account, made anew when its credentials change.

    ``known``: accounts of chats as they were read last, which saves reading them first; whoever
    keeps a callback makes sure in its transaction that they are so still.
    """

    def __init__(self, runtime: Runtime, client: httpx.AsyncClient) -> None:
        self.known: dict[UUID, ProviderAccount] = {}
        self._runtime, self._client = runtime, client
        self._made: dict[UUID, tuple[bytes, Adapter]] = {}

    def of(self, account: ProviderAccount) -> Adapter:
        """Raises Unsealable, and ValueError as :func:`app.services.accounts.adapter_of`."""
        made = self._made.get(account.id)
        if made is None or made[0] != account.credentials_sealed:
            adapter = accounts.adapter_of(self._runtime, account, self._client)
            made = self._made[account.id] = account.credentials_sealed, adapter
        return made[1]

    async def read(self, id_: UUID) -> ProviderAccount | None:
        """An account as it is now."""
        query = select(ProviderAccount).where(col(ProviderAccount.id) == id_)
        async with self._runtime.database.read() as session:
            return (await session.exec(query)).first()


@dataclass(frozen=True, slots=True)
class Address:
    """What the path says."""

    provider: str
    account: UUID
    secret: str = field(repr=False)


@router.post(
    "/{provider}/{account}/{secret}",
    summary="Results and events of a provider",
    responses=responses(401, 404, 413),
)
@router.post(
    "/{provider}/{account}/{secret}/{kind}",
    summary="Events of a provider that has one address per kind",
    responses=responses(401, 404, 413),
)
async def take_callback(
    request: Request,
    runtime: RuntimeDep,
    provider: str,
    account: str,
    secret: str,
    kind: str = "",
) -> dict[str, str]:
    """Keep the body as it came; the same body twice is kept once. Answers `{}`."""
    if not KIND.fullmatch(kind):
        raise not_found()
    where = Address(provider, _id_of(account), secret)
    headers = {name.lower(): value for name, value in request.headers.items()}
    callback = Callback(kind, headers, await request.body())
    verifiers: Verifiers = request.app.state.verifiers
    known = verifiers.known.get(where.account)
    taken = known is not None and await _take_as_known(request, where, known, callback)
    while not taken:
        with suppress(Changed):
            await _take(request, where, await verifiers.read(where.account), callback)
            taken = True
    crash_at("K11", after_s=0.1)  # the answer leaves first
    return {}


def _id_of(account: str) -> UUID:
    try:
        return UUID(account)
    except ValueError:
        raise not_found() from None


async def _take_as_known(
    request: Request, where: Address, known: ProviderAccount, callback: Callback
) -> bool:
    """False when the account must be read first: it has changed, or refuses the callback."""
    try:
        await _take(request, where, known, callback)
    except (Changed, GatewayError):
        return False
    return True


async def _take(
    request: Request, where: Address, account: ProviderAccount | None, callback: Callback
) -> None:
    runtime: Runtime = request.app.state.runtime
    verifiers: Verifiers = request.app.state.verifiers
    found, adapter = _verified(runtime, verifiers, where, account, callback)
    if "chat" in adapter.routes:
        incoming: Incoming = request.app.state.incoming
        await incoming.take(found, adapter, callback)
        verifiers.known[found.id] = found
    else:
        await callbacks.store(runtime, found, adapter, callback)


def _verified(
    runtime: Runtime,
    verifiers: Verifiers,
    where: Address,
    row: ProviderAccount | None,
    callback: Callback,
) -> tuple[ProviderAccount, Adapter]:
    """The account the address names; one answer for every way it can be wrong."""
    given = runtime.sealer.key_hash(where.secret)
    right = hmac.compare_digest(given, row.callback_hash if row else bytes(len(given)))
    if row is None or not right or row.adapter != where.provider:
        raise not_found()
    try:
        adapter = verifiers.of(row)
        adapter.verify(callback)
    except BadCallback as error:
        log.warning("bad callback", account=str(row.id), why=str(error))
        raise Unauthorized(
            "bad_callback",
            "The callback is not the provider's: wrong signature, or not its documented form.",
        ) from None
    except (Unsealable, ValueError) as error:
        log.error("account unusable", account=str(row.id), error=type(error).__name__)
        raise not_found() from None
    return row, adapter
