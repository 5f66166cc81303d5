"""A received notice as its bubble shows it: parts, folding, and what a pressed button leads to."""

import math
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sandbox.couriers import find_parcel
from sandbox.inbox import Message
from sandbox.pages.words import Say

FOLD_LINES = 14
AD_LINE = "채널 추가하고 이 채널의 소식을 카카오톡으로 받기"
_INNER_PX = 232  # card 264 less its padding
_WIDE_PX, _NARROW_PX = 12.7, 7.3  # one Hangul syllable, one Latin letter at 14 px
_WEB = ("http", "https")
_PLACES = (
    ("linkMo", "leads_mobile"),
    ("linkPc", "leads_pc"),
    ("schemeAndroid", "leads_app"),
    ("schemeIos", "leads_app"),
)


@dataclass(frozen=True, slots=True)
class Button:
    """index: its place among `Message.buttons`, what a press names."""

    index: int
    kind: str
    name: str
    pressed: bool


@dataclass(frozen=True, slots=True)
class Bubble:
    """A notice card. `title` has no struck mark; `folded` when the body has more than 14 lines."""

    id: int
    label: str
    emphasis: str
    type: str
    secure: bool
    image: str
    header: str
    highlight: tuple[str, str, bool] | None
    subtitle: str
    title: str
    struck: bool
    items: tuple[tuple[str, str], ...]
    summary: tuple[str, str] | None
    text: str
    length: int
    folded: bool
    extra: str
    ad_line: str
    buttons: tuple[Button, ...]
    quick_replies: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Leads:
    """Where a pressed button leads. `open_url` is a web address that may be opened, or empty."""

    name: str
    words: str
    places: tuple[tuple[str, str], ...]
    open_url: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What a bubble is made of: a received message or a template. parts: as `Message.payload`."""

    id: int
    title: str
    text: str
    parts: dict[str, Any]
    pressed: tuple[int, ...] = ()


def bubble_of(message: Message, friend: bool = False) -> Bubble:
    """The card of a received notice. `friend` of the channel: no add-channel button and line.

    A tracking button without a known courier and number in the text is not drawn (NHN Cloud
    Alimtalk guide, 2026-06).
    """
    has_parcel = find_parcel(message.text) is not None
    hidden = ("AC",) * friend + ("DS",) * (not has_parcel)
    notice = Notice(message.id, message.title, message.text, message.payload, message.pressed)
    return draw(notice, hidden)


def draw(notice: Notice, hidden: tuple[str, ...] = ()) -> Bubble:
    """The card of a notice without the buttons of the `hidden` kinds.

    A title that ends in a backslash and "s" is drawn struck, without that mark.
    """
    parts = notice.parts
    title = notice.title or _text(parts, "templateTitle")
    struck = title.endswith("\\s")
    title = title.removesuffix("\\s").rstrip()
    header = _text(parts, "templateHeader")
    first_line = notice.text.strip().split("\n", 1)[0]
    shown = [button for button in _buttons(notice) if button.kind not in hidden]
    in_card = len(_list(parts, "buttons"))
    return Bubble(
        id=notice.id,
        label=title or header or first_line[:40],
        emphasis=_text(parts, "templateEmphasizeType") or "NONE",
        type=_text(parts, "templateMessageType") or "BA",
        secure=bool(parts.get("securityFlag")),
        image=_file_name(_text(parts, "templateImageUrl")),
        header=header,
        highlight=_highlight(parts),
        subtitle=_text(parts, "templateSubtitle"),
        title=title,
        struck=struck,
        items=_items(parts),
        summary=_summary(parts),
        text=notice.text,
        length=len(notice.text),
        folded=count_lines(notice.text) > FOLD_LINES,
        extra=_text(parts, "templateExtra"),
        ad_line="" if "AC" in hidden else _ad_line(parts),
        buttons=tuple(button for button in shown if button.index < in_card),
        quick_replies=tuple(button for button in shown if button.index >= in_card),
    )


def count_lines(text: str) -> int:
    """About how many lines the text takes in a card; whole lines of the sender are kept."""
    total = 0
    for line in text.split("\n"):
        px = sum(_WIDE_PX if ord(letter) > 0x10FF else _NARROW_PX for letter in line)
        total += max(1, math.ceil(px / _INNER_PX))
    return total


def leads_of(message: Message, index: int, say: Say) -> Leads | None:
    """What a pressed button shows; None when the room itself shows it (words sent, a talk begun).

    A web address may be opened by the reader, in a new tab and only over http or https; any other
    address is printed and nothing more.
    """
    if not 0 <= index < len(message.buttons):
        return None
    button = message.buttons[index]
    kind, name = _text(button, "type"), _text(button, "name")
    if kind in ("BK", "MD", "BC", "BT"):
        return None
    if kind == "AC":
        return Leads(name, say("leads_ac"), (), "")
    if kind == "DS":
        return _parcel(message, name, say)
    if kind == "TN":
        return Leads(name, "", ((say("call"), _text(button, "telNumber")),), "")
    if kind not in ("WL", "AL"):
        return Leads(name, say("leads_other", kind=kind), (), "")
    return _addresses(button, name, say)


def web_address(raw: str) -> str:
    """`raw` when it is a whole http or https address, else an empty text."""
    try:
        parts = urlsplit(raw.strip())
    except ValueError:
        return ""
    return raw.strip() if parts.scheme.lower() in _WEB and parts.netloc else ""


def _addresses(button: dict[str, Any], name: str, say: Say) -> Leads:
    places = tuple(
        (say(words), _text(button, field)) for field, words in _PLACES if _text(button, field)
    )
    if not places:
        return Leads(name, say("leads_none"), (), "")
    web = next((found for _, raw in places if (found := web_address(raw))), "")
    return Leads(name, "" if web else say("leads_not_web"), places, web)


def _parcel(message: Message, name: str, say: Say) -> Leads:
    parcel = find_parcel(message.text)
    if parcel is None:
        return Leads(name, say("leads_none"), (), "")
    return Leads(name, "", ((say("leads_ds"), f"{parcel.courier} {parcel.invoice}"),), "")


def _ad_line(parts: dict[str, Any]) -> str:
    """Fixed by the provider for AD and MI; send requests do not carry it, so we have our own."""
    invites = _text(parts, "templateMessageType") in ("AD", "MI")
    return _text(parts, "templateAd") or (AD_LINE if invites else "")


def _buttons(notice: Notice) -> list[Button]:
    raw = [*_list(notice.parts, "buttons"), *_list(notice.parts, "quickReplies")]
    return [
        Button(index, _text(one, "type"), _text(one, "name"), index in notice.pressed)
        for index, one in enumerate(raw)
    ]


def _highlight(parts: dict[str, Any]) -> tuple[str, str, bool] | None:
    raw = _dict(parts, "templateItemHighlight")
    if not raw:
        return None
    return _text(raw, "title"), _text(raw, "description"), bool(raw.get("imageUrl"))


def _items(parts: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    rows = _list(_dict(parts, "templateItem"), "list")
    return tuple((_text(row, "title"), _text(row, "description")) for row in rows)


def _summary(parts: dict[str, Any]) -> tuple[str, str] | None:
    raw = _dict(_dict(parts, "templateItem"), "summary")
    return (_text(raw, "title"), _text(raw, "description")) if raw else None


def _file_name(url: str) -> str:
    return url.rsplit("/", 1)[-1]


def _text(raw: dict[str, Any], key: str) -> str:
    value = raw.get(key)
    return value if isinstance(value, str) else "" if value is None else str(value)


def _dict(raw: dict[str, Any], key: str) -> dict[str, Any]:
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def _list(raw: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = raw.get(key)
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
