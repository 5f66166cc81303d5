"""A notice template: its parts, how it is read from TOML or the API, and the rules it must keep.

Rules and their error numbers are those of the NHN Cloud "KakaoTalk Bizmessage" guide (2026-06).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from channels.contract import Button
from channels.management import TemplateForm
from templates import buttons as button_rules
from templates import plan as plans
from templates import windows
from templates.findings import TemplateProblem
from templates.limits import LMS_BYTES, STRICT, SUBJECT_BYTES, Limits
from templates.reader import Reader
from templates.text import NotEncodable, byte_length, clean
from templates.variables import BadVariable, Compiled, parse


class MessageType(StrEnum):
    """Kakao's templateMessageType."""

    BASIC = "BA"
    EXTRA = "EX"  # with extra information
    ADD_CHANNEL = "AD"
    MIXED = "MI"  # both


class Emphasis(StrEnum):
    """Kakao's templateEmphasizeType; IMAGE and ITEM_LIST are not carried yet."""

    NONE = "NONE"
    TEXT = "TEXT"


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

    ``sms``: the shorter text for SMS and LMS, None for body and links; ``plan``: None for the
    default; ``send_window``: None for any time. A built instance is not checked:
    :meth:`from_mapping` is the way in.
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

    @classmethod
    def from_mapping(cls, data: object, limits: Limits = STRICT) -> "Template":
        """Read a template from TOML or JSON data; absent and null fields take their defaults.

        Raises TemplateProblem with every finding.
        """
        reader = Reader(data)
        reader.only(cls.__slots__)
        template = cls(
            code=reader.matching("code", "[A-Za-z0-9_-]+", limits.code),
            name=reader.text("name", limits.name, required=True),
            content=reader.text("content", required=True, lines=True),
            message_type=reader.choice("message_type", MessageType, MessageType.BASIC),
            emphasis=reader.choice("emphasis", Emphasis, Emphasis.NONE),
            title=reader.text("title", limits.title),
            subtitle=reader.text("subtitle", limits.subtitle),
            extra=reader.text("extra", limits.extra, lines=True),
            buttons=tuple(
                button_rules.read(item, limits) for item in reader.items("buttons", limits.buttons)
            ),
            category=reader.matching("category", "[0-9]{6}", 6, "999999"),
            security=reader.flag("security"),
            sms=reader.text("sms", lines=True) or None,
            sms_subject=reader.text("sms_subject"),
            plan=plans.read(reader),
            when_unknown=reader.choice("when_unknown", WhenUnknown, WhenUnknown.HOLD),
            retention_class=reader.matching("retention_class", "[a-z][a-z0-9_]*", 20, "standard"),
            purpose=reader.choice("purpose", Purpose, Purpose.INFO),
            send_window=windows.read(reader),
        )
        _check(template, reader, limits)
        if reader.findings:
            raise TemplateProblem(reader.findings)
        return template

    def to_mapping(self) -> dict[str, Any]:
        """JSON data that :meth:`from_mapping` reads back to an equal template."""
        data: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        data |= {name: str(value) for name, value in data.items() if isinstance(value, StrEnum)}
        data["buttons"] = [
            {name: value for name in button_rules.FIELDS if (value := getattr(button, name))}
            for button in self.buttons
        ]
        data["plan"] = plans.dump(self.plan) if self.plan else None
        del data["send_window"]  # absent where there is none: a body stored earlier stays equal
        if self.send_window is not None:
            data["send_window"] = windows.dump(self.send_window)
        return data

    def form(self) -> TemplateForm:
        """The part a provider registers and reviews."""
        return TemplateForm(
            code=self.code,
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
        )

    @property
    def sms_source(self) -> str:
        """What SMS and LMS say: the variant, else the body, web-link names and mobile URLs.

        The latter is what providers' own fallback sends (NHN Cloud guide, resendContent).
        """
        if self.sms is not None:
            return self.sms
        links = [f"{b.name}: {b.url_mobile}" for b in self.buttons if b.kind == "WL"]
        return "\n".join([self.content, "", *links]) if links else self.content

    @property
    def sms_field(self) -> str:
        """The field :attr:`sms_source` comes from."""
        return "content" if self.sms is None else "sms"

    def uses(self, channel: plans.Channel) -> bool:
        """Whether its plan, or the default one, asks for ``channel``."""
        return (self.plan or plans.DEFAULT).uses(channel)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Field path and text of everything that may hold variables."""
        yield "content", self.content
        yield "title", self.title
        yield "sms", self.sms or ""
        yield "sms_subject", self.sms_subject
        for i, button in enumerate(self.buttons):
            for name in button_rules.LINKS:
                yield f"buttons[{i}].{name}", getattr(button, name)


def _check(template: Template, reader: Reader, limits: Limits) -> None:
    """The rules that concern more than one field, for fields without a finding of their own."""
    flagged = {found.field for found in reader.findings}
    rules = Reader({})
    button_rules.place(rules, template.buttons, template.message_type)
    _check_parts(template, rules)
    _check_lengths(template, rules, limits)
    compiled = _check_variables(template, rules, limits)
    _check_sms(template, rules, compiled)
    if template.purpose is Purpose.AD and template.uses(plans.Channel.ALIMTALK):
        rules.add("purpose", "ad_on_alimtalk")
    if windows.is_vain(template.send_window, is_ad=template.purpose is Purpose.AD):
        rules.add("send_window", "window_never_open")
    reader.findings += [found for found in rules.findings if found.field not in flagged]


def _check_parts(template: Template, rules: Reader) -> None:
    with_extra = template.message_type in {MessageType.EXTRA, MessageType.MIXED}
    emphasised = template.emphasis is Emphasis.TEXT
    for field, kind, wanted in (  # -3018, -3020, -3028, -3030; -3016, -3027
        ("extra", template.message_type.value, with_extra),
        ("title", template.emphasis.value, emphasised),
        ("subtitle", template.emphasis.value, emphasised),
    ):
        given = bool(getattr(template, field).strip())
        if given != wanted:
            rules.add(field, "needed_by" if wanted else "not_allowed", kind)
    for field in ("subtitle", "extra", "name"):
        if "#{" in getattr(template, field):  # -3017, -3021
            rules.add(field, "variable_not_allowed")
    if template.title.endswith("\\s"):  # -3047
        rules.add("title", "strike_through")


def _check_lengths(template: Template, rules: Reader, limits: Limits) -> None:
    room = limits.room(template.message_type)
    count = len(template.content) + len(template.extra)
    if count > room:
        rules.add("content", "too_long", limit=room, count=count)


def _check_variables(template: Template, rules: Reader, limits: Limits) -> dict[str, Compiled]:
    compiled: dict[str, Compiled] = {}
    for field, text in template.texts():
        try:
            compiled[field] = parse(text)
        except BadVariable as bad:
            rules.add(field, "bad_variable", str(bad))
    names = {name for text in compiled.values() for name in text.names}
    if len(names) > limits.variables:
        rules.add("content", "too_many", limit=limits.variables, count=len(names))
    return compiled


def _check_sms(template: Template, rules: Reader, compiled: dict[str, Compiled]) -> None:
    """What is wrong before any value is filled in would be wrong with every message."""
    bounds = [("sms_subject", template.sms_subject, SUBJECT_BYTES)]
    if template.sms is not None or template.uses(plans.Channel.SMS):
        bounds.append((template.sms_field, template.sms_source, LMS_BYTES))
    for field, source, limit in bounds:
        if field not in compiled:
            continue
        try:
            count = byte_length(clean(parse(source).literal).text)
        except NotEncodable as bad:
            chars = " ".join(f"{ch}(U+{ord(ch):04X})" for ch in bad.chars)
            rules.add(field, "not_encodable", chars)
        except BadVariable:  # a broken link: it has its own finding
            continue
        else:
            if count > limit:
                rule = "needs_sms_variant" if field == "content" else "too_many_bytes"
                rules.add(field, rule, limit=limit, count=count)
