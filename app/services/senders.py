"""Senders: sender keys of messenger channels, caller numbers, and apps that are pushed to."""

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import ProviderAccount, Sender
from app.db.session import Tx
from app.errors import Invalid, NotFound, Refused
from app.services import accounts, numbers, pictures, registrations

KINDS = ("alimtalk", "sms", "chat", "push")
APP = re.compile(r"[A-Za-z0-9._-]{1,100}")  # package name or bundle id
KEY = re.compile(r"[!-~]{1,100}")  # sender keys are 40 characters at Kakao; others may differ


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSender:
    """What an operator gives; ``proof`` says where the evidence of ownership is kept."""

    kind: str
    value: str
    name: str = ""
    proof: str = ""


async def add(tx: Tx, account: ProviderAccount, new: NewSender) -> Sender:
    """A sender of an account. A caller number is kept as digits.

    An Alimtalk sender has the workspace's templates registered for it; with a caller number the
    account is given the pictures of their MMS. Raises Invalid
    ``unknown_kind``, ``bad_caller_number``, ``bad_sender_key``, ``bad_app``,
    ``route_unavailable`` and
    Refused ``sender_exists``.
    """
    sender = Sender(
        workspace_id=account.workspace_id,
        account_id=account.id,
        kind=new.kind,
        value=_value(account, new.kind, new.value),
        name=new.name.strip(),
        proof=new.proof.strip(),
        created_at=tx.now,
    )
    tx.session.add(sender)
    try:
        await tx.session.flush()
    except IntegrityError:
        raise Refused(
            "sender_exists", "The account has this sender already.", field="value"
        ) from None
    tx.emit(account.workspace_id, "sender.added", sender.id, sender_kind=new.kind)
    if new.kind == "alimtalk":
        await registrations.register_sender(tx, sender)
    if new.kind == "sms":
        await pictures.welcome(tx, account)
    return sender


async def list_senders(
    session: AsyncSession, workspace_id: UUID, mode: str | None = None
) -> list[Sender]:
    """The senders of a workspace, the oldest first; of accounts of one mode when it is given."""
    query = select(Sender).where(col(Sender.workspace_id) == workspace_id)
    if mode is not None:
        query = query.join(
            ProviderAccount, col(ProviderAccount.id) == col(Sender.account_id)
        ).where(col(ProviderAccount.mode) == mode)
    return list(await session.exec(query.order_by(col(Sender.id))))


async def set_blocked(
    tx: Tx, workspace_id: UUID, sender_id: UUID, mode: str | None = None, *, blocked: bool
) -> Sender:
    """Let nothing leave through a sender, or things leave again; twice is harmless.

    ``mode``: of its account, where only one is reached. Raises NotFound ``unknown_sender``.
    """
    known = await list_senders(tx.session, workspace_id, mode)
    sender = next((one for one in known if one.id == sender_id), None)
    if sender is None:
        raise NotFound("unknown_sender", "There is no such sender. List the senders.")
    state = "blocked" if blocked else "active"
    if sender.state != state:
        sender.state = state
        tx.session.add(sender)
        tx.emit(workspace_id, f"sender.{'blocked' if blocked else 'opened'}", sender.id)
        tx.wake = True
    return sender


def _value(account: ProviderAccount, kind: str, value: str) -> str:
    if kind not in KINDS:
        raise Invalid(
            "unknown_kind",
            f"A sender is one of: {', '.join(KINDS)}.",
            field="kind",
            data={"allowed": list(KINDS)},
        )
    if not accounts.carries(account, kind):
        raise Invalid(
            "route_unavailable",
            f"The provider {account.adapter} does not carry {kind}. Choose another account.",
            field="kind",
        )
    if kind == "sms":
        return numbers.caller(value, "value")
    value = value.strip()
    if kind == "push" and not APP.fullmatch(value):
        raise Invalid(
            "bad_app",
            "An app is named by its package, such as com.example.shop: 1 to 100 letters, digits, "
            "dots, hyphens or underlines.",
            field="value",
        )
    if not KEY.fullmatch(value):
        raise Invalid(
            "bad_sender_key",
            "A sender key has 1 to 100 visible characters without blanks. Copy it from the "
            "provider's console.",
            field="value",
        )
    return value
