"""What hangs on a line of a talk: pictures, link buttons, a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.inbox import Message
from sandbox.pages.bubbles import own_picture, web_address
from sandbox.pages.words import Say
from sandbox.pictures import PATH

_LINK_FIELDS = ("url_mobile", "linkMo", "url", "url_pc", "linkPc")
KB = 1_000


@dataclass(frozen=True, slots=True)
class Link:
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Photo:
    """at: its path here."""

    name: str
    at: str

    @property
    def token(self) -> str:
        return self.at.rsplit("/", 1)[-1].rsplit(".", 1)[0]


@dataclass(frozen=True, slots=True)
class File:
    """size: in words, "" when it was not told."""

    name: str
    url: str
    size: str


def photos_of(message: Message, say: Say) -> tuple[Photo, ...]:
    """Pictures of an MMS, of the customer, of the shop; only those the sandbox keeps itself."""
    rows = [
        (str(row.get("fileName", "")), PATH + str(row.get("saveFileName", "")))
        for row in _list(message.payload.get("attachFileList"))
    ]
    rows += [(say("photo"), url) for url in message.photos]
    rows.append((say("picture"), str(message.payload.get("image_url", ""))))
    return tuple(Photo(name, at) for name, url in rows if (at := own_picture(url)))


def links_of(message: Message, say: Say) -> tuple[Link, ...]:
    """Link buttons and quick links of a consultation line; only web addresses open."""
    rows = [
        (str(row.get("name", "")), [row.get(key) for key in _LINK_FIELDS])
        for part in ("links", "supplement")
        for row in _list(message.payload.get(part))
    ]
    address = message.payload.get("image_url")
    if address and not own_picture(str(address)):
        rows.append((say("picture"), [address]))
    return tuple(Link(name, _first_web(addresses)) for name, addresses in rows)


def file_of(message: Message) -> File | None:
    """The file of a consultation line."""
    payload = message.payload
    if not payload.get("file_url"):
        return None
    name = str(payload.get("file_name") or payload["file_url"]).rsplit("/", 1)[-1]
    return File(name, web_address(str(payload["file_url"])), _size(payload))


def in_words(message: Message, say: Say) -> str:
    """What a line without text shows in a list of rooms."""
    if message.photos:
        return say("photos_n", n=len(message.photos))
    if file := file_of(message):
        return file.name
    return say("picture") if message.payload.get("image_url") else ""


def _size(payload: Mapping[str, Any]) -> str:
    size = payload.get("file_size")
    return f"{max(1, round(size / KB)):,} kB" if type(size) is int and size > 0 else ""


def _list(raw: Any) -> list[dict[str, Any]]:
    return [row for row in raw if isinstance(row, dict)] if isinstance(raw, list) else []


def _first_web(addresses: list[Any]) -> str:
    return next((good for one in addresses if (good := web_address(str(one or "")))), "")
