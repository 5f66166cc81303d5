"""A template and its values become what is sent; every limit is checked again after filling."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from unicodedata import normalize

from channels.contract import Button
from templates.buttons import LINKS, TOKEN_KINDS, link_is_sound
from templates.limits import STRICT, Limits
from templates.plan import Channel
from templates.template import Template
from templates.text import SmsRoute, TooLong, Unsendable, canonical, choose, clean
from templates.variables import Compiled, VariableProblem, check, parse

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


@dataclass(frozen=True, slots=True)
class CompiledTemplate:
    """A template with its texts cut at their variables; ``names`` are all of them.

    ``token_buttons``: positions of the consultation and bot buttons, each needing a token.
    """

    template: Template
    limits: Limits
    text: Compiled
    title: Compiled
    links: tuple[tuple[int, str, Compiled], ...]  # button position, link field, link
    sms: Compiled
    sms_subject: Compiled
    names: frozenset[str]
    token_buttons: tuple[int, ...]
    uses_sms: bool


@dataclass(frozen=True, slots=True)
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
    replaced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """An immutable version of a stored template: equal when id and number are."""

    template_id: str
    number: int
    load: Callable[[], Template] = field(compare=False, repr=False)


def compile_template(template: Template, limits: Limits = STRICT) -> CompiledTemplate:
    """Cut a template's texts once. Raises BadVariable for one that was never checked."""
    text, title, subject = map(parse, (template.content, template.title, template.sms_subject))
    sms = parse(template.sms_source)
    links = tuple(
        (i, name, parse(url))
        for i, button in enumerate(template.buttons)
        for name in LINKS
        if (url := getattr(button, name))
    )
    parts = (text, title, subject, sms, *(link for _, _, link in links))
    return CompiledTemplate(
        template=template,
        limits=limits,
        text=text,
        title=title,
        links=links,
        sms=sms,
        sms_subject=subject,
        names=frozenset(name for part in parts for name in part.names),
        token_buttons=tuple(i for i, b in enumerate(template.buttons) if b.kind in TOKEN_KINDS),
        uses_sms=template.uses(Channel.SMS),
    )


@lru_cache(maxsize=1_024)
def compiled(version: Version) -> CompiledTemplate:
    """The compiled form of a stored version, kept by id and number; ``load`` runs on a miss."""
    return compile_template(version.load())


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
    template's own plan says. Raises ValuesRefused, TooLong, NotEncodable, Blank, BadLink, and
    ValueError for tokens that do not match the buttons.
    """
    values = _fitting(source.names, values)
    text = _message(source, values)
    title = canonical(source.title.fill(values))
    _bound("title", len(title), source.limits.title)
    made = _buttons(source, values, tokens or {})
    if not (source.uses_sms if sms is None else sms):
        return Rendered(text, title, made)
    body = clean(source.sms.fill(values))
    subject = clean(source.sms_subject.fill(values), "sms_subject")
    if not body.text.strip():
        raise Blank("sms_text")
    route = choose(body.text, subject.text)
    replaced = tuple(dict.fromkeys(body.replaced + subject.replaced))
    return Rendered(text, title, made, body.text, subject.text, route, replaced)


def _fitting(names: frozenset[str], values: Mapping[str, str]) -> Mapping[str, str]:
    if values.keys() != names:  # a key typed on macOS may be decomposed
        values = {normalize("NFC", name): value for name, value in values.items()}
    if problems := check(names, values):
        raise ValuesRefused(problems)
    return values


def _message(source: CompiledTemplate, values: Mapping[str, str]) -> str:
    text = canonical(source.text.fill(values))
    if not text.strip():
        raise Blank("text")
    template = source.template
    count = len(text) + len(template.extra)
    _bound("text", count, source.limits.room(template.message_type))
    return text


def _buttons(
    source: CompiledTemplate, values: Mapping[str, str], tokens: Mapping[int, str]
) -> tuple[Button, ...]:
    if tokens.keys() != set(source.token_buttons):
        raise ValueError(f"tokens for {sorted(tokens)}, buttons {source.token_buttons}")
    changes: dict[int, dict[str, str]] = {}
    for i, name, link in source.links:
        if link.slots:
            changes.setdefault(i, {})[name] = _link(f"buttons[{i}].{name}", link, source, values)
    for i, token in tokens.items():
        if not _TOKEN.fullmatch(token):
            raise ValueError(f"the token of button {i} is not 32 hexadecimal digits")
        changes.setdefault(i, {})["token"] = token
    if not changes:
        return source.template.buttons
    return tuple(
        replace(button, **changes[i]) if i in changes else button
        for i, button in enumerate(source.template.buttons)
    )


def _link(path: str, link: Compiled, source: CompiledTemplate, values: Mapping[str, str]) -> str:
    url = canonical(link.fill(values))
    _bound(path, len(url), source.limits.link)
    if not link_is_sound(path.rpartition(".")[2], url):
        raise BadLink(path)
    return url


def _bound(path: str, count: int, limit: int) -> None:
    if count > limit:
        raise TooLong(path, count, limit)
