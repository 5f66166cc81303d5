"""The optional management side of an adapter: checking credentials, registering templates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from channels.bubble import Button, Highlight, Item, Links
from channels.vocabulary import CommentKind, Inspection, PictureUse, Reason, ReviewAction


@dataclass(frozen=True, slots=True)
class Health:
    """What a credential check found; ``problems`` are plain sentences for the operator."""

    ok: bool
    problems: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TemplateForm:
    """A template as a provider registers it; its texts still hold their ``#{variables}``.

    ``image`` and ``highlight.image`` are what the provider answered when it was given them.
    """

    code: str
    name: str
    content: str
    message_type: str = "BA"
    emphasis: str = "NONE"
    title: str = ""
    subtitle: str = ""
    extra: str = ""
    category: str = "999999"
    security: bool = False
    buttons: tuple[Button, ...] = ()
    header: str = ""
    highlight: Highlight | None = None
    items: tuple[Item, ...] = ()
    summary: Item | None = None
    quick_replies: tuple[Button, ...] = ()
    link: Links | None = None
    image: "Uploaded | None" = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is given to a provider."""

    name: str  # with its ending
    media_type: str  # image/jpeg, image/png
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What a provider calls a picture it was given; ``expires_at``: None for ever."""

    name: str
    url: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """One line of the talk with the reviewers."""

    text: str
    kind: CommentKind = CommentKind.ANSWER
    author: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """What the provider says of a registered template.

    ``code``: the provider's own id, where it takes no code of ours: messages and later questions
    name the template by it from now on. ``provider_code`` is the messenger's, only shown.
    """

    inspection: Inspection
    provider_code: str = ""
    blocked: bool = False
    dormant: bool = False
    stopped: bool = False
    comments: tuple[Comment, ...] = ()
    code: str = ""


class ProviderRefused(Exception):
    """A management call (template, sender, check) the provider answered with a refusal."""

    def __init__(self, reason: Reason, code: str, text: str) -> None:
        super().__init__(f"{reason}: {code} {text}")
        self.reason, self.code, self.text = reason, code, text


class ProviderSilent(Exception):
    """A management call that got no readable answer; it may be asked again."""


@runtime_checkable
class CanCheck(Protocol):
    """A provider whose credentials can be checked at no cost."""

    async def check(self) -> Health:
        """Never raises; what is wrong is in ``problems``."""
        ...


@runtime_checkable
class CanReview(Protocol):
    """A provider that registers templates and reviews them.

    ``review_actions``: what its API offers beyond registering and asking.
    """

    review_actions: frozenset[ReviewAction]

    async def submit(self, sender: str, form: TemplateForm) -> Review:
        """Register (and so submit) a template; submitting what is there already is harmless.

        Raises ProviderRefused, ProviderSilent.
        """
        ...

    async def review(self, sender: str, code: str) -> Review:
        """The state of one template. Raises ProviderRefused, ProviderSilent."""
        ...

    async def act(
        self,
        action: ReviewAction,
        sender: str,
        code: str,
        *,
        form: TemplateForm | None = None,
        text: str = "",
    ) -> None:
        """One of ``review_actions``: ``form`` for an edit, ``text`` for a comment.

        Doing twice what was done already is harmless or refused, never doubled. Raises
        ProviderRefused, ProviderSilent.
        """
        ...


@runtime_checkable
class CanUpload(Protocol):
    """A provider that must be given pictures before a template or an MMS can show them."""

    async def upload(self, use: PictureUse, picture: Picture, now: datetime) -> Uploaded:
        """Give it one picture. Raises ProviderRefused, ProviderSilent."""
        ...
