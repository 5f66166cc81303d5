"""A push as the phone shows it: a banner of its app, and what was done with it."""

from dataclasses import dataclass
from typing import Any

import orjson

from sandbox.fcm.devices import list_devices
from sandbox.fcm.receipts import ACKNOWLEDGED, READ, asks
from sandbox.inbox import Message, Room
from sandbox.pages.attachments import Link
from sandbox.pages.bubbles import web_address
from sandbox.store import Store

MOST_LINKS = 5


@dataclass(frozen=True, slots=True)
class Banner:
    """label: the app's name. silent: the app got it, and nothing is shown by itself.

    asks: the sender waits for a confirmation.
    """

    label: str
    title: str
    text: str
    silent: bool
    read: bool
    asks: bool
    acknowledged: bool
    links: tuple[Link, ...]


def banner_of(message: Message) -> Banner:
    return Banner(
        label=str(message.payload.get("label") or message.sender),
        title=message.title,
        text=message.text,
        silent=bool(message.payload.get("silent")),
        read=READ in message.pressed,
        asks=asks(message),
        acknowledged=ACKNOWLEDGED in message.pressed,
        links=tuple(_links(message.data.get("naru_buttons"))),
    )


def app_name(store: Store, room: Room) -> str:
    """As the app is called now, or was when its last push came."""
    there = list_devices(store, room.number, room.sender)
    if there:
        return there[-1].label
    return banner_of(room.last).label if room.last else room.sender


def _links(raw: Any) -> list[Link]:
    """What the app makes of `naru_buttons`; what is none is left out."""
    try:
        found = orjson.loads(raw or "")
    except (orjson.JSONDecodeError, TypeError):
        return []
    rows = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    named = [(str(one.get("name", "")), str(one.get("url", ""))) for one in rows]
    return [Link(name, web_address(url)) for name, url in named if name][:MOST_LINKS]
