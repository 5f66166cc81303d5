"""The optional management side of an adapter: checking credentials, registering templates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from channels.contract import Button
from channels.vocabulary import Inspection, Reason


@dataclass(frozen=True, slots=True)
class Health:
    """What a credential check found; ``problems`` are plain sentences for the operator."""

    ok: bool
    problems: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TemplateForm:
    """A template as a provider registers it; ``content`` still holds its ``#{variables}``."""

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


@dataclass(frozen=True, slots=True)
class Review:
    """What the provider says of a registered template."""

    inspection: Inspection
    provider_code: str = ""
    blocked: bool = False
    dormant: bool = False
    stopped: bool = False
    comments: tuple[str, ...] = ()


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
    """A provider that registers templates and reviews them."""

    async def submit(self, sender: str, form: TemplateForm) -> Review:
        """Register (and so submit) a template; submitting what is there already is harmless.

        Raises ProviderRefused, ProviderSilent.
        """
        ...

    async def review(self, sender: str, code: str) -> Review:
        """The state of one template. Raises ProviderRefused, ProviderSilent."""
        ...
