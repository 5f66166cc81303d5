"""Removal: a template that was never approved is forgotten, at its providers first."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import col, delete, select

from app.db.models import Template, TemplateRegistration, TemplateVersion
from app.db.session import Tx
from app.errors import Refused
from app.services import templates
from app.services.actions import EVERYWHERE, Reach, check_own, every, put
from app.services.credentials import MODES
from app.services.registrations import offers
from app.services.template_events import tell
from app.services.versions import Stored
from channels.vocabulary import ReviewAction


async def remove(tx: Tx, workspace_id: UUID, code: str, reach: Reach = EVERYWHERE) -> Stored | None:
    """Delete what was never approved; None when it is gone, else its providers are asked first.

    Raises NotFound ``unknown_template``, Refused ``template_in_use``, ``in_review``,
    ``live_template``, ``action_waiting``.
    """
    found = await templates.get(tx.session, workspace_id, code)
    if found.is_being_deleted:
        return found
    found = await templates.lock(tx, workspace_id, code)
    check_own(found, reach, "delete")
    _check_removable(found)
    seen: set[tuple[UUID, str]] = set()
    for one in every(found):
        row, place = one.registration, (one.sender.id, one.registration.code)
        can = ReviewAction.DELETE in offers(one.account.adapter) and one.works
        if not can or place in seen:
            await tx.session.delete(row)
            continue
        seen.add(place)
        put(tx, row, ReviewAction.DELETE)
    await tx.session.flush()
    if seen:
        return await templates.get(tx.session, workspace_id, code)
    await purge(tx, found.template, found.version, MODES)
    return None


async def purge(tx: Tx, template: Template, version: TemplateVersion, modes: Iterable[str]) -> None:
    """Forget a template that no provider knows any more, and say so."""
    tell(tx, "deleted", template, version, modes)
    ids = select(TemplateVersion.id).where(col(TemplateVersion.template_id) == template.id)
    await tx.session.exec(
        delete(TemplateRegistration).where(col(TemplateRegistration.version_id).in_(ids))
    )
    await tx.session.exec(
        delete(TemplateVersion).where(col(TemplateVersion.template_id) == template.id)
    )
    await tx.session.exec(delete(Template).where(col(Template.id) == template.id))


def _check_removable(found: Stored) -> None:
    code = found.template.code
    for one in every(found):
        row = one.registration
        if row.inspection == "approved" or row.usage != "waiting":
            raise Refused(
                "template_in_use",
                f"{code} was approved, so messages may name it. Stop it instead "
                f"(POST /v1/templates/{code}/stop).",
            )
        if row.inspection == "in_review":
            raise Refused(
                "in_review",
                f"{code} is being reviewed. Withdraw it where the provider offers that, or wait "
                "for the result.",
                data={"account": one.account.name},
            )
    if any(one.version.submitted_at and not one.is_reviewed for one in found.versions):
        raise Refused(
            "template_in_use",
            f"{code} needs no review and may have been sent. Stop it instead "
            f"(POST /v1/templates/{code}/stop).",
        )
