"""What a check of the linter looks at: a template, its texts cut once, and how long values get."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from templates.plan import Channel
from templates.template import Template
from templates.text import NotEncodable, byte_length, clean
from templates.variables import BadVariable, Compiled, parse


class Slot(NamedTuple):
    """A variable at its place in a text."""

    name: str
    start: int
    end: int


class Size(NamedTuple):
    """The most a value takes, in characters and in an SMS in bytes."""

    chars: int
    bytes: int


NOTHING = Size(0, 0)


@dataclass(frozen=True)
class Text:
    """A text of a template; one whose variables are broken counts as having none."""

    field: str
    text: str
    compiled: Compiled
    masked: str  # NUL for every character of a variable

    @classmethod
    def of(cls, field: str, text: str) -> "Text":
        """Cut a text at its variables."""
        try:
            compiled = parse(text)
        except BadVariable:
            compiled = Compiled((text,))
        return cls(field, text, compiled, compiled.masked)

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """Its variables in order, with their places."""
        found, at = [], 0
        for i, part in enumerate(self.compiled.parts):
            end = at + len(part) + 3 * (i % 2)  # what surrounds a name
            if i % 2:
                found.append(Slot(part, at, end))
            at = end
        return tuple(found)


@dataclass(frozen=True)
class Subject:
    """One template as the checks see it. ``sizes``: of the variables whose values are known."""

    template: Template
    sample: Mapping[str, str]
    lengths: Mapping[str, int]

    @cached_property
    def texts(self) -> Mapping[str, Text]:
        """By field what may hold variables, blank ones left out."""
        given = self.template.texts()
        return {field: Text.of(field, text) for field, text in given if text.strip()}

    @cached_property
    def bubble(self) -> tuple[Text, ...]:
        """Of these what a reviewer reads and a provider compares: no text for SMS."""
        return tuple(text for field, text in self.texts.items() if field not in SMS_FIELDS)

    def read(self) -> Iterator[tuple[str, str]]:
        """Field and masked text of all that people read: no links."""
        template = self.template
        for field, text in self.texts.items():
            if "." not in field or field.endswith((".title", ".description")):
                yield field, text.masked
        yield "subtitle", template.subtitle
        yield "extra", template.extra
        for group in ("buttons", "quick_replies"):
            for i, button in enumerate(getattr(template, group)):
                yield f"{group}[{i}].name", button.name
        for i, item in enumerate(template.items):
            yield f"items[{i}].title", item.title
        if template.summary is not None:
            yield "summary.title", template.summary.title

    @cached_property
    def for_sms(self) -> tuple[Text, ...]:
        """The texts that may leave as a text message, as they leave: a body with its links."""
        template = self.template
        asked = template.uses(Channel.SMS) or template.sms is not None or template.lms is not None
        if not asked or not template.sms_source.strip():
            return ()
        first = Text.of(template.sms_field, template.sms_source)
        others = ("lms", "sms_subject") if template.sms is not None else ("sms_subject",)
        return (first, *(self.texts[name] for name in others if name in self.texts))

    def place(self, text: Text, start: int, end: int) -> tuple[int, int] | None:
        """A place of a text for SMS, None where it is behind the field's own: in a link."""
        own = self.texts.get(text.field)
        return (start, end) if own is not None and end <= len(own.text) else None

    @cached_property
    def sizes(self) -> Mapping[str, Size]:
        """What is known of values: the given length, else the sample's own."""
        known = {name: _size(value) for name, value in self.sample.items()}
        return known | {name: Size(most, 2 * most) for name, most in self.lengths.items()}

    def chars(self, text: Text) -> int:
        """Characters of a text at its longest; a value of which nothing is known counts nothing."""
        values = sum(self.sizes.get(name, NOTHING).chars for name in text.compiled.slots)
        return len(text.compiled.literal) + values

    def bytes(self, text: Text) -> int:
        """Bytes of a text for SMS at its longest."""
        values = sum(self.sizes.get(name, NOTHING).bytes for name in text.compiled.slots)
        return _bytes(text.compiled.literal) + values


SMS_FIELDS = ("sms", "lms", "sms_subject")


def _size(value: str) -> Size:
    return Size(len(value), _bytes(value))


def _bytes(text: str) -> int:
    try:
        return byte_length(clean(text).text)
    except NotEncodable:  # it has a finding of its own
        return 2 * len(text)
