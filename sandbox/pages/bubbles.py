"""A received notice as its bubble shows it: parts, folding, and what a pressed button leads to."""

import math
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sandbox.couriers import find_parcel
from sandbox.inbox import Message
from sandbox.pages.words import Say
from sandbox.pictures import PATH, PHOTO_PATH

FOLD_LINES = 14
STRUCK = "\\s"
AD_LINE = "채널 추가하고 이 채널의 소식을 카카오톡으로 받기"
_INNER_PX = 232  # card 264 less its padding
_WIDE_PX, _NARROW_PX = 12.7, 7.3  # one Hangul syllable, one Latin letter at 14 px
_WEB = ("http", "https")
_TOPMOST = {"AC": 0, "BF": 1}  # these stand above all others
_PICTURE = re.compile(rf"({PATH}|{PHOTO_PATH})[A-Za-z0-9_-]{{1,64}}\.(?:jpg|png|gif)$")
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
class Highlight:
    """The emphasised line. thumb: there is a picture beside it; thumb_at: where, if it is here."""

    title: str
    struck: bool
    text: str
    thumb: bool
    thumb_at: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """A notice card. `title` has no struck mark; `folded` when the body has more than 14 lines.

    image: the file's name; image_at: where the sandbox itself shows it, "" for a picture elsewhere.
    link: where a press on the card leads; link_url: that, when it may be opened. secure: its text
    is for the main device only; locked: this is the face that other devices show.
    """

    id: int
    label: str
    emphasis: str
    type: str
    secure: bool
    locked: bool
    image: str
    image_at: str
    header: str
    highlight: "Highlight | None"
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
    link: str
    link_url: str


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


def bubble_of(message: Message, friend: bool = False, elsewhere: bool = False) -> Bubble:
    """The card of a received notice. `friend` of the channel: no add-channel button and line.

    elsewhere: as on another device of the same person, where secured notices hide their text.

    A tracking button without a known courier and number in the text is not drawn (NHN Cloud
    Alimtalk guide, 2026-06).
    """
    has_parcel = find_parcel(message.text) is not None
    hidden = ("AC",) * friend + ("DS",) * (not has_parcel)
    notice = Notice(message.id, message.title, message.text, message.payload, message.pressed)
    return draw(notice, hidden, elsewhere)


def draw(notice: Notice, hidden: tuple[str, ...] = (), elsewhere: bool = False) -> Bubble:
    """The card of a notice without the buttons of the `hidden` kinds.

    A title that ends in a backslash and "s" is drawn struck, without that mark.
    """
    parts = notice.parts
    # what was sent says best whether it is struck
    title = _text(parts, "templateTitle") or notice.title
    struck = title.endswith(STRUCK)
    title = title.removesuffix(STRUCK).rstrip()
    header = _text(parts, "templateHeader")
    first_line = notice.text.strip().split("\n", 1)[0]
    shown = [button for button in _buttons(notice) if button.kind not in hidden]
    shown.sort(key=lambda button: _TOPMOST.get(button.kind, len(_TOPMOST)))
    secure = bool(parts.get("securityFlag"))
    in_card = len(_list(parts, "buttons"))
    link = _represent_link(parts)
    return Bubble(
        id=notice.id,
        label=title or header or first_line[:40],
        emphasis=_text(parts, "templateEmphasizeType") or "NONE",
        type=_text(parts, "templateMessageType") or "BA",
        secure=secure,
        locked=secure and elsewhere,
        image=_text(parts, "templateImageName") or _file_name(_text(parts, "templateImageUrl")),
        image_at=own_picture(_text(parts, "templateImageUrl")),
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
        link=link,
        link_url=web_address(link),
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


def _highlight(parts: dict[str, Any]) -> Highlight | None:
    raw = _dict(parts, "templateItemHighlight")
    if not raw:
        return None
    title, thumb = _text(raw, "title"), _text(raw, "imageUrl")
    struck = title.endswith(STRUCK)
    plain = title.removesuffix(STRUCK).rstrip()
    return Highlight(plain, struck, _text(raw, "description"), bool(thumb), own_picture(thumb))


def _represent_link(parts: dict[str, Any]) -> str:
    """The first of the addresses, those of the web before those of apps."""
    raw = _dict(parts, "templateRepresentLink")
    return next((_text(raw, name) for name, _ in _PLACES if _text(raw, name)), "")


def _items(parts: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    rows = _list(_dict(parts, "templateItem"), "list")
    return tuple((_text(row, "title"), _text(row, "description")) for row in rows)


def _summary(parts: dict[str, Any]) -> tuple[str, str] | None:
    raw = _dict(_dict(parts, "templateItem"), "summary")
    return (_text(raw, "title"), _text(raw, "description")) if raw else None


def own_picture(url: str) -> str:
    """The path of a picture the sandbox keeps, whatever address it is reached by; else ""."""
    found = _PICTURE.search(url)
    return found.group() if found else ""


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
