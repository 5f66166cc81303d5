"""Provider accounts: credentials under seal, addresses that never mix, limits of their routes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import outbound
from app.config import Settings
from app.db.models import ProviderAccount, Sender
from app.db.session import Tx
from app.errors import NotFound, Refused
from app.ids import new_id, new_token
from app.sealing import Unsealable
from app.services.credentials import (
    LIMITS,
    MARGIN_S,
    Changes,
    NewAccount,
    at_sandbox,
    check_new,
)
from app.services.credentials import base_url as where
from app.services.runtime import Runtime
from channels import registry
from channels.contract import Adapter, Route
from channels.management import CanCheck, Health

TABLE = "provider_account"
SECRET = "callback_secret"  # noqa: S105 - the name of a field


async def add(
    tx: Tx, runtime: Runtime, workspace_id: UUID, new: NewAccount
) -> tuple[ProviderAccount, str]:
    """A new account and the secret of its callback address.

    Raises Invalid ``unknown_provider``, ``unknown_mode``, ``bad_name``, ``unknown_credential``,
    ``missing_credential``, ``bad_credential``, ``live_at_sandbox``, ``bad_limit``,
    ``unknown_route``, ``bad_price``, ``bad_weight``, ``settle_too_short`` and Refused
    ``account_exists``.
    """
    new = await check_new(runtime.settings, new)
    id_, secret = new_id(), new_token()
    account = ProviderAccount(
        id=id_,
        workspace_id=workspace_id,
        name=new.name.strip(),
        mode=new.mode,
        adapter=new.adapter,
        credentials_sealed=runtime.sealer.seal(
            TABLE, workspace_id, id_, {**new.credentials, SECRET: secret}
        ),
        callback_hash=runtime.sealer.key_hash(secret),
        rate_per_s=new.rate_per_s,
        batch=new.batch,
        deadline_s=new.deadline_s,
        settle_s=new.settle_s,
        prices=dict(new.prices),
        created_at=tx.now,
    )
    if new.weight is not None:
        account.weight = account.weight_now = new.weight
    tx.session.add(account)
    try:
        await tx.session.flush()
    except IntegrityError:
        raise Refused(
            "account_exists",
            "An account with this name is there already. Choose another name.",
            field="name",
        ) from None
    tx.emit(workspace_id, "account.added", id_, adapter=new.adapter, mode=new.mode)
    return account, secret


async def change(
    tx: Tx, runtime: Runtime, account: ProviderAccount, new: Changes
) -> ProviderAccount:
    """Correct credentials or limits; what is not named stays. A paused account is resumed.

    Raises Invalid as :func:`add` does.
    """
    kept = _opened(runtime, account)
    secret = kept.pop(SECRET)
    limits: dict[str, Any] = {
        name: getattr(account, name) if getattr(new, name) is None else getattr(new, name)
        for name in LIMITS
    }
    checked = await check_new(
        runtime.settings,
        NewAccount(
            name=account.name,
            adapter=account.adapter,
            mode=account.mode,
            credentials={**kept, **new.credentials},
            prices={**account.prices, **new.prices},
            weight=new.weight,
            **limits,
        ),
    )
    account.credentials_sealed = runtime.sealer.seal(
        TABLE, account.workspace_id, account.id, {**checked.credentials, SECRET: secret}
    )
    for name in LIMITS:
        setattr(account, name, getattr(checked, name))
    account.prices = dict(checked.prices)
    if new.weight is not None:
        account.weight = account.weight_now = new.weight
    tx.session.add(account)
    tx.emit(account.workspace_id, "account.changed", account.id)
    await tx.session.flush()
    return await resume(tx, account.workspace_id, account.id)


async def get(
    session: AsyncSession, workspace_id: UUID, account_id: UUID, mode: str | None = None
) -> ProviderAccount:
    """One account; of one mode when it is given. Raises NotFound ``unknown_account``."""
    found = await session.exec(
        select(ProviderAccount).where(
            col(ProviderAccount.workspace_id) == workspace_id,
            col(ProviderAccount.id) == account_id,
        )
    )
    account = found.first()
    if account is None or mode not in (None, account.mode):
        raise NotFound("unknown_account", "There is no such account. List the accounts.")
    return account


async def list_accounts(
    session: AsyncSession, workspace_id: UUID, mode: str | None = None
) -> list[ProviderAccount]:
    """The accounts of a workspace, the oldest first; of one mode when it is given."""
    query = select(ProviderAccount).where(col(ProviderAccount.workspace_id) == workspace_id)
    if mode is not None:
        query = query.where(col(ProviderAccount.mode) == mode)
    return list(await session.exec(query.order_by(col(ProviderAccount.id))))


async def pick(
    session: AsyncSession,
    workspace_id: UUID,
    mode: str,
    kind: str,
    account_id: UUID | None = None,
) -> tuple[Sender, ProviderAccount] | None:
    """A sender of one kind and its account, None where the mode has none.

    Accounts at work come before paused ones, older before newer.
    """
    query = (
        select(Sender, ProviderAccount)
        .join(ProviderAccount, col(ProviderAccount.id) == col(Sender.account_id))
        .where(
            col(Sender.workspace_id) == workspace_id,
            col(ProviderAccount.workspace_id) == workspace_id,
            col(Sender.kind) == kind,
            col(Sender.state) == "active",
            col(ProviderAccount.mode) == mode,
            col(ProviderAccount.state) != "disabled",
        )
        .order_by(col(ProviderAccount.state), col(ProviderAccount.id), col(Sender.id))
    )  # "active" sorts before "paused"
    if account_id is not None:
        query = query.where(col(ProviderAccount.id) == account_id)
    return (await session.exec(query.limit(1))).first()


async def pause(
    tx: Tx, workspace_id: UUID, account_id: UUID, reason: str, until: datetime | None = None
) -> ProviderAccount:
    """Stop sending through an account; what is queued stays queued. Without ``until``: until
    someone resumes it. Raises NotFound."""
    account = await get(tx.session, workspace_id, account_id)
    account.state, account.paused_reason, account.paused_until = "paused", reason, until
    tx.session.add(account)
    tx.emit(workspace_id, "account.paused", account_id, reason=reason)
    return account


async def disable(tx: Tx, workspace_id: UUID, account_id: UUID) -> ProviderAccount:
    """Use an account no more: what waits moves to others, or its next step follows.

    Raises NotFound.
    """
    account = await get(tx.session, workspace_id, account_id)
    if account.state != "disabled":
        account.state, account.paused_reason, account.paused_until = "disabled", None, None
        tx.session.add(account)
        tx.emit(workspace_id, "account.disabled", account_id)
    return account


async def resume(tx: Tx, workspace_id: UUID, account_id: UUID) -> ProviderAccount:
    """Send through a paused or disabled account again. Raises NotFound."""
    account = await get(tx.session, workspace_id, account_id)
    if account.state != "active":
        account.state, account.paused_reason, account.paused_until = "active", None, None
        tx.session.add(account)
        tx.emit(workspace_id, "account.resumed", account_id)
        tx.wake = True
    return account


def credentials(runtime: Runtime, account: ProviderAccount) -> dict[str, str]:
    """What the operator gave. Raises Unsealable."""
    return {name: value for name, value in _opened(runtime, account).items() if name != SECRET}


def callback_url(runtime: Runtime, account: ProviderAccount) -> str:
    """The address to register at the provider. Raises Unsealable."""
    secret = _opened(runtime, account)[SECRET]
    return f"{runtime.settings.public}/callbacks/{account.adapter}/{account.id}/{secret}"


def routes_of(runtime: Runtime, account: ProviderAccount) -> Mapping[str, Route]:
    """What the account carries; the static routes where its credentials cannot be opened."""
    try:
        return registry.routes(account.adapter, credentials(runtime, account))
    except (Unsealable, KeyError, ValueError):
        return registry.PROVIDERS[account.adapter].routes


def base_url(settings: Settings, account: ProviderAccount) -> str | None:
    """Where its provider is: ``{sandbox}/{adapter}``, or None for the provider's own address."""
    return where(settings, account.mode, account.adapter)


