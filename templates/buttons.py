"""Buttons of a template: which kinds we carry, what each needs, and where it may stand.

Kinds as in Kakao's template specification (kakao-bzm, 2025-12, and NHN Cloud guide, 2026-06).
Not carried yet: TN, BF, P1, P2, P3.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from channels.contract import Button
from templates.limits import Limits
from templates.reader import Reader
from templates.variables import BadVariable, parse

LINKS = ("url_mobile", "url_pc", "scheme_android", "scheme_ios")
FIELDS = ("kind", "name", *LINKS, "event")
TOKEN_KINDS = frozenset({"BC", "BT"})  # what the customer presses comes back with chat_extra
ADD_CHANNEL = "채널 추가"

_EVENT = re.compile(r"[A-Za-z0-9_]{1,50}")  # Kakao code 3026
_WEB = re.compile(r"https?://[^\s]+")  # NHN Cloud error -3006
_SCHEME = re.compile(r"(?!javascript:|data:|vbscript:)[a-z][a-z0-9+.-]*:[^\s]+", re.IGNORECASE)


class Kind(StrEnum):
    """Two-letter codes of the kinds we carry."""

    WEB_LINK = "WL"
    APP_LINK = "AL"
    DELIVERY = "DS"
    BOT_KEYWORD = "BK"
    FORWARD = "MD"
    CONSULT = "BC"
    BOT = "BT"
    ADD_CHANNEL = "AC"


_USES: dict[Kind, tuple[str, ...]] = {
    Kind.WEB_LINK: ("url_mobile", "url_pc"),
    Kind.APP_LINK: LINKS,
    Kind.BOT: ("event",),
}


def read(reader: Reader, limits: Limits) -> Button:
    """One button; what is wrong goes to the reader."""
    reader.only(FIELDS)
    if reader.data.get("kind") is None:
        reader.add("kind", "required")
    kind = reader.choice("kind", Kind, Kind.WEB_LINK)
    name = reader.text("name", limits.button_name, required=True)
    if "#{" in name:
        reader.add("name", "variable_not_allowed")  # NHN Cloud error -3008
    links = {field: _link(reader, field, limits) for field in LINKS}
    event = reader.text("event", limits.event)
    if event and not _EVENT.fullmatch(event):
        reader.add("event", "bad_format", _EVENT.pattern)
    _fit(reader, kind, {**links, "event": event})
    return Button(kind=kind.value, name=name, event=event, **links)


def link_is_sound(field: str, url: str) -> bool:
    """Whether a link begins as its field demands and holds no blanks."""
    return bool((_SCHEME if field.startswith("scheme") else _WEB).fullmatch(url))


def place(reader: Reader, buttons: Sequence[Button], message_type: str) -> None:
    """Rules about buttons together: AD and MI begin with AC (-3025), others have none (-3024)."""
    places = [i for i, button in enumerate(buttons) if button.kind == Kind.ADD_CHANNEL]
    wanted = message_type in {"AD", "MI"}
    if wanted and places != [0]:
        reader.add("buttons", "add_channel_first")
    for i in places:
        if not wanted:
            reader.add(f"buttons[{i}].kind", "not_allowed", message_type)
        if buttons[i].name != ADD_CHANNEL:
            reader.add(f"buttons[{i}].name", "add_channel_name")


def _link(reader: Reader, field: str, limits: Limits) -> str:
    url = reader.text(field, limits.link)
    if not url:
        return ""
    try:
        fixed = parse(url).fill(_Anything())
    except BadVariable as bad:
        reader.add(field, "bad_variable", str(bad))
        return url
    if url.startswith("#{") or not link_is_sound(field, fixed):
        wanted = "app:…" if field.startswith("scheme") else "http://, https://"
        reader.add(field, "bad_link", wanted)
    return url


def _fit(reader: Reader, kind: Kind, given: dict[str, str]) -> None:
    uses = _USES.get(kind, ())
    for field, value in given.items():
        if value and field not in uses:
            reader.add(field, "not_allowed", kind.value)
    if kind is Kind.WEB_LINK and not given["url_mobile"]:
        reader.add("url_mobile", "needed_by", kind.value)
    if kind is Kind.APP_LINK:
        ways = (given["scheme_android"], given["scheme_ios"], given["url_mobile"])
        if sum(map(bool, ways)) < 2:
            reader.add("kind", "app_links")


class _Anything(dict[str, str]):
    """A value for every variable, so that a link's fixed shape can be checked."""

    def __missing__(self, name: str) -> str:
        return "x"
