"""A template's versions, and how each of them stands at each sender."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import ProviderAccount, Sender, Template, TemplateRegistration, TemplateVersion
from app.errors import NotFound
from app.services.registrations import DELETE, asks_for_alimtalk
from app.services.standing import Registered, standing


@dataclass(frozen=True, slots=True)
class Numbered:
    """A version and how it stands at each sender."""

    version: TemplateVersion
    registered: tuple[Registered, ...] = ()

    @property
    def is_reviewed(self) -> bool:
        """Whether the messenger must approve it; what only goes out as text needs nobody."""
        return asks_for_alimtalk(self.version)

    def usable(self, mode: str) -> Iterator[Registered]:
        """Where it may be sent now, accounts at work before paused ones."""
        here = [one for one in self.registered if one.account.mode == mode and one.may_send]
        return iter(sorted(here, key=lambda one: (one.account.state, one.sender.id)))

    def is_usable(self, mode: str) -> bool:
        """Whether messages may be accepted with it."""
        if not self.is_reviewed:
            return self.version.submitted_at is not None
        return any(self.usable(mode))


@dataclass(frozen=True, slots=True)
class Stored:
    """A template with its versions, the newest first.

    ``is_new``: the call that answers this has stored a template or a version.
    """

    template: Template
    versions: tuple[Numbered, ...]
    is_new: bool = False

    @property
    def version(self) -> TemplateVersion:
        """The newest."""
        return self.versions[0].version

    @property
    def registered(self) -> tuple[Registered, ...]:
        """How the newest version stands."""
        return self.versions[0].registered

    @property
    def is_being_deleted(self) -> bool:
        """Whether a provider is still to be asked to delete it."""
        return any(r.registration.action == DELETE for v in self.versions for r in v.registered)

    def numbered(self, number: int) -> Numbered:
        """One version. Raises NotFound ``unknown_version``."""
        for one in self.versions:
            if one.version.number == number:
                return one
        raise NotFound(
            "unknown_version",
            f"{self.template.code} has the versions 1 to {self.version.number}.",
            field="number",
        )

    def in_use(self, mode: str) -> Numbered | None:
        """The newest version that may be sent; the template itself may still be stopped."""
        return next((one for one in self.versions if one.is_usable(mode)), None)

    def in_review(self, mode: str) -> list[int]:
        """Numbers of the versions that some provider of the mode is reviewing."""
        return [
            one.version.number
            for one in self.versions
            if any(
                r.account.mode == mode and r.standing.state in ("registered", "in_review")
                for r in one.registered
            )
        ]


async def read(session: AsyncSession, workspace_id: UUID, rows: Sequence[Template]) -> list[Stored]:
    """Templates of one workspace with all their versions."""
    ids = [row.id for row in rows]
    versions = await session.exec(
        select(TemplateVersion)
        .where(
            col(TemplateVersion.workspace_id) == workspace_id,
            col(TemplateVersion.template_id).in_(ids),
        )
        .order_by(col(TemplateVersion.number).desc())
    )
    by_template: dict[UUID, list[TemplateVersion]] = {}
    for version in versions:
        by_template.setdefault(version.template_id, []).append(version)
    registered = await _registered(session, workspace_id, ids)
    return [
        Stored(
            row,
            tuple(Numbered(v, tuple(registered.get(v.id, ()))) for v in by_template[row.id]),
        )
        for row in rows
        if row.id in by_template
    ]


async def _registered(
    session: AsyncSession, workspace_id: UUID, template_ids: Collection[UUID]
) -> dict[UUID, list[Registered]]:
    """By version, the oldest account first."""
    found = await session.exec(
        select(TemplateRegistration, ProviderAccount, Sender)
        .join(TemplateVersion, col(TemplateVersion.id) == TemplateRegistration.version_id)
        .join(ProviderAccount, col(ProviderAccount.id) == col(TemplateRegistration.account_id))
        .join(Sender, col(Sender.id) == col(TemplateRegistration.sender_id))
        .where(
            col(TemplateRegistration.workspace_id) == workspace_id,
            col(TemplateVersion.template_id).in_(template_ids),
        )
        .order_by(col(TemplateRegistration.id))
    )
    registered: dict[UUID, list[Registered]] = {}
    for registration, account, sender in found.all():
        one = Registered(registration, account, sender, standing(registration))
        registered.setdefault(registration.version_id, []).append(one)
    return registered
