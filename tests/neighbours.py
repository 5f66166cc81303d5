"""A second account beside an engine's own, in the same workspace."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from app.db.models import ProviderAccount, Sender, TemplateRegistration
from app.ids import new_id
from scheduler.dispatch import Lane
from tests.engine import FORM, Engine, Provider


@dataclass
class Neighbour:
    """The account, what its provider took, and its lane."""

    account: ProviderAccount
    provider: Provider
    lane: Lane


async def neighbour(
    eng: Engine, *, approved: bool = True, weight: int = 100, name: str = "other"
) -> Neighbour:
    """Another account with senders for both channels, and the template approved there or not."""
    account = ProviderAccount(
        workspace_id=eng.workspace_id,
        name=name,
        mode="sandbox",
        adapter="nhn",
        credentials_sealed=b"",
        callback_hash=b"",
        weight=weight,
        weight_now=weight,
    )
    senders = {
        kind: Sender(
            workspace_id=eng.workspace_id, account_id=account.id, kind=kind, value=f"{name} {kind}"
        )
        for kind in ("alimtalk", "sms")
    }
    registration = TemplateRegistration(
        workspace_id=eng.workspace_id,
        account_id=account.id,
        sender_id=senders["alimtalk"].id,
        version_id=eng.version_id,
        code=FORM["code"],
        inspection="approved" if approved else "in_review",
        usage="normal",
    )
    async with eng.runtime.database.write() as tx:
        for rows in ([account], [*senders.values()], [registration]):
            tx.session.add_all(rows)
            await tx.session.flush()
    provider = Provider(eng.provider.kind, batch=eng.provider.batch)
    return Neighbour(account, provider, Lane(eng.runtime, account, provider, new_id()))


async def change(eng: Engine, account_id: UUID, **values: object) -> None:
    """Set columns of an account, as an operator or another worker would."""
    async with eng.runtime.database.write() as tx:
        await tx.session.exec(
            update(ProviderAccount).where(col(ProviderAccount.id) == account_id).values(**values)
        )
