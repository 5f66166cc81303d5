"""What is on the phones: rooms, messages in them, and everything in order of arrival."""

import sqlite3
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from sandbox.store import Store, Value

ROOM_PAGE = 100
_WITH_NAME = (
    "SELECT message.*, coalesce(sender.name, '') AS sender_name FROM message"
    " LEFT JOIN sender ON sender.sender_key = message.sender "
)
_INCOMING = "WHERE mine = 0 AND kind <> 'system' "


@dataclass(frozen=True, slots=True)
class Message:
    """One line in a room.

    kind: "alimtalk", "sms", "lms", "mms", "push", "say" (chat text, `mine` when the customer wrote
    it) or "system". payload: the other parts as the provider received them: for a notice `buttons`,
    `quickReplies` (each {ordering, type, name, linkMo, …, chatExtra}), `templateTitle`,
    `templateSubtitle`, `templateHeader`, `templateItem`, `templateItemHighlight`,
    `templateRepresentLink`, `templateExtra`, `templateAd`, `templateMessageType`,
    `templateEmphasizeType`, `templateImageUrl`, `securityFlag`; for consultation `links`,
    `supplement`; for MMS `attachFileList`; for a customer's photos `photos`; for a push `data`,
    `label`, `ttl_s`, `silent`.
    pressed: indexes of `buttons` that were pressed; quick replies count on after them; of a push 0
    when it was read, 1 when it was acknowledged. state:
    "waiting", "held" (phone off) or "done"; result: delivery code, "unsent" of a customer's line
    that did not reach the shop, or "". Times in ms.
    arrival: place in the order of appearance on all phones, None when it is not there (yet).
    """

    id: int
    number: str
    app: str
    sender: str
    sender_name: str
    kind: str
    mine: bool
    title: str
    text: str
    payload: dict[str, Any]
    pressed: tuple[int, ...]
    provider: str
    account: str
    request_id: str
    recipient_seq: int
    ref: str
    template_code: str
    created_at: int
    state: str
    result: str
    result_at: int | None
    arrival: int | None
    arrived_at: int | None

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """Buttons, then quick replies: the index of one is what `press` takes."""
        return [*self.payload.get("buttons", ()), *self.payload.get("quickReplies", ())]

    @property
    def data(self) -> dict[str, Any]:
        """What a push hands to its app."""
        return dict(self.payload.get("data", {}))

    @property
    def photos(self) -> list[str]:
        """Addresses of the photos of a customer's line."""
        return list(self.payload.get("photos", ()))


