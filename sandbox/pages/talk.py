"""Talks as the phone shows them: rooms and their lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.inbox import Message, Room
from sandbox.pages.bubbles import Bubble, bubble_of, web_address
from sandbox.pages.moment import Moment, grouped
from sandbox.pages.words import Say
from sandbox.store import Store

_SYSTEM_LINES = {"상담을 시작했습니다": "mo_opened", "상담이 종료되었습니다": "mo_ended"}
_LINK_FIELDS = ("url_mobile", "linkMo", "url", "url_pc", "linkPc")
_LIMITS = {"sms": 90, "lms": 2000}


@dataclass(frozen=True, slots=True)
class Teaser:
    """The newest line of a room or phone, short."""

    who: str
    text: str
    at: Moment


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room as listed and as opened. `under` is the line below its name, `tone` 1 to 5."""

    sender: str
    name: str
    under: str
    letter: str
    tone: int
    unread: int
    blocked: bool
    friend: bool
    last: Teaser | None


@dataclass(frozen=True, slots=True)
class Link:
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a talk. shape: "day", "system", "message"; `follows`: same speaker as before."""

    key: str
    shape: str
    text: str
    at: Moment
    mine: bool = False
    follows: bool = False
    title: str = ""
    under: str = ""
    spoken: str = ""
    bubble: Bubble | None = None
    links: tuple[Link, ...] = ()


def room_view(store: Store, room: Room, say: Say) -> RoomView:
    if room.app == "sms":
        name, under = grouped(room.sender), say("sms")
    else:
        name = room.sender_name or room.channel_id or room.sender
        under = say("in_talk") if room.session_id else say("notice_channel")
    return RoomView(
        sender=room.sender,
        name=name,
        under=under,
        letter=name.lstrip("@")[:1],
        tone=sum(room.sender.encode()) % 5 + 1,
        unread=room.unread,
        blocked=room.blocked,
        friend=room.friend,
        last=teaser_of(room.last, store, say) if room.last else None,
    )


def lines_of(store: Store, messages: Sequence[Message], friend: bool, say: Say) -> list[Line]:
    """Lines with a day line before the first of each day, oldest first."""
    lines: list[Line] = []
    day = ""
    before: Message | None = None
    for message in messages:
        at = Moment(message.arrived_at or message.created_at, store.now(), say)
        if at.day != day:
            day, before = at.day, None
            lines.append(Line(f"day-{at.day}", "day", at.long_day, at))
        follows = before is not None and before.mine == message.mine and before.kind != "system"
        lines.append(_line(message, at, follows, friend, say))
        before = message
    return lines


def teaser_of(message: Message, store: Store, say: Say) -> Teaser:
    who = message.sender_name or grouped(message.sender)
    title = bubble_of(message).title if message.kind == "alimtalk" else message.title
    text = f"{title} {message.text}".strip() if title else message.text
    return Teaser(who, text[:120], Moment(message.created_at, store.now(), say))


def _line(message: Message, at: Moment, follows: bool, friend: bool, say: Say) -> Line:
    key = f"m{message.id}"
    if message.kind == "system":
        known = _SYSTEM_LINES.get(message.text)
        return Line(key, "system", say(known) if known else message.text, at)
    bubble = bubble_of(message, friend) if message.kind == "alimtalk" else None
    what = bubble.label if bubble else message.title or message.text
    who = message.sender_name or grouped(message.sender)
    return Line(
        key=key,
        shape="message",
        text=message.text,
        at=at,
        mine=message.mine,
        follows=follows,
        title="" if bubble else message.title,
        under=_size(message, say),
        spoken=""
        if message.mine
        else say("announce", name=who, kind=kind_of(message, say), text=what[:80], at=at.clock),
        bubble=bubble,
        links=_links(message, say),
    )


def _links(message: Message, say: Say) -> tuple[Link, ...]:
    """Link buttons, quick links and files of a consultation line; only web addresses open."""
    rows = [
        (str(row.get("name", "")), [row.get(key) for key in _LINK_FIELDS])
        for part in ("links", "supplement")
        for row in _list(message.payload.get(part))
    ]
    if address := message.payload.get("image_url"):
        rows.append((say("picture"), [address]))
    if address := message.payload.get("file_url"):
        rows.append((str(message.payload.get("file_name", "")), [address]))
    return tuple(Link(name, _first_web(addresses)) for name, addresses in rows)


def _list(raw: Any) -> list[dict[str, Any]]:
    return [row for row in raw if isinstance(row, dict)] if isinstance(raw, list) else []


def _first_web(addresses: list[Any]) -> str:
    return next((good for one in addresses if (good := web_address(str(one or "")))), "")


def kind_of(message: Message, say: Say) -> str:
    return {"alimtalk": say("alimtalk"), "say": say("talk")}.get(message.kind, message.kind.upper())


def _size(message: Message, say: Say) -> str:
    limit = _LIMITS.get(message.kind)
    if limit is None:
        return ""
    size = len(message.text.encode("cp949", "replace"))
    return f"{message.kind.upper()} {say('bytes_n', n=f'{size:,}', limit=f'{limit:,}')}"
