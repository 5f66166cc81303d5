"""What is asked of a provider for one registration, and what it answered; no transaction here.

Everything may be asked twice: whoever dies between asking and noting is followed by somebody who
asks again. Adapters promise that a repeat is harmless or refused; a refusal is followed by a look.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.db.models import ProviderAccount, Sender, Template, TemplateRegistration, TemplateVersion
from app.services.registrations import DELETE, SUBMIT
from app.services.standing import PICTURE
from channels.management import (
    CanReview,
    CanUpload,
    ProviderRefused,
    ProviderSilent,
    Review,
    TemplateForm,
    Uploaded,
)
from channels.vocabulary import Inspection, Reason, ReviewAction
from templates.reading import read_template

SILENT = "no_answer"
EDIT = str(ReviewAction.EDIT)
EDITABLE = (Inspection.REJECTED, Inspection.REGISTERED)
READ = (Inspection.IN_REVIEW, Inspection.REJECTED)  # reviewers read comments
NOT_THERE = (Reason.TEMPLATE_STATE, Reason.REQUEST_REFUSED)  # to a question for its state
REFUSED = "_refused"  # error codes of actions: stop_refused


@dataclass(frozen=True, slots=True)
class Due:
    """A registration that is due, with what asking takes. ``pictures``: what was given, by name."""

    registration: TemplateRegistration
    account: ProviderAccount
    sender: Sender
    version: TemplateVersion
    template: Template
    pictures: Mapping[str, Uploaded] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why something was not done."""

    code: str
    text: str


class End(StrEnum):
    """What becomes of the action."""

    OPEN = "open"  # to be asked again
    DONE = "done"  # it worked, or was refused for good
    BACK = "back"  # an edit that was refused: it begins anew, later
    ANEW = "anew"  # the registration it was to edit is not rejected any more
    GONE = "gone"  # deleted


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of it."""

    review: Review | None = None
    trouble: Trouble | None = None
    end: End = End.OPEN


Begun = Callable[[], Awaitable[bool]]


async def ask(adapter: CanReview, one: Due, begun: Begun) -> Heard:
    """Ask what its ``action`` says, or only how it stands. Never raises for a provider's trouble.

    ``begun`` writes down that an edit is being asked; False when somebody took the place.
    """
    action = one.registration.action
    try:
        if action in (SUBMIT, EDIT):
            return await _submit(adapter, one, begun)
        if action == DELETE:
            return await _delete(adapter, one)
        if action:
            return await _act(adapter, one, ReviewAction(action))
        return Heard(await _look(adapter, one))
    except ProviderRefused as refused:
        return Heard(trouble=_why(refused))
    except ProviderSilent as silent:
        return Heard(trouble=Trouble(SILENT, str(silent)))


def form_of(one: Due) -> TemplateForm:
    """The form as this sender's provider is given it; a code of its own gets a name of its own.

    Raises KeyError for a picture the provider was not given.
    """
    form, registration = read_template(one.version.body), one.registration
    made = form.form(registration.code, one.pictures)
    if registration.code == one.template.code:
        return made
    suffix = f" ({one.version.number})"
    return replace(made, name=made.name[: form.bounds.name - len(suffix)] + suffix)


async def _look(adapter: CanReview, one: Due) -> Review:
    return await adapter.review(one.sender.value, one.registration.code)


async def _submit(adapter: CanReview, one: Due, begun: Begun) -> Heard:
    """Register it, or edit the rejected or withdrawn one whose code it has."""
    try:
        form = form_of(one)
    except KeyError:
        if isinstance(adapter, CanUpload):
            return Heard(trouble=Trouble(PICTURE, ""))
        return Heard(trouble=Trouble("no_pictures", "This provider takes no pictures."))
    row = one.registration
    takes_over = row.inspection == "draft" and row.edits_id is not None
    if row.inspection == "draft" and not takes_over:
        return Heard(await adapter.submit(one.sender.value, form), end=End.DONE)
    before = await _look(adapter, one)
    if before.inspection not in EDITABLE or row.inspection not in ("draft", "registered"):
        # asked before: the edit was taken. Else somebody else had it reviewed: never pass off
        # the old text's approval as the new one's
        is_ours = row.action == EDIT or not takes_over
        return Heard(before, end=End.DONE) if is_ours else Heard(end=End.ANEW)
    if row.action != EDIT and not await begun():
        return Heard()
    try:
        await adapter.act(ReviewAction.EDIT, one.sender.value, row.code, form=form)
    except ProviderRefused as refused:
        return Heard(trouble=_why(refused), end=End.BACK)
    return Heard(Review(Inspection.REGISTERED), end=End.DONE)


async def _delete(adapter: CanReview, one: Due) -> Heard:
    try:
        before = await _look(adapter, one)
    except ProviderRefused as refused:
        if refused.reason not in NOT_THERE:
            raise
        return Heard(end=End.GONE)
    if before.inspection in (Inspection.APPROVED, Inspection.IN_REVIEW):
        text = f"It is {before.inspection} at the provider."
        return Heard(before, Trouble(DELETE + REFUSED, text), End.DONE)
    try:
        await adapter.act(ReviewAction.DELETE, one.sender.value, one.registration.code)
    except ProviderRefused as refused:
        return Heard(before, _refused(DELETE, refused), End.DONE)
    return Heard(end=End.GONE)


async def _act(adapter: CanReview, one: Due, action: ReviewAction) -> Heard:
    row, text = one.registration, one.registration.action_text
    if action is ReviewAction.COMMENT and row.inspection not in READ:
        before = await _look(adapter, one)  # said with the submission: wait for a reader
        if before.inspection not in READ:
            is_late = before.inspection is Inspection.APPROVED
            return Heard(before, end=End.DONE if is_late else End.OPEN)
    try:
        await adapter.act(action, one.sender.value, row.code, text=text)
    except ProviderRefused as refused:
        after = await _look(adapter, one)
        trouble = None if _is_done(action, after, text) else _refused(action, refused)
        return Heard(after, trouble, End.DONE)
    return Heard(await _look(adapter, one), end=End.DONE)


def _why(refused: ProviderRefused) -> Trouble:
    return Trouble(refused.code or str(refused.reason), refused.text)


def _refused(action: str, refused: ProviderRefused) -> Trouble:
    """The provider's no. Wrong credentials are no answer to the question: raises it again."""
    if refused.reason is Reason.MISCONFIGURED:
        raise refused
    return Trouble(action + REFUSED, f"{refused.code} {refused.text}".strip())


def _is_done(action: ReviewAction, review: Review, text: str) -> bool:
    """Whether a refused action turns out to be done: an earlier try of ours got through."""
    return {
        ReviewAction.WITHDRAW: review.inspection is Inspection.REGISTERED,
        ReviewAction.COMMENT: text.strip() in {one.text.strip() for one in review.comments},
        ReviewAction.STOP: review.stopped,
        ReviewAction.RESUME: not review.stopped,
        ReviewAction.RELEASE: not review.dormant,
    }[action]
