"""People whom messages name, and the devices that belong to them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel, UniqueConstraint

from app.db.models import fields


class Person(SQLModel, table=True):
    """Somebody a message may name; number and devices are how they are reached.

    ``sealed`` holds name and number. A rehearsal has people of its own.
    """

    __table_args__ = (
        UniqueConstraint("workspace_id", "mode", "reference"),
        fields.partial(
            "ix_person_number", "workspace_id", "number_hash", where="number_hash IS NOT NULL"
        ),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id")
    mode: str  # live | sandbox
    reference: str  # what the caller calls them
    sealed: bytes
    number_hash: bytes | None = None
    created_at: datetime = fields.at()
    updated_at: datetime = fields.at()


class Device(SQLModel, table=True):
    """An app on somebody's phone, tablet or desk, at the account that pushes to it.

    ``sealed`` holds its address there. A device keeps its id when its address changes.
    """

    __table_args__ = (
        UniqueConstraint("account_id", "address_hash"),
        fields.partial("ix_device_person", "person_id", where="state = 'active'"),
    )
    id: UUID = fields.key()
    workspace_id: UUID = fields.ref("workspace.id", index=True)
    mode: str
    person_id: UUID = fields.ref()
    account_id: UUID = fields.ref("provider_account.id")
    sender_id: UUID = fields.ref("sender.id")  # which app
    address_kind: str  # of channels.push.ADDRESS_KINDS
    address_hash: bytes
    sealed: bytes
    label: str = ""
    platform: str = ""  # android | ios | web | other
    capabilities: dict[str, Any] = fields.json(dict)
    state: str = "active"  # active | gone: the provider says the address is dead
    code: str = ""  # the provider's word for that
    created_at: datetime = fields.at()
    registered_at: datetime = fields.at()  # the address, as it is now
    seen_at: datetime | None = fields.maybe_at()  # its app reported something
    gone_at: datetime | None = fields.maybe_at()
