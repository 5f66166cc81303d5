"""Registrations: a version at each sender that takes it, under a code of its own there."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import (
    ProviderAccount,
    Sender,
    Template,
    TemplateRegistration,
    TemplateVersion,
)
from app.db.session import Tx
from app.services import pictures
from app.services.standing import REPLACED
from app.services.template_events import tell
from channels import registry
from channels.vocabulary import ReviewAction
from templates.plan import DEFAULT, Channel, parse
from templates.reading import read_template
from templates.template import Template as Form

ALIMTALK = Channel.ALIMTALK
# ``action`` of a registration, beside those of ReviewAction
SUBMIT = "submit"
DELETE = str(ReviewAction.DELETE)

Place = tuple[Sender, ProviderAccount]


def offers(adapter: str) -> frozenset[ReviewAction]:
    """What can be asked of a provider for a registered template."""
    return registry.PROVIDERS[adapter].review_actions


def asks_for_alimtalk(version: TemplateVersion) -> bool:
    """Whether the messenger must review it."""
    plan = version.body.get("plan")
    return (parse(plan) if plan else DEFAULT).uses(ALIMTALK)


async def active_senders(
    session: AsyncSession, workspace_id: UUID, modes: Iterable[str]
) -> Sequence[Place]:
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


async def submit(
    tx: Tx,
    template: Template,
    version: TemplateVersion,
    modes: Collection[str],
    account_id: UUID | None = None,
) -> int:
    """Freeze a version and have it reviewed where it is not known yet; how many places that are.

    The template's row must be locked. Raises Invalid ``unknown_picture``, ``picture_unfit``.
    """
    form = read_template(version.body)
    await pictures.admit(tx, template.workspace_id, form, modes)
    if version.submitted_at is None:
        version.submitted_at = tx.now
        tx.session.add(version)
        tell(tx, "submitted", template, version, modes)
    if not form.uses(ALIMTALK):
        return 0
    known = await tx.session.exec(
        select(TemplateRegistration.sender_id).where(
            col(TemplateRegistration.workspace_id) == template.workspace_id,
            col(TemplateRegistration.version_id) == version.id,
        )
    )
    there, made = set(known), 0
    places = await active_senders(tx.session, template.workspace_id, modes)
    for sender, account in sorted(places, key=lambda place: place[0].id):
        if sender.id in there or account_id not in (None, account.id):
            continue
        made += await _add(tx, New(template, version, form), sender, account)
    await tx.session.flush()
    return made


async def register_sender(tx: Tx, sender: Sender) -> None:
    """Have the newest submitted version of every template reviewed at a new Alimtalk sender."""
    account = await tx.session.get_one(ProviderAccount, sender.account_id)
    rows = await tx.session.exec(
        select(Template, TemplateVersion)
        .join(TemplateVersion, col(TemplateVersion.template_id) == col(Template.id))
        .where(
            col(Template.workspace_id) == sender.workspace_id,
            col(TemplateVersion.submitted_at).is_not(None),
        )
        .order_by(col(Template.id), col(TemplateVersion.number))
    )
    newest = {template.id: (template, version) for template, version in rows.all()}
    for template, version in newest.values():
        if asks_for_alimtalk(version):
            await _add(tx, New(template, version, read_template(version.body)), sender, account)


@dataclass(frozen=True, slots=True)
class New:
    """What is to be registered."""

    template: Template
    version: TemplateVersion
    form: Form


async def _add(tx: Tx, new: New, sender: Sender, account: ProviderAccount) -> bool:
    """Register it at one sender; not where the provider would not take what it was written for."""
    provider = registry.PROVIDERS[account.adapter]
    if new.form.limits not in provider.limits:
        return False
    # two templates must not find the same code free
    await tx.session.exec(
        select(Sender.id).where(col(Sender.id) == sender.id).with_for_update(key_share=True)
    )
    await pictures.wanted(tx, sender.workspace_id, account.id, new.form)
    earlier = await _earlier(tx, new, sender)
    waiting = [one for one in earlier if one.inspection == "draft" and one.action == SUBMIT]
    edited = _handed_on(earlier, waiting) or _editable(earlier, provider.review_actions)
    for one in earlier:
        if one is edited or one in waiting:
            one.action, one.action_text, one.due_at = REPLACED, "", None
            tx.session.add(one)
    code = edited.code if edited else await free_code(tx.session, new, sender)
    tx.session.add(
        TemplateRegistration(
            workspace_id=sender.workspace_id,
            account_id=sender.account_id,
            sender_id=sender.id,
            version_id=new.version.id,
            code=code,
            action=SUBMIT,
            edits_id=edited.id if edited else None,
            due_at=tx.now,
            created_at=tx.now,
        )
    )
    await tx.session.flush()
    tx.wake = True
    return True


async def _earlier(tx: Tx, new: New, sender: Sender) -> list[TemplateRegistration]:
    """The template's other registrations there, the newest version first."""
    found = await tx.session.exec(
        select(TemplateRegistration)
        .join(TemplateVersion, col(TemplateVersion.id) == TemplateRegistration.version_id)
        .where(
            col(TemplateRegistration.workspace_id) == sender.workspace_id,
            col(TemplateRegistration.sender_id) == sender.id,
            col(TemplateVersion.template_id) == new.template.id,
            col(TemplateVersion.id) != new.version.id,
        )
        .order_by(col(TemplateVersion.number).desc())
        .with_for_update(of=TemplateRegistration)
    )
    return list(found)


def _handed_on(
    earlier: Sequence[TemplateRegistration], waiting: Sequence[TemplateRegistration]
) -> TemplateRegistration | None:
    """The one that a version was to edit which is replaced before that was asked."""
    ids = {one.edits_id for one in waiting}
    return next((one for one in earlier if one.id in ids), None)


def _editable(
    earlier: Iterable[TemplateRegistration], can: Collection[ReviewAction]
) -> TemplateRegistration | None:
    """The registration whose place may be taken: rejected or withdrawn, never approved.

    What was approved once may still be in queued messages, and keeps its code for ever.
    """
    if ReviewAction.EDIT not in can:
        return None
    editable = {"rejected", "registered"} if ReviewAction.WITHDRAW in can else {"rejected"}
    for one in earlier:
        if one.inspection in editable and one.usage == "waiting" and not one.action:
            return one
    return None


async def free_code(session: AsyncSession, new: New, sender: Sender) -> str:
    """The template's code, or ``code-N`` where that is taken at the sender."""
    wanted, most = new.template.code, new.form.bounds.code
    stem = wanted[: most - 8]
    used = await session.exec(
        select(TemplateRegistration.code).where(
            col(TemplateRegistration.workspace_id) == sender.workspace_id,
            col(TemplateRegistration.sender_id) == sender.id,
            col(TemplateRegistration.code).startswith(stem, autoescape=True),
        )
    )
    others = await session.exec(
        select(Template.code).where(
            col(Template.workspace_id) == sender.workspace_id,
            col(Template.id) != new.template.id,
            col(Template.code).startswith(stem, autoescape=True),
        )
    )
    taken, number = {*used, *others}, new.version.number
    for suffix in chain(("", f"-{number}"), (f"-{number}-{n}" for n in count(2))):
        code = wanted[: most - len(suffix)] + suffix
        if code not in taken:
            return code
    raise AssertionError("never: suffixes do not end")
