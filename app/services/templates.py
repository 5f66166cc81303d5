"""Templates: what is stored, its versions, and which of them may be sent."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import ProviderAccount, Sender, TemplateRegistration, TemplateVersion
from app.db.models import Template as Row
from app.db.session import Tx
from app.errors import Invalid, NotFound, Refused
from app.services import accounts, registrations, versions
from app.services.actions import Reach, check_own
from app.services.credentials import MODES
from app.services.registrations import ALIMTALK
from app.services.standing import is_draft, not_approved, stopped
from app.services.template_events import tell
from app.services.versions import Numbered, Stored
from templates.findings import Finding, TemplateProblem
from templates.plan import DEFAULT
from templates.reading import read_template
from templates.template import Template as Form


@dataclass(frozen=True, slots=True)
class Sendable:
    """A version that may leave, and through what.

    ``registration`` is None for one whose plan asks for no Alimtalk: nobody reviews it, and
    ``sender`` is one of the first channel its plan names.
    """

    template: Row
    version: TemplateVersion
    registration: TemplateRegistration | None
    account: ProviderAccount
    sender: Sender


async def create(
    tx: Tx,
    workspace_id: UUID,
    data: object,
    modes: Collection[str] = MODES,
    *,
    submit: bool = True,
) -> Stored:
    """Store a template; ``submit``: have it reviewed at every Alimtalk sender of ``modes``.

    Giving the same content again changes nothing and is no error. Raises Invalid
    ``template_invalid`` with all findings in ``data.findings``, ``unknown_picture``,
    ``picture_unfit``, Refused ``template_exists``, ``template_being_deleted``.
    """
    form = _read(data)
    try:
        found = await lock(tx, workspace_id, form.code)
    except NotFound:
        return await _create(tx, workspace_id, form, modes, submit=submit)
    if found.version.body != form.to_mapping():
        raise _exists(form.code)
    if submit:
        await registrations.submit(tx, found.template, found.version, modes)
    return await get(tx.session, workspace_id, form.code)


async def put(
    tx: Tx,
    workspace_id: UUID,
    code: str,
    data: object,
    modes: Collection[str] = MODES,
    *,
    submit: bool = True,
) -> Stored:
    """Give a template another wording: the next version, or the draft's new content.

    What is in use stays so until the new version is approved. The same content changes nothing.
    Raises NotFound ``unknown_template``, Invalid ``template_invalid``, ``code_is_fixed``,
    ``unknown_picture``, ``picture_unfit``, Refused ``template_being_deleted``, ``live_template``.
    """
    form = _read(data)
    found = await lock(tx, workspace_id, code)
    if form.code != code:
        raise Invalid(
            "code_is_fixed",
            f"The code of {code} does not change. Give the same code, or create a template with "
            "the other one.",
            field="code",
        )
    if submit:
        check_submit(found, form, modes)
    version, body = found.version, form.to_mapping()
    is_new = False
    if version.body != body and version.submitted_at is None:
        version.body = body
        tx.session.add(version)
        tell(tx, "changed", found.template, version, modes)
    elif version.body != body:
        version = await _add_version(tx, found.template, body, version.number + 1)
        tell(tx, "version_added", found.template, version, modes)
        is_new = True
    _describe(found.template, form)
    tx.session.add(found.template)
    if submit:
        await registrations.submit(tx, found.template, version, modes)
    await tx.session.flush()
    stored = await get(tx.session, workspace_id, code)
    return Stored(stored.template, stored.versions, is_new)


async def list_templates(
    session: AsyncSession, workspace_id: UUID, after: UUID | None = None, limit: int = 100
) -> list[Stored]:
    """Templates with their versions, the oldest first, those after ``after``."""
    query = select(Row).where(col(Row.workspace_id) == workspace_id)
    if after is not None:
        query = query.where(col(Row.id) > after)
    rows = list(await session.exec(query.order_by(col(Row.id)).limit(limit)))
    return await versions.read(session, workspace_id, rows)


async def get(session: AsyncSession, workspace_id: UUID, code: str) -> Stored:
    """One template with its versions. Raises NotFound ``unknown_template``."""
    found = await _find(session, workspace_id, code)
    if found is None:
        raise _unknown()
    return found


async def lock(tx: Tx, workspace_id: UUID, code: str) -> Stored:
    """One template that nobody else changes until the commit.

    Raises NotFound ``unknown_template``, Refused ``template_being_deleted``.
    """
    await tx.session.exec(
        select(Row.id)
        .where(col(Row.workspace_id) == workspace_id, col(Row.code) == code)
        .with_for_update()
    )
    found = await get(tx.session, workspace_id, code)
    if found.is_being_deleted:
        raise Refused(
            "template_being_deleted",
            f"{code} is being deleted at its provider. Wait until it is gone.",
        )
    return found


async def approved(
    session: AsyncSession,
    workspace_id: UUID,
    code: str,
    mode: str,
    version_id: UUID | None = None,
) -> Sendable:
    """The newest version that may be sent in this mode, or the one that was frozen earlier.

    Raises Invalid ``unknown_template``, Refused ``template_stopped``, ``template_not_approved``
    and ``no_{mode}_account``.
    """
    found = await _find(session, workspace_id, code)
    if found is None:
        raise Invalid(
            "unknown_template",
            "The workspace has no template with this code. List the templates, or create it.",
            field="template",
        )
    if found.template.stopped_at is not None:
        raise stopped(code)
    known = [v for v in found.versions if version_id in (None, v.version.id)]
    for one in known:
        if one.is_usable(mode):
            return await _sendable(session, found.template, one, mode)
    if not any(one.registered or one.version.submitted_at for one in known):
        raise is_draft(code, mode)
    if not await registrations.active_senders(session, workspace_id, (mode,)):
        raise accounts.no_account(mode, ALIMTALK)
    here = [r for one in known for r in one.registered if r.account.mode == mode]
    raise not_approved(code, mode, here)


async def _sendable(session: AsyncSession, template: Row, one: Numbered, mode: str) -> Sendable:
    if one.is_reviewed:
        place = next(one.usable(mode))
        return Sendable(template, one.version, place.registration, place.account, place.sender)
    form = read_template(one.version.body)
    channel = (form.plan or DEFAULT).steps[0].channels[0]
    picked = await accounts.pick(session, template.workspace_id, mode, channel)
    if picked is None:
        raise accounts.no_account(mode, channel)
    sender, account = picked
    return Sendable(template, one.version, None, account, sender)


def check_submit(found: Stored, form: Form, modes: Collection[str]) -> None:
    """What nobody reviews is in use at once, in every mode: no test key may do that to live ones.

    Raises Refused ``live_template``.
    """
    if not form.uses(ALIMTALK):
        check_own(found, Reach(modes), "change")


async def _find(session: AsyncSession, workspace_id: UUID, code: str) -> Stored | None:
    rows = await session.exec(
        select(Row).where(col(Row.workspace_id) == workspace_id, col(Row.code) == code)
    )
    found = await versions.read(session, workspace_id, list(rows))
    return found[0] if found else None


def _read(data: object) -> Form:
    try:
        return read_template(data)
    except TemplateProblem as problem:
        raise _invalid(problem.findings) from None


async def _create(
    tx: Tx, workspace_id: UUID, form: Form, modes: Collection[str], *, submit: bool
) -> Stored:
    template = Row(workspace_id=workspace_id, code=form.code, name=form.name, created_at=tx.now)
    _describe(template, form)
    tx.session.add(template)
    try:
        await tx.session.flush()
    except IntegrityError:
        raise _exists(form.code) from None
    version = await _add_version(tx, template, form.to_mapping(), 1)
    tell(tx, "created", template, version, modes)
    if submit:
        await registrations.submit(tx, template, version, modes)
    stored = await get(tx.session, workspace_id, form.code)
    return Stored(stored.template, stored.versions, is_new=True)


async def _add_version(tx: Tx, template: Row, body: dict[str, Any], number: int) -> TemplateVersion:
    version = TemplateVersion(
        workspace_id=template.workspace_id,
        template_id=template.id,
        number=number,
        body=body,
        created_at=tx.now,
    )
    tx.session.add(version)
    await tx.session.flush()
    return version


def _describe(template: Row, form: Form) -> None:
    """What lists show of a template is its newest version's."""
    template.name, template.category = form.name, form.purpose
    template.when_unknown, template.retention_class = form.when_unknown, form.retention_class


def _unknown() -> NotFound:
    return NotFound(
        "unknown_template",
        "The workspace has no template with this code. List the templates, or create it.",
        field="code",
    )


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
        f"The template {code} is there already with other content. Give it the new content as "
        f"its next version (PUT /v1/templates/{code}, `naru templates push`), or use another "
        "code.",
        field="code",
    )
