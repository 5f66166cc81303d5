"""The demonstration's shop in our own store: workspace, key, sandbox accounts, senders.

Made once, with generated secrets; found again in every later run.
"""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from app.cli.api import DEMO_FILE, read_demo_key
from app.db.models import ProviderAccount
from app.db.session import Tx
from app.errors import Unauthorized
from app.services import accounts, keys, senders, workspaces
from app.services.callers import SCOPES
from app.services.credentials import NewAccount
from app.services.runtime import Runtime
from app.services.senders import NewSender

NAME = "나루 상점"
KEY_NAME = "demo"
CALLER_NUMBER = "0220410100"  # of the form carriers accept; it never leaves the sandbox
NHN, CONSULT = "NHN 샌드박스", "상담톡 샌드박스"


@dataclass(frozen=True, slots=True)
class Provider:
    """A sandbox account as its provider must know it."""

    credentials: Mapping[str, str] = field(repr=False)
    callback: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Shop:
    """Everything the walk needs."""

    key: str = field(repr=False)
    sender_key: str
    nhn: Provider
    consult: Provider


async def open_shop(runtime: Runtime) -> Shop:
    """Find the shop, or make what is missing of it. Raises GatewayError."""
    folder = runtime.settings.data
    kept = read_demo_key(folder)
    owner = await _owner_of(runtime, kept)
    made: str | None = None
    async with runtime.database.write() as tx:
        workspace_id = (await workspaces.find_or_create(tx, NAME)).id
        nhn = await _account(tx, runtime, workspace_id, NHN, _nhn_secrets)
        consult = await _account(tx, runtime, workspace_id, CONSULT, _consult_secrets)
        sender_key = await _senders(tx, workspace_id, nhn, consult)
        if owner != workspace_id:
            made = await _new_key(tx, runtime, workspace_id)
    if made is not None:
        _keep(folder / DEMO_FILE, made)
    return Shop(made or kept, sender_key, _provider(runtime, nhn), _provider(runtime, consult))


async def _owner_of(runtime: Runtime, key: str) -> UUID | None:
    """Whose the kept key is; None when it is gone, as after the database was removed."""
    if not key:
        return None
    try:
        return (await keys.authenticate(runtime, key)).workspace_id
    except Unauthorized:
        return None


async def _new_key(tx: Tx, runtime: Runtime, workspace_id: UUID) -> str:
    """A key for everything; one that was made but never kept is of no use to anybody."""
    for old in await keys.list_keys(tx.session, workspace_id):
        if old.name == KEY_NAME and old.revoked_at is None:
            await keys.revoke(tx, workspace_id, old.id)
    _, plain = await keys.create(tx, runtime.sealer, workspace_id, "test", KEY_NAME, SCOPES)
    return plain


async def _account(
    tx: Tx,
    runtime: Runtime,
    workspace_id: UUID,
    name: str,
    credentials: Callable[[], Mapping[str, str]],
) -> ProviderAccount:
    for known in await accounts.list_accounts(tx.session, workspace_id, "sandbox"):
        if known.name == name:
            return known
    adapter = "nhn" if name == NHN else "consult"
    new = NewAccount(name=name, adapter=adapter, mode="sandbox", credentials=credentials())
    account, _ = await accounts.add(tx, runtime, workspace_id, new)
    return account


async def _senders(
    tx: Tx, workspace_id: UUID, nhn: ProviderAccount, consult: ProviderAccount
) -> str:
    """The sender key both accounts share; the caller number stands beside it."""
    known = await senders.list_senders(tx.session, workspace_id, "sandbox")
    there = {(one.account_id, one.kind): one.value for one in known}
    sender_key = there.get((nhn.id, "alimtalk")) or secrets.token_hex(20)
    for account, kind, value in (
        (nhn, "alimtalk", sender_key),
        (nhn, "sms", CALLER_NUMBER),
        (consult, "chat", sender_key),
    ):
        if (account.id, kind) not in there:
            await senders.add(tx, account, NewSender(kind=kind, value=value, name=NAME))
    return sender_key


def _nhn_secrets() -> Mapping[str, str]:
    return {
        "app_key": secrets.token_hex(8),
        "secret_key": secrets.token_hex(16),
        "sms_app_key": secrets.token_hex(8),
        "sms_secret_key": secrets.token_hex(16),
        "webhook_signature": secrets.token_hex(16),
    }


NO_SESSION = "-599"  # what the sandbox's hub says at first; the real one publishes none


def _consult_secrets() -> Mapping[str, str]:
    return {
        "client_id": secrets.token_hex(8),
        "client_secret": secrets.token_hex(16),
        "no_session_codes": NO_SESSION,
        "block_path": "/v1/chat/block",  # the sandbox's own: the real one's is not public
        "unblock_path": "/v1/chat/unblock",
    }


def _provider(runtime: Runtime, account: ProviderAccount) -> Provider:
    """What the sandbox is told. Raises ValueError for a live account: its secrets stay here."""
    if account.mode != "sandbox":
        raise ValueError(f"account {account.id} is live, and the sandbox must not learn of it")
    return Provider(accounts.credentials(runtime, account), accounts.callback_url(runtime, account))


def _keep(path: Path, key: str) -> None:
    """Write the key for later runs, readable by its owner alone, whole or not at all."""
    draft = path.with_name(f".{path.name}-{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f'# The test key of `naru demo`: it reaches the sandbox only.\nkey = "{key}"\n')
    draft.replace(path)