def adapter_of(runtime: Runtime, account: ProviderAccount, client: httpx.AsyncClient) -> Adapter:
    """The adapter that speaks for an account; ``client`` stays its owner's.

    Raises Unsealable, and ValueError when the account can no longer be used as it is stored.
    """
    given = credentials(runtime, account)
    if at_sandbox(runtime.settings, account.mode, account.adapter, given):
        raise ValueError(f"account {account.id} is live, but its address is the sandbox's")
    return registry.build(account.adapter, given, client, base_url(runtime.settings, account))


def route_limits(account: ProviderAccount, route: Route) -> tuple[int, float, float]:
    """Batch, deadline and settle window in seconds: the account's within the route's.

    The window never ends before the deadline has passed (delivery rule R4).
    """
    batch = min(account.batch or route.batch, route.batch)
    deadline_s = min(account.deadline_s or route.deadline_s, route.deadline_s)
    settle_s = route.settle_s if account.settle_s is None else account.settle_s
    return batch, deadline_s, max(settle_s, deadline_s + MARGIN_S)


async def check(runtime: Runtime, account: ProviderAccount) -> Health:
    """Ask the provider whether the credentials work, at no cost. No session may be open."""
    async with outbound.connect(runtime.settings) as client:
        adapter = adapter_of(runtime, account, client)
        if isinstance(adapter, CanCheck):
            return await adapter.check()
    return Health(ok=True, details={"check": "this provider has nothing to ask without sending"})


def no_account(mode: str, kind: str) -> Refused:
    """The refusal where a mode has no account with a sender of that kind."""
    return Refused(
        f"no_{mode}_account",
        f"The workspace has no {mode} account with a sender for {kind}. "
        "Add one with `naru accounts add` and `naru senders add`.",
    )


def carries(account: ProviderAccount, kind: str) -> bool:
    """Whether the account's provider has a route for senders of that kind."""
    return kind in registry.PROVIDERS[account.adapter].routes


def _opened(runtime: Runtime, account: ProviderAccount) -> dict[str, str]:
    opened: dict[str, str] = runtime.sealer.open(
        TABLE, account.workspace_id, account.id, account.credentials_sealed
    )
    return opened
