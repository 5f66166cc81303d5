"""Talks as the phone shows them: rooms and their lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.fallbacks import Fallback, find_fallbacks
from sandbox.inbox import Message, Room
from sandbox.outbox import tries_of
from sandbox.pages.attachments import (
    File,
    Link,
    Photo,
    file_of,
    in_words,
    links_of,
    photos_of,
)
from sandbox.pages.banners import Banner, app_name, banner_of
from sandbox.pages.bubbles import Bubble, bubble_of
from sandbox.pages.moment import Moment, grouped
from sandbox.pages.words import WORDS, Say
from sandbox.pictures import stored_bytes
from sandbox.store import Store
from sandbox.talks import UNSENT

_SYSTEM_LINES = {"상담을 시작했습니다": "mo_opened", "상담이 종료되었습니다": "mo_ended"}
_LIMITS = {"sms": 90, "lms": 2000, "mms": 2000}


@dataclass(frozen=True, slots=True)
class Teaser:
    """The newest line of a room or phone, short."""

    who: str
    text: str
    at: Moment


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room as listed and as opened. `under` is the line below its name, `tone` 1 to 5.

    source: whose caller number it is, "" when nobody's.
    """

    sender: str
    name: str
    under: str
    letter: str
    tone: int
    unread: int
    blocked: bool
    friend: bool
    source: str
    last: Teaser | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a talk. shape: "day", "system", "message"; `follows`: same speaker as before.

    why: under a text message that came after a failed notice. going: "trying" or "unsent" of a
    customer's line that the shop does not have. secure: it has another face on other devices.
    """

    key: str
    shape: str
    text: str
    at: Moment
    id: int = 0
    mine: bool = False
    follows: bool = False
    title: str = ""
    under: str = ""
    why: str = ""
    spoken: str = ""
    banner: Banner | None = None
    going: str = ""
    secure: bool = False
    bubble: Bubble | None = None
    links: tuple[Link, ...] = ()
    photos: tuple[Photo, ...] = ()
    file: File | None = None


def room_view(store: Store, room: Room, say: Say) -> RoomView:
    source = _owner(store, room.sender) if room.app == "sms" else ""
    if room.app == "push":
        name, under = app_name(store, room), f"{say('push')} · {room.sender}"
    elif room.app == "sms":
        name, under = grouped(room.sender), f"{say('sms')} · {source}" if source else say("sms")
    else:
        name = room.sender_name or room.channel_id or room.sender
        under = say("friend_channel" if room.friend else "not_friend")
        under = say("in_talk") if room.session_id else under
    return RoomView(
        sender=room.sender,
        name=name,
        under=under,
        letter=name.lstrip("@")[:1],
        tone=sum(room.sender.encode()) % 5 + 1,
        unread=room.unread,
        blocked=room.blocked,
        friend=room.friend,
        source=source,
        last=teaser_of(room.last, store, say) if room.last else None,
    )


def lines_of(
    store: Store, room: Room, messages: Sequence[Message], elsewhere: bool, say: Say
) -> list[Line]:
    """Lines with a day line before the first of each day, oldest first.

    elsewhere: as on another device than the phone itself.
    """
    writer = _Writer(store, room, messages, elsewhere, say)
    lines: list[Line] = []
    day = ""
    before: Message | None = None
    for message in messages:
        at = Moment(message.arrived_at or message.created_at, store.now(), say)
        if at.day != day:
            day, before = at.day, None
            lines.append(Line(f"day-{at.day}", "day", at.long_day, at))
        follows = before is not None and before.mine == message.mine and before.kind != "system"
        lines.append(writer.write(message, at, follows))
        before = message
    return lines


def teaser_of(message: Message, store: Store, say: Say) -> Teaser:
    who = _who(message)
    title = bubble_of(message).title if message.kind == "alimtalk" else message.title
    known = _SYSTEM_LINES.get(message.text) if message.kind == "system" else None
    text = say(known) if known else message.text or in_words(message, say)
    text = f"{title} {text}".strip() or (say("silent") if message.kind == "push" else "")
    return Teaser(who, text[:120], Moment(message.created_at, store.now(), say))


def _who(message: Message) -> str:
    if message.kind == "push":
        return str(message.payload.get("label") or message.sender)
    return message.sender_name or grouped(message.sender)


class _Writer:
    """Lines of one room; what they ask of the store is read once for all of them."""

    def __init__(
        self, store: Store, room: Room, messages: Sequence[Message], elsewhere: bool, say: Say
    ) -> None:
        self.store, self.room, self.elsewhere, self.say = store, room, elsewhere, say
        self.fallbacks = find_fallbacks(store, room.number, messages)
        self.tries = tries_of(store, [one.id for one in messages if one.mine])

    def write(self, message: Message, at: Moment, follows: bool) -> Line:
        say, key = self.say, f"m{message.id}"
        if message.kind == "system":
            known = _SYSTEM_LINES.get(message.text)
            return Line(key, "system", say(known) if known else message.text, at)
        notice = message.kind == "alimtalk"
        bubble = bubble_of(message, self.room.friend, self.elsewhere) if notice else None
        photos = photos_of(message, say)
        found = self.fallbacks.get(message.id)
        return Line(
            key=key,
            shape="message",
            text=message.text,
            at=at,
            id=message.id,
            mine=message.mine,
            follows=follows,
            title="" if bubble else message.title,
            banner=banner_of(message) if message.kind == "push" else None,
            under=self._under(message, photos),
            why=why_of(found, say) if found else "",
            spoken="" if message.mine else self._spoken(message, bubble, at),
            going=self._going(message),
            secure=bool(bubble and bubble.secure),
            bubble=bubble,
            links=links_of(message, say),
            photos=photos,
            file=file_of(message),
        )

    def _spoken(self, message: Message, bubble: Bubble | None, at: Moment) -> str:
        """What a screen reader hears when the line arrives."""
        what = bubble.label if bubble else message.title or message.text
        if bubble and bubble.locked:
            what = self.say("secure")
        what = what or in_words(message, self.say)
        who = _who(message)
        kind = kind_of(message, self.say)
        return self.say("announce", name=who, kind=kind, text=what[:80], at=at.clock)

    def _under(self, message: Message, photos: Sequence[Photo]) -> str:
        """Kind and size of a text message."""
        limit, say = _LIMITS.get(message.kind), self.say
        if limit is None:
            return ""
        size = len(message.text.encode("cp949", "replace"))
        parts = [say("bytes_n", n=f"{size:,}", limit=f"{limit:,}")]
        if photos:
            kept = stored_bytes(self.store, [photo.token for photo in photos])
            parts.insert(
                0, say("pictures_n", n=len(photos), size=f"{max(1, round(kept / 1000)):,}")
            )
        return f"{message.kind.upper()} {' · '.join(parts)}"

    def _going(self, message: Message) -> str:
        if not message.mine:
            return ""
        if message.result == UNSENT:
            return UNSENT
        return "trying" if self.tries.get(message.id) else ""


def why_of(found: Fallback, say: Say) -> str:
    """Why a text message came, in words."""
    key = f"why_{found.why}"
    reason = say(key if key in WORDS else "why_other")
    return say("instead" if found.sure else "after_failure", code=found.code, reason=reason)


def kind_of(message: Message, say: Say) -> str:
    known = {"alimtalk": say("alimtalk"), "say": say("talk"), "push": say("push")}
    return known.get(message.kind, message.kind.upper())


def _owner(store: Store, caller: str) -> str:
    """The channel whose account has this caller number, when it is one."""
    rows = store.all(
        "SELECT DISTINCT sender.name FROM caller JOIN sender"
        " ON sender.app_key = caller.app_key OR sender.solapi_id = caller.app_key"
        " WHERE caller.number = ? AND sender.name <> '' LIMIT 2",
        (caller,),
    )
    return str(rows[0]["name"]) if len(rows) == 1 else ""