@dataclass(frozen=True, slots=True)
class Room:
    """app: "chat" (sender is a sender key), "sms" (a caller number) or "push" (a project)."""

    number: str
    app: str
    sender: str
    sender_name: str
    channel_id: str
    unread: int
    blocked: bool
    friend: bool
    session_id: int | None
    last: Message | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages: number in digits, the provider's template code, app chat, sms or push.

    What is "" is not asked for. Text messages have no template.
    """

    number: str = ""
    template_code: str = ""
    app: str = ""

    def where(self) -> tuple[str, list[Value]]:
        """Conditions to append to a statement, each with its AND, and their values."""
        asked = {name: value for name, value in asdict(self).items() if value}
        return "".join(f"AND message.{name} = ? " for name in asked), list(asked.values())


ANY = Wanted()


def message_of(row: sqlite3.Row) -> Message:
    return Message(
        id=row["id"],
        number=row["number"],
        app=row["app"],
        sender=row["sender"],
        sender_name=row["sender_name"],
        kind=row["kind"],
        mine=bool(row["mine"]),
        title=row["title"],
        text=row["text"],
        payload=orjson.loads(row["payload"]),
        pressed=tuple(orjson.loads(row["pressed"])),
        provider=row["provider"],
        account=row["account"],
        request_id=row["request_id"],
        recipient_seq=row["recipient_seq"],
        ref=row["ref"],
        template_code=row["template_code"],
        created_at=row["created_at"],
        state=row["state"],
        result=row["result"],
        result_at=row["result_at"],
        arrival=row["arrival"],
        arrived_at=row["arrived_at"],
    )


def get_message(store: Store, message_id: int) -> Message | None:
    row = store.one(_WITH_NAME + "WHERE message.id = ?", (message_id,))
    return message_of(row) if row else None


def last_message(store: Store, number: str) -> Message | None:
    """The newest line in any room of a phone."""
    row = store.one(
        _WITH_NAME  # noqa: S608
        + "WHERE message.id = (SELECT last_id FROM phone WHERE number = ?)",
        (number,),
    )
    return message_of(row) if row else None


def list_rooms(store: Store, number: str) -> list[Room]:
    """Rooms of a phone, the newest first."""
    rows = store.all(
        "SELECT room.*, coalesce(sender.name, '') AS sender_name,"
        " coalesce(sender.channel_id, '') AS channel_id, s.id AS session_id FROM room"
        " LEFT JOIN sender ON sender.sender_key = room.sender AND room.app = 'chat'"
        " LEFT JOIN chat_session s ON s.number = room.number AND s.sender_key = room.sender"
        " AND room.app = 'chat' AND s.ended_at IS NULL"
        " WHERE room.number = ? ORDER BY room.last_id DESC",
        (number,),
    )
    return [
        Room(
            number=number,
            app=row["app"],
            sender=row["sender"],
            sender_name=row["sender_name"],
            channel_id=row["channel_id"],
            unread=row["unread"],
            blocked=bool(row["blocked"]),
            friend=bool(row["friend"]),
            session_id=row["session_id"],
            last=get_message(store, row["last_id"]),
        )
        for row in rows
    ]


def list_messages(
    store: Store,
    number: str,
    app: str = "",
    sender: str = "",
    before: int | None = None,
    limit: int = ROOM_PAGE,
) -> list[Message]:
    """The newest `limit` lines of a room (or of all rooms), oldest first.

    before: an `arrival`, to page back.
    """
    rows = store.all(
        _WITH_NAME
        + "WHERE number = ? AND arrival < ? AND (? = '' OR app = ?) AND (? = '' OR sender = ?)"
        " ORDER BY arrival DESC LIMIT ?",
        (number, before or 2**62, app, app, sender, sender, limit),
    )
    return [message_of(row) for row in reversed(rows)]


def count_held(store: Store, number: str) -> int:
    """Messages that wait for this phone to be switched on."""
    return store.number(
        "SELECT count(*) FROM message WHERE state = 'held' AND number = ?", (number,)
    )


def list_received(
    store: Store, after: int = 0, limit: int = 100, wanted: Wanted = ANY
) -> list[Message]:
    """What arrived on any phone, in order of arrival, after place `after`."""
    where, values = wanted.where()
    rows = store.all(
        f"{_WITH_NAME}{_INCOMING}AND arrival > ? {where}ORDER BY arrival LIMIT ?",
        (after, *values, limit),
    )
    return [message_of(row) for row in rows]


def latest(store: Store, after: int = 0, wanted: Wanted = ANY) -> Message | None:
    """The newest message that arrived on any phone after place `after`."""
    where, values = wanted.where()
    row = store.one(
        f"{_WITH_NAME}{_INCOMING}AND arrival > ? {where}ORDER BY arrival DESC LIMIT 1",
        (after, *values),
    )
    return message_of(row) if row else None


def list_accepted(
    store: Store, after: int = 0, limit: int = 100, wanted: Wanted = ANY
) -> list[Message]:
    """What the providers accepted after the message with id `after`, arrived or not, in order."""
    where, values = wanted.where()
    rows = store.all(
        f"{_WITH_NAME}WHERE request_id <> '' AND message.id > ? {where}ORDER BY message.id LIMIT ?",
        (after, *values, limit),
    )
    return [message_of(row) for row in rows]


def mark_seen(store: Store, number: str, app: str, sender: str) -> None:
    """The customer opened a room: nothing in it is unread any more."""
    row = store.one(
        "SELECT unread FROM room WHERE number = ? AND app = ? AND sender = ?", (number, app, sender)
    )
    if row is None or not row["unread"]:
        return
    column = {"chat": "unread_chat", "push": "unread_push"}.get(app, "unread_sms")
    with store.tx():
        store.run(
            "UPDATE room SET unread = 0 WHERE number = ? AND app = ? AND sender = ?",
            (number, app, sender),
        )
        store.run(
            f"UPDATE phone SET {column} = max(0, {column} - ?) WHERE number = ?",  # noqa: S608
            (row["unread"], number),
        )
        store.changes.touch([number])
