"""Templates cut at their variables once, so that filling one is a join."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from operator import attrgetter
from typing import Any

from channels.bubble import Button, Highlight, Item, Links
from templates.buttons import FILLED, LINKS, PAYMENT, TOKEN_KINDS
from templates.limits import Limits
from templates.parts import highlight_limits
from templates.plan import Channel
from templates.sms import SmsText, sms_text
from templates.template import Template
from templates.variables import Compiled, parse

Kind = type[Button] | type[Highlight] | type[Item] | type[Links]
NAMES: Mapping[type, tuple[str, ...]] = {
    kind: tuple(one.name for one in fields(kind)) for kind in (Button, Highlight, Item, Links)
}
_READ: Mapping[type, Callable[[Any], tuple[str, ...]]] = {
    kind: attrgetter(*names) for kind, names in NAMES.items()
}
TOKEN = NAMES[Button].index("token")
OTHERS = ("header", "highlight", "items", "summary", "quick_replies", "link")
GROUPS = ("buttons", "items", "quick_replies", "highlight", "summary", "link")
groups_of = attrgetter(*GROUPS)


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of the bubble that holds variables: ``group[index].name``, as a field path names it.

    ``index`` is -1 for what is no list, ``name`` empty for a plain text.
    """

    group: str
    index: int
    name: str
    text: Compiled
    limit: int

    @property
    def path(self) -> str:
        """Such as ``buttons[0].url_mobile``, ``highlight.title`` or ``header``."""
        at = f"[{self.index}]" if self.index >= 0 else ""
        return f"{self.group}{at}" + (f".{self.name}" if self.name else "")

    @property
    def is_link(self) -> bool:
        """Whether what it holds must still be an address when filled."""
        return self.name in LINKS


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the bubble that is made anew for every message.

    ``fixed``: its fields as the template has them, in the order of its kind; ``slots``: those that
    hold variables, by place; ``token``: which token it carries, by its position among buttons and
    quick replies, -1 for none.
    """

    kind: Kind
    fixed: tuple[str, ...]
    slots: tuple[tuple[int, Slot], ...]
    token: int

    def differs(self, given: tuple[str, ...]) -> int | None:
        """The place of the first field that is not this one's, filled anyhow; None when all are."""
        rest = list(given)
        for place, slot in self.slots:
            if slot.text.fits(given[place]):
                rest[place] = self.fixed[place]
        if self.token >= 0:
            rest[TOKEN] = self.fixed[TOKEN]
        return first_difference(tuple(rest), self.fixed)


@dataclass(frozen=True, slots=True)
class CompiledTemplate:
    """A template with its texts cut at their variables; ``names`` are all of them.

    ``slots``: the bubble's other parts that hold variables. ``token_buttons``: positions, buttons
    first and then quick replies, of those that open a consultation or a bot and need a token.
    ``bubble``: its parts beside text and title, where there are any; ``groups``: those of
    ``GROUPS``, there or not; ``made``: those of them, by group and index, that are made anew for
    every message, the header aside. ``room``: characters that text and extra may take.
    """

    template: Template
    limits: Limits
    room: int
    text: Compiled
    title: Compiled
    header: Compiled
    slots: tuple[Slot, ...]
    bubble: Mapping[str, Any]
    groups: tuple[Any, ...]
    made: Mapping[tuple[str, int], Part]
    sms: SmsText
    lms: SmsText | None
    sms_subject: SmsText
    names: frozenset[str]
    token_buttons: tuple[int, ...]
    uses_sms: bool


@dataclass(frozen=True, slots=True)
class Version:
    """An immutable version of a stored template: equal when id and number are."""

    template_id: str
    number: int
    load: Callable[[], Template] = field(compare=False, repr=False)


def compile_template(template: Template) -> CompiledTemplate:
    """Cut a template's texts once. Raises BadVariable for one that was never checked."""
    text, title, subject = map(parse, (template.content, template.title, template.sms_subject))
    sms = parse(template.sms_source)
    lms = None if template.lms is None or template.sms is None else parse(template.lms)
    slots = tuple(slot for slot in _slots(template) if slot.text.slots)
    parts = (text, title, subject, sms, *(slot.text for slot in slots), *([lms] if lms else []))
    pressed = (*template.buttons, *template.quick_replies)
    return CompiledTemplate(
        template=template,
        limits=template.bounds,
        room=template.bounds.room(template.message_type, template.emphasis),
        text=text,
        title=title,
        header=parse(template.header),
        slots=slots,
        bubble={"buttons": template.buttons}
        | {name: part for name in OTHERS if (part := getattr(template, name))},
        groups=groups_of(template),
        made=dict(_made(template, slots)),
        sms=sms_text(sms),
        lms=sms_text(lms) if lms else None,
        sms_subject=sms_text(subject),
        names=frozenset(name for part in parts for name in part.names),
        token_buttons=tuple(i for i, button in enumerate(pressed) if button.kind in TOKEN_KINDS),
        uses_sms=template.uses(Channel.SMS),
    )


@lru_cache(maxsize=1_024)
def compiled(version: Version) -> CompiledTemplate:
    """The compiled form of a stored version, kept by id and number; ``load`` runs on a miss."""
    return compile_template(version.load())


def slot_limits(template: Template) -> dict[tuple[str, str], int]:
    """Most characters per group and name of what in the bubble may hold variables."""
    limits = template.bounds
    beside = bool(template.highlight and template.highlight.image)
    title, description = highlight_limits(limits, beside=beside)
    return {
        ("header", ""): limits.header,
        ("highlight", "title"): title,
        ("highlight", "description"): description,
        ("items", "description"): limits.item_description,
        ("summary", "description"): limits.summary_description,
    } | {
        (group, name): limits.event if name in PAYMENT else limits.link
        for group in ("buttons", "quick_replies", "link")
        for name in FILLED
    }


def _slots(template: Template) -> list[Slot]:
    most, found = slot_limits(template), []
    for path, text in template.bubble_texts():
        place, _, name = path.partition(".")
        group, _, index = place.rstrip("]").partition("[")
        limit = most[group, name]
        found.append(Slot(group, int(index) if index else -1, name, parse(text), limit))
    return found


def fields_of(part: Button | Highlight | Item | Links) -> tuple[str, ...]:
    """The values of a part's fields, in the order of its kind."""
    return _READ[type(part)](part)


def first_difference(one: tuple[str, ...], other: tuple[str, ...]) -> int | None:
    """The first place at which two rows of equal length differ."""
    if one == other:
        return None
    return next(i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)


def _made(template: Template, slots: tuple[Slot, ...]) -> Iterator[tuple[tuple[str, int], Part]]:
    rows = {name: getattr(template, name) for name in ("buttons", "quick_replies", "items")}
    places = {(name, i): part for name in rows for i, part in enumerate(rows[name])}
    for name in ("highlight", "summary", "link"):
        if (part := getattr(template, name)) is not None:
            places[name, -1] = part
    begin = {"buttons": 0, "quick_replies": len(template.buttons)}
    for (group, index), part in places.items():
        kind = type(part)
        own = tuple(
            (NAMES[kind].index(slot.name), slot)
            for slot in slots
            if (slot.group, slot.index) == (group, index)
        )
        needs = isinstance(part, Button) and part.kind in TOKEN_KINDS
        if own or needs:
            token = begin[group] + index if needs else -1
            yield (group, index), Part(kind, fields_of(part), own, token)
