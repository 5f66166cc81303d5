"""A notice template: its parts, and how they are written down.

:mod:`templates.reading` reads one, :mod:`templates.rules` holds what concerns more than one field.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from channels.bubble import Button, Highlight, Item, Links
from channels.management import TemplateForm, Uploaded
from templates import parts, windows
from templates import plan as plans
from templates.buttons import FIELDS, FILLED, LINKS
from templates.limits import COMMON, PROVIDERS, Limits


class MessageType(StrEnum):
    """Kakao's templateMessageType."""

    BASIC = "BA"
    EXTRA = "EX"  # with extra information
    ADD_CHANNEL = "AD"
    MIXED = "MI"  # both


class Emphasis(StrEnum):
    """Kakao's templateEmphasizeType."""

    NONE = "NONE"
    TEXT = "TEXT"
    IMAGE = "IMAGE"
    ITEM_LIST = "ITEM_LIST"


class WhenUnknown(StrEnum):
    """What follows when an answer was lost and the provider cannot be asked."""

    HOLD = "hold"
    RESEND = "resend"
    FALL_BACK = "fall_back"


class Purpose(StrEnum):
    """What the law sees in it; advertising has rules of its own."""

    INFO = "info"
    AD = "ad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template as its author wrote it; texts hold their ``#{variables}`` unfilled.

    ``sms``: the short text of a text message; ``lms``: the long one, taken where the short one does
    not fit an SMS and this fits an LMS; both None for body and links; ``sms_picture``, ``image``:
    names of pictures of the workspace; ``plan``: None for the default; ``send_window``: None for
    any time; ``limits``: the row of :data:`templates.limits.PROVIDERS` it was written for. A built
    instance is not checked: :func:`templates.reading.read_template` is the way in.
    """

    code: str
    name: str
    content: str
    message_type: MessageType = MessageType.BASIC
    emphasis: Emphasis = Emphasis.NONE
    title: str = ""
    subtitle: str = ""
    extra: str = ""
    buttons: tuple[Button, ...] = ()
    category: str = "999999"
    security: bool = False
    sms: str | None = None
    sms_subject: str = ""
    plan: plans.Plan | None = None
    when_unknown: WhenUnknown = WhenUnknown.HOLD
    retention_class: str = "standard"
    purpose: Purpose = Purpose.INFO
    send_window: windows.Window | None = None
    header: str = ""
    highlight: Highlight | None = None
    items: tuple[Item, ...] = ()
    summary: Item | None = None
    quick_replies: tuple[Button, ...] = ()
    link: Links | None = None
    image: str = ""
    lms: str | None = None
    sms_picture: str = ""
    limits: str = COMMON

    def to_mapping(self) -> dict[str, Any]:
        """JSON data that :func:`templates.reading.read_template` reads back to an equal one."""
        data: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        data |= {name: str(value) for name, value in data.items() if isinstance(value, StrEnum)}
        data["buttons"] = [_button(button) for button in self.buttons]
        data["plan"] = plans.dump(self.plan) if self.plan else None
        for name in _LATER:  # absent where there is none: a body stored earlier stays equal
            if data[name] == _DEFAULTS[name]:
                del data[name]
        for name, dump in _DUMPS.items():
            if name in data:
                data[name] = dump(data[name])
        return data

    @property
    def bounds(self) -> Limits:
        """The limits it was written for."""
        return PROVIDERS[self.limits]

    def form(self, code: str = "", pictures: Mapping[str, Uploaded] | None = None) -> TemplateForm:
        """The part a provider registers and reviews, under ``code`` where it has another there.

        ``pictures``: what the provider answered for each picture it names. Raises KeyError for
        one it was not given.
        """
        known, shown = pictures or {}, self.highlight
        if shown is not None and shown.image:
            shown = replace(shown, image=known[shown.image].url)
        return TemplateForm(
            code=code or self.code,
            name=self.name,
            content=self.content,
            message_type=self.message_type.value,
            emphasis=self.emphasis.value,
            title=self.title,
            subtitle=self.subtitle,
            extra=self.extra,
            category=self.category,
            security=self.security,
            buttons=self.buttons,
            header=self.header,
            highlight=shown,
            items=self.items,
            summary=self.summary,
            quick_replies=self.quick_replies,
            link=self.link,
            image=known[self.image] if self.image else None,
        )

    @property
    def sms_source(self) -> str:
        """What a text message says first: the short text, the long one, or the body and its links.

        The latter, with the web links' names and addresses, is what providers' own fallback sends
        (NHN Cloud guide, resendContent).
        """
        if (given := self.lms if self.sms is None else self.sms) is not None:
            return given
        links = [f"{b.name}: {b.url_mobile}" for b in self.buttons if b.kind == "WL"]
        return "\n".join([self.content, "", *links]) if links else self.content

    @property
    def sms_field(self) -> str:
        """The field :attr:`sms_source` comes from."""
        if self.sms is not None:
            return "sms"
        return "content" if self.lms is None else "lms"

    def uses(self, channel: plans.Channel) -> bool:
        """Whether its plan, or the default one, asks for ``channel``."""
        return (self.plan or plans.DEFAULT).uses(channel)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Field path and text of everything that may hold variables."""
        yield "content", self.content
        yield "title", self.title
        yield "sms", self.sms or ""
        yield "sms_subject", self.sms_subject
        yield from self.bubble_texts()
        yield "lms", self.lms or ""

    def bubble_texts(self) -> Iterator[tuple[str, str]]:
        """Of these, what the bubble shows or leads to, beside its content and title."""
        places: list[tuple[str, object, tuple[str, ...]]] = [
            *((f"buttons[{i}]", one, FILLED) for i, one in enumerate(self.buttons)),
            *((f"quick_replies[{i}]", one, FILLED) for i, one in enumerate(self.quick_replies)),
            ("highlight", self.highlight, ("title", "description")),
            *((f"items[{i}]", one, ("description",)) for i, one in enumerate(self.items)),
            ("summary", self.summary, ("description",)),
            ("link", self.link, LINKS),
        ]
        if self.header:
            yield "header", self.header
        for place, part, names in places:
            for name in names if part is not None else ():
                if text := getattr(part, name):
                    yield f"{place}.{name}", text


# fields that came after the first templates were stored
_LATER = (
    "send_window", "header", "highlight", "items", "summary", "quick_replies", "link", "image",
    "lms", "sms_picture", "limits",
)  # fmt: skip
_DEFAULTS = {field.name: field.default for field in fields(Template)}


def _button(button: Button) -> dict[str, str]:
    return {name: value for name in FIELDS if (value := getattr(button, name))}


_DUMPS: Mapping[str, Callable[[Any], Any]] = {
    "send_window": windows.dump,
    "highlight": parts.dump,
    "items": lambda rows: [parts.dump(row) for row in rows],
    "summary": parts.dump,
    "quick_replies": lambda rows: [_button(row) for row in rows],
    "link": parts.dump,
}
