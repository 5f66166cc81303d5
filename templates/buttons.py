"""Buttons and quick replies: which kinds there are, what each needs, and where it may stand.

Kinds as in Kakao's template specification (github.com/lunasoft-org/kakao-bzm, 2025-12) and the NHN
Cloud guide (2026-06). TN is NHN's alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from channels.bubble import Button
from templates.limits import Limits
from templates.reader import Reader
from templates.variables import BadVariable, parse

LINKS = ("url_mobile", "url_pc", "scheme_android", "scheme_ios")
PAYMENT = ("oneclick_id", "product_id")
FILLED = (*LINKS, *PAYMENT)  # may hold variables
FIELDS = ("kind", "name", *FILLED, "event", "target", "form_id", "plugin_id", "relay_id", "phone")
TOKEN_KINDS = frozenset({"BC", "BT"})  # what the customer presses comes back with chat_extra
ADD_CHANNEL = "채널 추가"

_EVENT = "[A-Za-z0-9_]{1,50}"  # Kakao code 3026
_FORM = "[0-9]{1,18}"  # a number at Kakao (biz_form_id) and NHN Cloud (bizFormId)
_PHONE = "[0-9-]{1,14}"  # NHN Cloud errors -3052, -3053
_WEB = re.compile(r"https?://[^\s]+")  # NHN Cloud error -3006
_SCHEME = re.compile(r"(?!javascript:|data:|vbscript:)[a-z][a-z0-9+.-]*:[^\s]+", re.IGNORECASE)


class Kind(StrEnum):
    """Kakao's two-letter codes."""

    WEB_LINK = "WL"
    APP_LINK = "AL"
    DELIVERY = "DS"
    BOT_KEYWORD = "BK"
    FORWARD = "MD"
    CONSULT = "BC"
    BOT = "BT"
    ADD_CHANNEL = "AC"
    FORM = "BF"
    SECURE_IMAGE = "P1"
    PERSONAL_DATA = "P2"
    PAYMENT = "P3"
    CALL = "TN"


class QuickKind(StrEnum):
    """The kinds that may be a quick reply."""

    WEB_LINK = "WL"
    APP_LINK = "AL"
    BOT_KEYWORD = "BK"
    CONSULT = "BC"
    BOT = "BT"
    FORM = "BF"


class Target(StrEnum):
    """Where a web link opens; KakaoTalk's own browser when left out."""

    OUT = "out"


@dataclass(frozen=True, slots=True)
class Needs:
    """What one kind may have, must have, and how it may be named (any name when empty)."""

    uses: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


KINDS: Mapping[Kind, Needs] = {
    Kind.WEB_LINK: Needs(("url_mobile", "url_pc", "target"), ("url_mobile",)),
    Kind.APP_LINK: Needs(LINKS),
    Kind.DELIVERY: Needs(),
    Kind.BOT_KEYWORD: Needs(),
    Kind.FORWARD: Needs(),
    Kind.CONSULT: Needs(),
    Kind.BOT: Needs(("event",)),
    Kind.ADD_CHANNEL: Needs(names=(ADD_CHANNEL,)),
    Kind.FORM: Needs(
        ("form_id", "target"),
        ("form_id",),
        ("톡에서 예약하기", "톡에서 설문하기", "톡에서 응모하기"),
    ),
    Kind.SECURE_IMAGE: Needs(("plugin_id", "relay_id"), ("plugin_id",)),
    Kind.PERSONAL_DATA: Needs(("plugin_id", "relay_id"), ("plugin_id",)),
    Kind.PAYMENT: Needs(("plugin_id", *PAYMENT), ("plugin_id",)),
    Kind.CALL: Needs(("phone",), ("phone",), ("전화 연결", "고객센터 연결", "상담원 연결")),
}


def read(reader: Reader, limits: Limits, kinds: type[StrEnum] = Kind) -> Button:
    """One button, or with ``QuickKind`` one quick reply; what is wrong goes to the reader."""
    reader.only(FIELDS)
    if reader.data.get("kind") is None:
        reader.add("kind", "required")
    kind = Kind(reader.choice("kind", kinds, kinds("WL")))
    name = reader.text("name", limits.button_name, required=True)
    reader.no_variables("name", name)  # NHN Cloud errors -3008, -3102
    given = {field: link(reader, field, limits) for field in LINKS}
    given |= {field: _filled(reader, field, limits.event) for field in PAYMENT}
    given["event"] = reader.matching("event", _EVENT, limits.event, required=False)
    given["phone"] = reader.matching("phone", _PHONE, limits.phone, required=False)
    given["target"] = _target(reader)
    given["form_id"] = reader.matching("form_id", _FORM, limits.plugin, required=False)
    given |= {field: reader.text(field, limits.plugin) for field in ("plugin_id", "relay_id")}
    _fit(reader, kind, name, given)
    return Button(kind=kind.value, name=name, **given)


def link_is_sound(field: str, url: str) -> bool:
    """Whether a link begins as its field demands and holds no blanks."""
    return bool((_SCHEME if field.startswith("scheme") else _WEB).fullmatch(url))


def place(reader: Reader, buttons: Sequence[Button], message_type: str) -> None:
    """Rules about buttons together.

    AD and MI begin with AC (-3025), others have none (-3024); a form stands on top (-3044).
    """
    places = [i for i, button in enumerate(buttons) if button.kind == Kind.ADD_CHANNEL]
    wanted = message_type in {"AD", "MI"}
    if wanted and places != [0]:
        reader.add("buttons", "add_channel_first")
    for i in places:
        if not wanted:
            reader.add(f"buttons[{i}].kind", "not_allowed", message_type)
    for i, button in enumerate(buttons):
        if button.kind == Kind.FORM and i > int(wanted):
            reader.add(f"buttons[{i}].kind", "form_first")


def link(reader: Reader, field: str, limits: Limits) -> str:
    """An address whose fixed part is sound; ``""`` when absent."""
    url = _filled(reader, field, limits.link)
    if not url:
        return ""
    try:
        fixed = parse(url).fill(_Anything())
    except BadVariable:
        return url
    if url.startswith("#{") or not link_is_sound(field, fixed):
        wanted = "app:…" if field.startswith("scheme") else "http://, https://"
        reader.add(field, "bad_link", wanted)
    return url


def _filled(reader: Reader, field: str, limit: int) -> str:
    text = reader.text(field, limit)
    try:
        parse(text)
    except BadVariable as bad:
        reader.add(field, "bad_variable", str(bad), at=bad.at)
    return text


def _target(reader: Reader) -> str:
    return reader.choice("target", Target, Target.OUT) if reader.data.get("target") else ""


def _fit(reader: Reader, kind: Kind, name: str, given: dict[str, str]) -> None:
    needs = KINDS[kind]
    for field, value in given.items():
        if value and field not in needs.uses:
            reader.add(field, "not_allowed", kind.value)
    for field in needs.must:
        if not given[field]:
            reader.add(field, "needed_by", kind.value)
    if needs.names and name and name not in needs.names:
        rule = "add_channel_name" if kind is Kind.ADD_CHANNEL else "fixed_name"
        reader.add("name", rule, ", ".join(needs.names))
    if kind is Kind.APP_LINK:
        ways = (given["scheme_android"], given["scheme_ios"], given["url_mobile"])
        if sum(map(bool, ways)) < 2:
            reader.add("kind", "app_links")


class _Anything(dict[str, str]):
    """A value for every variable, so that a link's fixed shape can be checked."""

    def __missing__(self, name: str) -> str:
        return "x"
