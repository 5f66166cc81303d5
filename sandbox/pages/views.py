"""What the phone pages show, read from the store: the wall and the open phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from sandbox import inbox, outbound, phones
from sandbox.fcm.devices import list_devices
from sandbox.inbox import Message, Room
from sandbox.pages.bubbles import Bubble, Leads, bubble_of, leads_of
from sandbox.pages.talk import Line, RoomView, Teaser, lines_of, room_view, teaser_of
from sandbox.pages.words import Say
from sandbox.phones import Phone
from sandbox.store import Store

SLOWEST_S = 120
FILTERS = {
    "": "filter_all",
    "unread": "filter_unread",
    "no-kakao": "filter_no_kakao",
    "blocked": "filter_blocked",
    "off": "filter_off",
    "slow": "filter_slow",
    "answer-lost": "lost",
    "talking": "filter_talking",
}


@dataclass(frozen=True, slots=True)
class Card:
    """One phone on the wall; `blocked` counts a block of any channel, `held` what waits for it."""

    phone: Phone
    blocked: bool
    talking: bool
    held: int
    last: Teaser | None


@dataclass(frozen=True, slots=True)
class Chip:
    words: str
    count: int
    href: str
    on: bool


@dataclass(frozen=True, slots=True)
class Wall:
    """One page of the wall. `query` is the filter as it stands in addresses of open phones."""

    cards: list[Card]
    chips: list[Chip]
    people: int
    unread: int
    q: str
    only: str
    query: str
    first: str
    next: str
    is_first: bool

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.only) or not self.is_first


@dataclass(frozen=True, slots=True)
class OpenPhone:
    """The phone on the page. foot: what stands below the talk, see `_foot`.

    apps: it has an app that takes pushes, or had one.
    """

    card: Card
    app: str
    rooms: list[RoomView]
    room: RoomView | None
    lines: list[Line]
    reading: Bubble | None
    leads: Leads | None
    foot: str
    elsewhere: bool
    apps: bool

    @property
    def base(self) -> str:
        return f"/phones/{self.card.phone.number}"

    @property
    def here(self) -> str:
        return room_address(self.card.phone.number, self.app, self.room.sender if self.room else "")

    @property
    def view(self) -> str:
        """Changes when the screen must be drawn anew, not only its lines."""
        room = self.room.sender if self.room else ("list" if self.rooms else "empty")
        reading = self.reading.id if self.reading else ""
        return f"{self.card.phone.number} {self.app} {room} {reading} {self.card.phone.on}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of an open phone asks for; `room` None: nothing said, choose.

    elsewhere: the talk as another device of the same person shows it.
    """

    app: str = ""
    room: str | None = None
    read: int | None = None
    message: int | None = None
    button: int | None = None
    elsewhere: bool = False


def room_address(number: str, app: str, sender: str) -> str:
    return f"/phones/{number}?{urlencode({'app': app, 'room': sender}, quote_via=quote)}"


def wall_of(store: Store, say: Say, q: str, only: str, after: str, base: str) -> Wall:
    """One page of phones. Raises ValueError on an unreadable `after`; unknown `only` shows all."""
    only = only if only in FILTERS else ""
    page = phones.list_phones(store, q, only, after or None)
    chips = [
        Chip(
            say(words), phones.count_phones(store, key), _address(base, q=q, only=key), key == only
        )
        for key, words in FILTERS.items()
    ]
    return Wall(
        cards=[card_of(store, phone, say) for phone in page.phones],
        chips=[chip for chip in chips if chip.count or chip.on],
        people=chips[0].count,
        unread=store.number(
            "SELECT sum(unread_chat + unread_sms + unread_push) FROM phone"
            " WHERE unread_chat + unread_sms + unread_push > 0"
        ),
        q=q,
        only=only,
        query=_address("", q=q, only=only, after=after).removeprefix("?"),
        first=_address(base, q=q, only=only),
        next=_address(base, q=q, only=only, after=page.cursor) if page.cursor else "",
        is_first=not after,
    )


def card_of(store: Store, phone: Phone, say: Say) -> Card:
    last = inbox.last_message(store, phone.number)
    return Card(
        phone=phone,
        blocked=phone.blocks_all
        or bool(
            store.number(
                "SELECT 1 FROM room WHERE number = ? AND blocked = 1 LIMIT 1", (phone.number,)
            )
        ),
        talking=bool(
            store.number(
                "SELECT 1 FROM chat_session WHERE number = ? AND ended_at IS NULL LIMIT 1",
                (phone.number,),
            )
        ),
        held=0 if phone.on else inbox.count_held(store, phone.number),
        last=teaser_of(last, store, say) if last else None,
    )


def open_phone(store: Store, phone: Phone, asked: Asked, say: Say) -> OpenPhone:
    """The phone with the asked room open; its lines count as seen from now on."""
    app = asked.app if asked.app in ("chat", "sms", "push") else _app_of(store, phone)
    rooms = inbox.list_rooms(store, phone.number)
    found = [room for room in rooms if room.app == app]
    apps = app == "push" or any(room.app == "push" for room in rooms)
    raw = _choose(found, asked.room)
    if raw:
        inbox.mark_seen(store, phone.number, app, raw.sender)
        phone = phones.get_phone(store, phone.number) or phone
    messages = inbox.list_messages(store, phone.number, app, raw.sender) if raw else []
    reading = _message(messages, asked.read)
    pressed = _message(messages, asked.message)
    friend = bool(raw and raw.friend)
    elsewhere = asked.elsewhere
    return OpenPhone(
        card=card_of(store, phone, say),
        app=app,
        rooms=[room_view(store, room, say) for room in found],
        room=room_view(store, raw, say) if raw else None,
        lines=lines_of(store, raw, messages, elsewhere, say) if raw else [],
        reading=bubble_of(reading, friend) if reading and not _locked(reading, elsewhere) else None,
        leads=leads_of(pressed, asked.button, say)
        if pressed and asked.button is not None
        else None,
        foot=_foot(store, phone, raw),
        elsewhere=elsewhere,
        apps=apps or bool(list_devices(store, phone.number)),
    )


def _app_of(store: Store, phone: Phone) -> str:
    if phone.unread_chat or phone.unread_sms:
        return "chat" if phone.unread_chat else "sms"
    if phone.unread_push:
        return "push"
    last = inbox.last_message(store, phone.number)
    return last.app if last else "chat"


def _choose(found: Sequence[Room], wanted: str | None) -> Room | None:
    """The named room; with nothing named the only one there is."""
    if wanted is None:
        return found[0] if len(found) == 1 else None
    return next((room for room in found if room.sender == wanted), None)


def _message(messages: Sequence[Message], wanted: int | None) -> Message | None:
    return next((message for message in messages if message.id == wanted), None)


def _locked(message: Message, elsewhere: bool) -> bool:
    return elsewhere and bubble_of(message).secure


def _foot(store: Store, phone: Phone, room: Room | None) -> str:
    """Below the talk: composer ("write"), or why there is none: off, left, blocked, mute, sms,
    push.
    """
    if room is None:
        return ""
    if not phone.on:
        return "off"
    if room.app in ("sms", "push"):
        return room.app
    if not phone.kakao:
        return "left"
    if room.blocked or phone.blocks_all:
        return "blocked"
    return "write" if outbound.consults(store, room.sender) else "mute"


def _address(base: str, **query: str) -> str:
    given = {key: value for key, value in query.items() if value}
    return f"{base}?{urlencode(given)}" if given else base
