"""A template and its values become what is sent; every limit is checked again after filling."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from unicodedata import is_normalized, normalize

from channels.bubble import Button, Highlight, Item, Links
from templates import sms as text_message
from templates.buttons import link_is_sound
from templates.compiled import TOKEN, CompiledTemplate, Part, Slot
from templates.limits import STRICT
from templates.parts import is_amount
from templates.text import SmsRoute, TooLong, Unsendable, route_of
from templates.variables import VariableProblem, check

_TOKEN = re.compile("[0-9a-f]{32}")


class ValuesRefused(ValueError):
    """The values do not fit the template; ``problems`` is never empty."""

    def __init__(self, problems: tuple[VariableProblem, ...]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


class Blank(Unsendable):
    """``field`` holds nothing visible once filled (Kakao code 3013)."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is blank")
        self.field = field


class BadLink(Unsendable):
    """The link ``field`` is no link once filled, for example because a value holds a blank."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is no link")
        self.field = field


class BadAmount(Unsendable):
    """The summary holds something other than an amount once filled (Kakao code 3040)."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is no amount")
        self.field = field


@dataclass(slots=True)  # freezing would take a tenth of the time of rendering
class Rendered:
    """What leaves. ``sms_route`` is None, and the SMS texts empty, where SMS was not asked for.

    ``replaced``: characters of the SMS text that were mapped to others or dropped.
    """

    text: str = field(repr=False)
    title: str = field(repr=False)
    buttons: tuple[Button, ...] = field(repr=False)
    sms_text: str = field(default="", repr=False)
    sms_subject: str = field(default="", repr=False)
    sms_route: SmsRoute | None = None
    sms_picture: str = ""  # the name of the picture it shows
    replaced: tuple[str, ...] = ()
    header: str = field(default="", repr=False)
    highlight: Highlight | None = field(default=None, repr=False)
    items: tuple[Item, ...] = field(default=(), repr=False)
    summary: Item | None = field(default=None, repr=False)
    quick_replies: tuple[Button, ...] = field(default=(), repr=False)
    link: Links | None = field(default=None, repr=False)


def render(
    source: CompiledTemplate,
    values: Mapping[str, str],
    tokens: Mapping[int, str] | None = None,
    *,
    sms: bool | None = None,
) -> Rendered:
    """Fill a template for one message.

    ``tokens``: per position in ``source.token_buttons`` the 32 hexadecimal digits that come back
    when the customer presses. ``sms``: whether the SMS text is needed, None for what the
    template's own plan says. Raises ValuesRefused, TooLong, NotEncodable, Blank, BadLink,
    BadAmount, and ValueError for tokens that do not match the buttons.
    """
    values = _fitting(source.names, values)
    text = _message(source, values)
    title = source.title.fill(values)
    _bound("title", len(title), source.limits.title)
    bubble = _bubble(source, values, tokens or {})
    if not (source.uses_sms if sms is None else sms):
        return Rendered(text, title, **bubble)
    return Rendered(text, title, **_text_message(source, values), **bubble)


def render_sms(source: CompiledTemplate, values: Mapping[str, str]) -> Rendered:
    """The text message alone. Raises as :func:`render`, for what concerns it."""
    values = _fitting(source.names, values)
    return Rendered("", "", (), **_text_message(source, values))


def _fitting(names: frozenset[str], values: Mapping[str, str]) -> Mapping[str, str]:
    """The values in NFC, one by one: what is fixed stays exactly as it was approved.

    Were the filled text normalised, a value that begins with a combining character would change
    the template's own character before it.
    """
    text = "".join(values.values())
    is_plain = values.keys() == names and len(text) <= STRICT.variable and text.isprintable()
    if not is_plain:  # hardly ever: a line end is no printable character
        values = _checked(names, values)
    if is_normalized("NFC", text):  # then all parts of it are
        return values
    return {name: normalize("NFC", value) for name, value in values.items()}


def _checked(names: frozenset[str], values: Mapping[str, str]) -> Mapping[str, str]:
    if values.keys() != names:  # a key typed on macOS may be decomposed
        values = {normalize("NFC", name): value for name, value in values.items()}
    if problems := check(names, values):
        raise ValuesRefused(problems)
    return values


def _message(source: CompiledTemplate, values: Mapping[str, str]) -> str:
    text = source.text.fill(values)
    if _is_blank(text):
        raise Blank("text")
    _bound("text", len(text) + len(source.template.extra), source.room)
    return text


# ---- the bubble ---------------------------------------------------------------------------------


def _bubble(
    source: CompiledTemplate, values: Mapping[str, str], tokens: Mapping[int, str]
) -> dict[str, Any]:
    """The parts beside text and title that the template has."""
    if tokens or source.token_buttons:
        _check_tokens(source, tokens)
    made: dict[str, Any] = dict(source.bubble)
    rows: dict[str, list[Any]] = {}
    for (group, index), part in source.made.items():
        one = _made(part, values, tokens)
        if index < 0:
            made[group] = one
        else:
            rows.setdefault(group, list(made[group]))[index] = one
    for group, parts in rows.items():
        made[group] = tuple(parts)
    if source.header.slots:
        made["header"] = _filled(source.slots[0], values)  # it comes first
    summary = made.get("summary")
    if summary is not None and not is_amount(summary.description):
        raise BadAmount("summary.description")
    return made


def _check_tokens(source: CompiledTemplate, tokens: Mapping[int, str]) -> None:
    if tokens.keys() != set(source.token_buttons):
        raise ValueError(f"tokens for {sorted(tokens)}, buttons {source.token_buttons}")
    for position, token in tokens.items():
        if not _TOKEN.fullmatch(token):
            raise ValueError(f"the token of button {position} is not 32 hexadecimal digits")


def _made(
    part: Part, values: Mapping[str, str], tokens: Mapping[int, str]
) -> Button | Highlight | Item | Links:
    fields = list(part.fixed)
    for place, slot in part.slots:
        fields[place] = _filled(slot, values)
    if part.token >= 0:
        fields[TOKEN] = tokens[part.token]
    return part.kind(*fields)


def _filled(slot: Slot, values: Mapping[str, str]) -> str:
    text = slot.text.fill(values)
    if len(text) > slot.limit:
        raise TooLong(slot.path, len(text), slot.limit)
    if slot.is_link:
        if not link_is_sound(slot.name, text):
            raise BadLink(slot.path)
    elif _is_blank(text):
        raise Blank(slot.path)
    return text


# ---- the text message ---------------------------------------------------------------------------


def _text_message(source: CompiledTemplate, values: Mapping[str, str]) -> dict[str, Any]:
    subject, subject_size, replaced = source.sms_subject.fill(values, "sms_subject")
    body, size, more = text_message.body(source.sms, source.lms, values)
    if _is_blank(body):
        raise Blank("sms_text")
    return {
        "sms_text": body,
        "sms_subject": subject,
        "sms_route": route_of(size, subject_size, picture=bool(source.template.sms_picture)),
        "sms_picture": source.template.sms_picture,
        "replaced": tuple(dict.fromkeys(more + replaced)) if more or replaced else (),
    }


def _is_blank(text: str) -> bool:
    return not text or text.isspace()


def _bound(path: str, count: int, limit: int) -> None:
    if count > limit:
        raise TooLong(path, count, limit)
