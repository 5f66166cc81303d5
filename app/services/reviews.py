"""Reviews: what a person asks for a template, kept until the scheduler has asked the provider."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from app.db.session import Tx
from app.errors import Invalid, Refused
from app.services import registrations, templates
from app.services.actions import (
    EVERYWHERE,
    RULES,
    STOPS,
    Reach,
    account_of,
    aimed_at,
    ask,
    check_own,
    every,
    not_offered,
    put,
)
from app.services.registrations import SUBMIT, offers
from app.services.standing import Registered
from app.services.template_events import tell
from app.services.versions import Stored
from channels.management import Comment
from channels.vocabulary import ReviewAction
from templates.reading import read_template

MOST_TEXT = 500  # characters of a comment (Kakao, inspection request)


async def submit(
    tx: Tx, workspace_id: UUID, code: str, reach: Reach = EVERYWHERE, comment: str = ""
) -> Stored:
    """Have the newest version reviewed wherever it is not known yet, or was refused or withdrawn.

    ``comment`` is said to the reviewers. What is reviewed or approved already stays so. Raises
    NotFound ``unknown_template``, ``unknown_account``, Invalid ``too_long``, ``unknown_picture``,
    ``picture_unfit``, Refused ``rejected``, ``not_offered_by_provider``, ``action_waiting``,
    ``template_being_deleted``, ``live_template``.
    """
    _check_text(comment, "comment")
    found = await templates.lock(tx, workspace_id, code)
    if found.version.submitted_at is None:
        templates.check_submit(found, read_template(found.version.body), reach.modes)
    account = await account_of(tx, workspace_id, reach)
    await registrations.submit(
        tx, found.template, found.version, reach.modes, account.id if account else None
    )
    found = await templates.get(tx.session, workspace_id, code)
    here = [one for one in found.registered if reach.holds(one)]
    asked = [one for one in here if _may_be_submitted(one)]
    if here and all(one.registration.inspection == "rejected" for one in here):
        raise Refused(
            "rejected",
            "This version was rejected and never changes. Mend it with "
            f"PUT /v1/templates/{code}, which submits the next version.",
        )
    if comment and not any(ReviewAction.COMMENT in offers(o.account.adapter) for o in asked):
        raise not_offered(ReviewAction.COMMENT, asked or here)
    for one in asked:
        can_say = ReviewAction.COMMENT in offers(one.account.adapter)
        put(tx, one.registration, SUBMIT, comment if can_say else "")
    await tx.session.flush()
    return found


async def act(
    tx: Tx,
    workspace_id: UUID,
    code: str,
    action: ReviewAction,
    reach: Reach = EVERYWHERE,
    text: str = "",
) -> Stored:
    """Have a provider withdraw, release or stop something, or tell its reviewers ``text``.

    Raises NotFound ``unknown_template``, ``unknown_account``, Invalid ``too_long``,
    ``comment_missing``, Refused ``not_offered_by_provider``, ``action_waiting``,
    ``template_being_deleted`` and the refusal of :data:`app.services.actions.RULES`.
    """
    if action is ReviewAction.COMMENT:
        _check_text(text, "text", needed=True)
    found = await templates.lock(tx, workspace_id, code)
    await account_of(tx, workspace_id, reach)
    ask(tx, action, aimed_at(found, action, reach), text)
    await tx.session.flush()
    return found


async def stop(tx: Tx, workspace_id: UUID, code: str, reach: Reach = EVERYWHERE) -> Stored:
    """Let nothing leave with a template, whatever its version: from now on, queued or not.

    Providers that offer it are asked to stop it too. With an account, only its provider is. Twice
    is harmless. Raises as :func:`act`, and Refused ``live_template``.
    """
    if reach.account:
        return await act(tx, workspace_id, code, ReviewAction.STOP, reach)
    found = await templates.lock(tx, workspace_id, code)
    check_own(found, reach, "stop")
    if found.template.stopped_at is None:
        found.template.stopped_at = tx.now
        tell(tx, "stopped", found.template, found.version, reach.modes)
    return await _also(tx, found, ReviewAction.STOP, reach)


async def resume(tx: Tx, workspace_id: UUID, code: str, reach: Reach = EVERYWHERE) -> Stored:
    """Undo :func:`stop`, here and at the providers that offer it. Twice is harmless."""
    if reach.account:
        return await act(tx, workspace_id, code, ReviewAction.RESUME, reach)
    found = await templates.lock(tx, workspace_id, code)
    check_own(found, reach, "resume")
    if found.template.stopped_at is not None:
        found.template.stopped_at = None
        tell(tx, "resumed", found.template, found.version, reach.modes)
    return await _also(tx, found, ReviewAction.RESUME, reach)


async def sync(tx: Tx, workspace_id: UUID, code: str, reach: Reach = EVERYWHERE) -> Stored:
    """Ask the providers now how it stands. Raises NotFound."""
    found = await templates.get(tx.session, workspace_id, code)
    await account_of(tx, workspace_id, reach)
    for one in every(found):
        row = one.registration
        if reach.holds(one) and not row.action:
            row.due_at, tx.wake = tx.now, True
            tx.session.add(row)
    await tx.session.flush()
    return found


def dump(comments: Iterable[Comment]) -> list[dict[str, Any]]:
    """Comments as a registration keeps them: text, kind, author, at (ISO 8601 or None)."""
    return [
        {
            "text": comment.text,
            "kind": str(comment.kind),
            "author": comment.author,
            "at": comment.at.isoformat() if comment.at else None,
        }
        for comment in comments
    ]


def _may_be_submitted(one: Registered) -> bool:
    row = one.registration
    if row.action not in ("", SUBMIT):
        return False
    withdrawn = row.inspection == "registered" and (
        ReviewAction.WITHDRAW in offers(one.account.adapter)
    )
    return row.inspection == "draft" or withdrawn


async def _also(tx: Tx, found: Stored, action: ReviewAction, reach: Reach) -> Stored:
    """Ask the providers too, where that makes sense, is offered, and nothing else waits."""
    for one in every(found):
        row = one.registration
        free = row.action == "" or row.action in STOPS
        can = action in offers(one.account.adapter) and RULES[action].fits(row)
        if reach.holds(one) and free and can:
            put(tx, row, action)
    tx.session.add(found.template)
    await tx.session.flush()
    return found


def _check_text(text: str, field: str, *, needed: bool = False) -> None:
    if needed and not text.strip():
        raise Invalid("comment_missing", "Say something to the reviewers.", field=field)
    if len(text) > MOST_TEXT:
        raise Invalid(
            "too_long",
            f"{len(text)} characters; a comment has at most {MOST_TEXT}.",
            field=field,
            data={"limit": MOST_TEXT, "count": len(text)},
        )
