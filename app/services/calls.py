"""A call: one request to a provider, whose row is committed before a byte leaves (rule R1)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.db.models import ProviderAccount
from channels.contract import Route
from templates.plan import Plan
from templates.windows import Window

CALL_COLUMNS = (
    "id",
    "workspace_id",
    "lot_id",
    "account_id",
    "route",
    "fence",
    "key",
    "size",
    "started_at",
    "deadline_at",
    "request_id",
)


@dataclass(frozen=True, slots=True)
class Item:
    """One message of an open call."""

    message_id: UUID
    attempt_id: UUID
    step: int
    plan: Plan
    started_at: datetime
    expires_at: datetime | None
    tries: int
    priority: int
    in_doubt: bool = False  # an earlier request of it may have been taken
    alone: bool = False  # a call it was in went wrong by a fault of ours
    windows: tuple[Window, ...] = ()  # all of them open, or it does not leave
    campaign_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call whose row is committed."""

    id: UUID
    key: str
    workspace_id: UUID
    lot_id: UUID
    fence: int
    account: ProviderAccount
    route: Route
    settle_s: float
    started_at: datetime
    deadline_at: datetime
    items: tuple[Item, ...]

    @property
    def account_id(self) -> UUID:
        """Of the account that makes the call."""
        return self.account.id

    def row(self) -> tuple[Any, ...]:
        """Its stored form, in the order of ``CALL_COLUMNS``."""
        return (
            self.id,
            self.workspace_id,
            self.lot_id,
            self.account_id,
            self.route.name,
            self.fence,
            self.key,
            len(self.items),
            self.started_at,
            self.deadline_at,
            "",
        )
