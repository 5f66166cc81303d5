"""Templates: stored once, registered at every Alimtalk sender, sent only where approved."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import (
    ProviderAccount,
    Sender,
    TemplateRegistration,
    TemplateVersion,
)
from app.db.models import Template as Row
from app.db.session import Tx
from app.errors import Invalid, NotFound, Refused
from app.services import accounts
from app.services.credentials import MODES
from app.services.standing import Registered, not_approved, standing
from templates.findings import Finding, TemplateProblem
from templates.plan import DEFAULT, Channel
from templates.template import Template

ALIMTALK = Channel.ALIMTALK


@dataclass(frozen=True, slots=True)
class Stored:
    """A template with its newest version; ``is_new`` is False when it was there already."""

    template: Row
    version: TemplateVersion
    registered: tuple[Registered, ...] = ()
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Sendable:
    """A template that may leave, and through what.

    ``registration`` is None for a template whose plan asks for no Alimtalk: nobody reviews it,
    and ``sender`` is one of the first channel its plan names.
    """

    template: Row
    version: TemplateVersion
    registration: TemplateRegistration | None
    account: ProviderAccount
    sender: Sender


async def create(tx: Tx, workspace_id: UUID, data: object, modes: Sequence[str] = MODES) -> Stored:
    """Store a template and have it reviewed at every active Alimtalk sender of ``modes``.

    Giving the same content again changes nothing and is no error. Raises Invalid
    ``template_invalid`` with all findings in ``data.findings``, Refused ``template_exists``.
    """
    try:
        form = Template.from_mapping(data)
    except TemplateProblem as problem:
        raise _invalid(problem.findings) from None
    body = form.to_mapping()
    found = await _find(tx.session, workspace_id, form.code)
    if found is not None:
        if found.version.body != body:
            raise _exists(form.code)
        await _register(tx, found.template, found.version, modes)
        return await get(tx.session, workspace_id, form.code)
    template = Row(
        workspace_id=workspace_id,
        code=form.code,
        name=form.name,
        category=form.purpose,
        when_unknown=form.when_unknown,
        retention_class=form.retention_class,
        created_at=tx.now,
    )
    version = TemplateVersion(
        workspace_id=workspace_id, template_id=template.id, body=body, created_at=tx.now
    )
    try:
        tx.session.add(template)
        await tx.session.flush()
        tx.session.add(version)
        await tx.session.flush()
    except IntegrityError:
        raise _exists(form.code) from None
    tx.emit(workspace_id, "template.created", template.id, code=form.code)
    await _register(tx, template, version, modes)
    stored = await get(tx.session, workspace_id, form.code)
    return Stored(stored.template, stored.version, stored.registered, is_new=True)


async def register_sender(tx: Tx, sender: Sender) -> None:
    """Have every template of the workspace reviewed at a new Alimtalk sender."""
    rows = await tx.session.exec(
        select(Row, TemplateVersion)
        .join(TemplateVersion, col(TemplateVersion.template_id) == col(Row.id))
        .where(col(Row.workspace_id) == sender.workspace_id)
        .order_by(col(Row.id))
    )
    for template, version in rows.all():
        if _asks_for_alimtalk(version):
            _add_registration(tx, template, version, sender)


async def list_templates(
    session: AsyncSession, workspace_id: UUID, after: UUID | None = None, limit: int = 100
) -> list[Stored]:
    """Templates with their registrations, the oldest first, those after ``after``."""
    query = select(Row).where(col(Row.workspace_id) == workspace_id)
    if after is not None:
        query = query.where(col(Row.id) > after)
    rows = list(await session.exec(query.order_by(col(Row.id)).limit(limit)))
    return await _stored(session, workspace_id, rows)


async def get(session: AsyncSession, workspace_id: UUID, code: str) -> Stored:
    """One template with its registrations. Raises NotFound ``unknown_template``."""
    found = await _find(session, workspace_id, code)
    if found is None:
        raise NotFound(
            "unknown_template",
            "The workspace has no template with this code. List the templates, or create it.",
            field="code",
        )
    return found


async def approved(session: AsyncSession, workspace_id: UUID, code: str, mode: str) -> Sendable:
    """The template as it may be sent in this mode.

    Raises Invalid ``unknown_template``, Refused ``template_not_approved`` and
    ``no_{mode}_account``.
    """
    found = await _find(session, workspace_id, code)
    if found is None:
        raise Invalid(
            "unknown_template",
            "The workspace has no template with this code. List the templates, or create it.",
            field="template",
        )
    if not _asks_for_alimtalk(found.version):
        return await _unreviewed(session, found, mode)
    here = [one for one in found.registered if one.account.mode == mode]
    senders = await _active_senders(session, workspace_id, (mode,))
    if not senders:
        raise accounts.no_account(mode, ALIMTALK)
    for sender, account in senders:
        for one in here:
            if one.registration.sender_id == sender.id and one.standing.is_sendable:
                row = one.registration
                return Sendable(found.template, found.version, row, account, sender)
    raise not_approved(code, mode, here)


async def _unreviewed(session: AsyncSession, found: Stored, mode: str) -> Sendable:
    form = Template.from_mapping(found.version.body)
    channels = [channel for step in (form.plan or DEFAULT).steps for channel in step.channels]
    picked = await accounts.pick(session, found.template.workspace_id, mode, channels[0])
    if picked is None:
        raise accounts.no_account(mode, channels[0])
    sender, account = picked
    return Sendable(found.template, found.version, None, account, sender)


async def _find(session: AsyncSession, workspace_id: UUID, code: str) -> Stored | None:
    rows = await session.exec(
        select(Row).where(col(Row.workspace_id) == workspace_id, col(Row.code) == code)
    )
    found = await _stored(session, workspace_id, list(rows))
    return found[0] if found else None


async def _stored(session: AsyncSession, workspace_id: UUID, rows: Sequence[Row]) -> list[Stored]:
    """The newest version of each, and how it stands everywhere."""
    ids = [row.id for row in rows]
    versions = await session.exec(
        select(TemplateVersion)
        .where(
            col(TemplateVersion.workspace_id) == workspace_id,
            col(TemplateVersion.template_id).in_(ids),
        )
        .order_by(col(TemplateVersion.number))
    )
    newest = {version.template_id: version for version in versions}
    registered: dict[UUID, list[Registered]] = {version.id: [] for version in newest.values()}
    found = await session.exec(
        select(TemplateRegistration, ProviderAccount)
        .join(ProviderAccount, col(ProviderAccount.id) == col(TemplateRegistration.account_id))
        .where(
            col(TemplateRegistration.workspace_id) == workspace_id,
            col(TemplateRegistration.version_id).in_(registered),
        )
        .order_by(col(TemplateRegistration.id))
    )
    for registration, account in found.all():
        one = Registered(registration, account, standing(registration))
        registered[registration.version_id].append(one)
    return [
        Stored(row, newest[row.id], tuple(registered[newest[row.id].id]))
        for row in rows
        if row.id in newest
    ]


async def _active_senders(
    session: AsyncSession, workspace_id: UUID, modes: Iterable[str]
) -> Sequence[tuple[Sender, ProviderAccount]]:
    """Alimtalk senders that may send, accounts at work before paused ones."""
    found = await session.exec(
        select(Sender, ProviderAccount)
        .join(ProviderAccount, col(ProviderAccount.id) == col(Sender.account_id))
        .where(
            col(Sender.workspace_id) == workspace_id,
            col(ProviderAccount.workspace_id) == workspace_id,
            col(Sender.kind) == ALIMTALK,
            col(Sender.state) == "active",
            col(ProviderAccount.mode).in_(modes),
            col(ProviderAccount.state) != "disabled",
        )
        .order_by(col(ProviderAccount.state), col(Sender.id))
    )
    return found.all()


async def _register(tx: Tx, template: Row, version: TemplateVersion, modes: Iterable[str]) -> None:
    """Ask for the reviews that are still missing."""
    if not _asks_for_alimtalk(version):
        return
    known = await tx.session.exec(
        select(TemplateRegistration.sender_id).where(
            col(TemplateRegistration.workspace_id) == template.workspace_id,
            col(TemplateRegistration.version_id) == version.id,
        )
    )
    there = set(known)
    for sender, _ in await _active_senders(tx.session, template.workspace_id, modes):
        if sender.id not in there:
            _add_registration(tx, template, version, sender)
    await tx.session.flush()


def _add_registration(tx: Tx, template: Row, version: TemplateVersion, sender: Sender) -> None:
    tx.session.add(
        TemplateRegistration(
            workspace_id=template.workspace_id,
            account_id=sender.account_id,
            sender_id=sender.id,
            version_id=version.id,
            code=template.code,
            due_at=tx.now,
            created_at=tx.now,
        )
    )
    tx.wake = True


def _asks_for_alimtalk(version: TemplateVersion) -> bool:
    return Template.from_mapping(version.body).uses(ALIMTALK)


def _invalid(findings: Sequence[Finding]) -> Invalid:
    first = findings[0]
    return Invalid(
        "template_invalid",
        f"{first.message_en} All {len(findings)} findings are in data.findings.",
        field=first.field or None,
        data={"findings": [asdict(finding) for finding in findings]},
    )


def _exists(code: str) -> Refused:
    return Refused(
        "template_exists",
        f"The template {code} is there already with other content. Use another code: a text "
        "that is under review or approved never changes.",
        field="code",
    )
