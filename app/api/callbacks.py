"""Callbacks of providers: checked, kept raw, answered at once; reading them is the scheduler's."""

import hmac
import re
from uuid import UUID

import httpx
from fastapi import APIRouter, Request
from sqlmodel import col, select

from app.api.deps import RuntimeDep
from app.api.problems import not_found, responses
from app.crash import crash_at
from app.db.models import ProviderAccount
from app.errors import Unauthorized
from app.log import logger
from app.sealing import Unsealable
from app.services import accounts, callbacks
from app.services.runtime import Runtime
from channels.contract import Adapter, BadCallback, Callback

router = APIRouter(prefix="/callbacks", tags=["callbacks"])
KIND = re.compile(r"[A-Za-z0-9_.-]{0,50}")

log = logger("callbacks")


class Verifiers:
    """The adapters that verify, one per account, made anew when its credentials change."""

    def __init__(self, runtime: Runtime, client: httpx.AsyncClient) -> None:
        self._runtime, self._client = runtime, client
        self._made: dict[UUID, tuple[bytes, Adapter]] = {}

    def of(self, account: ProviderAccount) -> Adapter:
        """Raises Unsealable, and ValueError as :func:`app.services.accounts.adapter_of`."""
        made = self._made.get(account.id)
        if made is None or made[0] != account.credentials_sealed:
            adapter = accounts.adapter_of(self._runtime, account, self._client)
            made = self._made[account.id] = account.credentials_sealed, adapter
        return made[1]


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
    found = await _account(runtime, provider, account, secret)
    verifiers: Verifiers = request.app.state.verifiers
    headers = {name.lower(): value for name, value in request.headers.items()}
    callback = Callback(kind, headers, await request.body())
    try:
        adapter = verifiers.of(found)
        adapter.verify(callback)
    except BadCallback as error:
        log.warning("bad callback", account=str(found.id), why=str(error))
        raise Unauthorized(
            "bad_callback",
            "The callback is not the provider's: wrong signature, or not its documented form.",
        ) from None
    except (Unsealable, ValueError) as error:
        log.error("account unusable", account=str(found.id), error=type(error).__name__)
        raise not_found() from None
    await callbacks.store(runtime, found, adapter, callback)
    crash_at("K11", after_s=0.1)  # the answer leaves first
    return {}


async def _account(runtime: Runtime, provider: str, account: str, secret: str) -> ProviderAccount:
    """The account the address names; one answer for every way it can be wrong."""
    try:
        id_ = UUID(account)
    except ValueError:
        raise not_found() from None
    async with runtime.database.read() as session:
        row = (
            await session.exec(select(ProviderAccount).where(col(ProviderAccount.id) == id_))
        ).first()
    given = runtime.sealer.key_hash(secret)
    right = hmac.compare_digest(given, row.callback_hash if row else bytes(len(given)))
    if row is None or not right or row.adapter != provider:
        raise not_found()
    return row
