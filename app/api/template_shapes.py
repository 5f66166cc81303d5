"""How templates, their versions and their reviews are shown."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from app.api.deps import Answer
from app.services.callers import Caller
from app.services.credentials import MODES
from app.services.registrations import offers
from app.services.standing import Registered
from app.services.versions import Numbered, Stored


class CommentOut(BaseModel):
    """One line of the talk with the reviewers."""

    text: str
    kind: str = Field(description="question, answer, approved, rejected or in_review")
    author: str
    at: datetime | None


class RegistrationOut(Answer):
    """How a version stands at one account."""

    account: str = Field(examples=["NHN sandbox"])
    mode: str = Field(examples=["sandbox"])
    version: int = Field(examples=[1])
    code: str = Field(description="what the provider calls this version")
    state: str = Field(
        examples=["in_review"],
        description="draft, waiting_for_picture, refused, registered, in_review, approved, "
        "rejected, replaced, stopped, dormant or blocked; only approved ones are sent",
    )
    detail: str
    detail_ko: str
    inspection: str
    usage: str = Field(description="waiting, normal (approved once) or stopped, at the provider")
    blocked: bool
    dormant: bool
    comments: list[CommentOut]
    offers: list[str] = Field(
        description="what the provider's API can be asked: edit, withdraw, comment, stop, resume, "
        "release, delete"
    )
    waiting: str = Field(description="what it is still to be asked; empty when nothing is")
    error_code: str
    error_text: str
    checked_at: datetime | None


class VersionOut(Answer):
    """One version: immutable once it was submitted."""

    number: int = Field(examples=[2])
    body: dict[str, Any] = Field(description="the template as it was given")
    created_at: datetime
    submitted_at: datetime | None = Field(description="null for a draft")
    registrations: list[RegistrationOut]


class VersionsOut(Answer):
    """All versions, the newest first."""

    items: list[VersionOut]


class TemplateOut(Answer):
    """A template: its newest version, and those that are in use or in review."""

    code: str = Field(examples=["order_shipped"])
    name: str = Field(examples=["배송 시작"])
    category: str = Field(examples=["info"])
    version: int = Field(examples=[1], description="the newest")
    submitted: bool = Field(description="false while the newest version is a draft")
    body: dict[str, Any] = Field(description="the newest version's template")
    created_at: datetime
    stopped_at: datetime | None = Field(description="since when you have stopped it")
    in_use: dict[str, int] = Field(
        examples=[{"sandbox": 1}],
        description="by mode the version that messages are accepted with, where there is one",
    )
    in_review: dict[str, list[int]] = Field(
        examples=[{"sandbox": [2]}], description="by mode the versions under review"
    )
    registrations: list[RegistrationOut] = Field(
        description="of the newest version, and of those in use or in review"
    )


class TemplatesOut(Answer):
    """A page of templates."""

    items: list[TemplateOut]
    next: str | None = Field(description="cursor of the next page, null on the last")


def modes_of(caller: Caller) -> tuple[str, ...]:
    """Which accounts a key may see and touch: a test key only those of the sandbox."""
    return (caller.mode,) if caller.simulated else MODES


def template_out(stored: Stored, caller: Caller) -> TemplateOut:
    """What a key may see of it."""
    modes, is_stopped = modes_of(caller), stored.template.stopped_at is not None
    used = {mode: stored.in_use(mode) for mode in modes if not is_stopped}
    in_use = {mode: one.version.number for mode, one in used.items() if one is not None}
    in_review = {mode: stored.in_review(mode) for mode in modes}
    shown = {stored.version.number, *in_use.values(), *(n for ns in in_review.values() for n in ns)}
    return TemplateOut(
        code=stored.template.code,
        name=stored.template.name,
        category=stored.template.category,
        version=stored.version.number,
        submitted=stored.version.submitted_at is not None,
        body=stored.version.body,
        created_at=stored.template.created_at,
        stopped_at=stored.template.stopped_at,
        in_use=in_use,
        in_review=in_review,
        registrations=[
            out
            for one in stored.versions
            if one.version.number in shown
            for out in _registrations(one, caller)
        ],
        simulated=caller.simulated,
    )


def version_out(one: Numbered, caller: Caller) -> VersionOut:
    """What a key may see of a version."""
    return VersionOut(
        number=one.version.number,
        body=one.version.body,
        created_at=one.version.created_at,
        submitted_at=one.version.submitted_at,
        registrations=_registrations(one, caller),
        simulated=caller.simulated,
    )


def _registrations(one: Numbered, caller: Caller) -> list[RegistrationOut]:
    modes = modes_of(caller)
    return [
        _registration(registered, one.version.number)
        for registered in one.registered
        if registered.account.mode in modes
    ]


def _registration(one: Registered, number: int) -> RegistrationOut:
    row = one.registration
    return RegistrationOut(
        account=one.account.name,
        mode=one.account.mode,
        version=number,
        code=row.code,
        state=one.standing.state,
        detail=one.standing.detail,
        detail_ko=one.standing.detail_ko,
        inspection=row.inspection,
        usage=row.usage,
        blocked=row.blocked,
        dormant=row.dormant,
        comments=[CommentOut(**comment) for comment in row.comments],
        offers=sorted(map(str, offers(one.account.adapter))),
        waiting="" if one.standing.state == "replaced" else row.action,
        error_code=row.error_code,
        error_text=row.error_text,
        checked_at=row.checked_at,
        simulated=one.account.mode == "sandbox",
    )
