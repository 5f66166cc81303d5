"""The customer's side of a talk: who may write, words, photos, and lines that did not go."""

from collections.abc import Sequence

from sandbox.arrivals import write_line
from sandbox.inbox import Message, get_message
from sandbox.outbound import consults, new_serial, open_session, send_body, send_photos, send_text
from sandbox.phones import Phone, get_phone
from sandbox.store import Store

LONGEST_TEXT = 1_000
UNSENT = "unsent"  # the result of a line whose webhook was given up


class CannotDo(Exception):
    """A person cannot do this now. `code` for programs, the text for people, `status` for HTTP.

    field: of the request, when one is at fault.
    """

    def __init__(self, code: str, detail: str, status: int = 409, field: str | None = None) -> None:
        super().__init__(detail)
        self.code, self.detail, self.status, self.field = code, detail, status, field


def say(store: Store, number: str, sender_key: str, text: str) -> Message:
    """The customer writes to a channel: opens a chat session when none is open, sends `/message`.

    Raises CannotDo: no_phone, no_channel (404); empty, too_long (422); off, no_kakao, blocked,
    no_consult (409).
    """
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise CannotDo("empty", "쓴 글이 없습니다", 422, "text")
    if len(text) > LONGEST_TEXT:
        raise CannotDo("too_long", f"{LONGEST_TEXT:,}자까지 쓸 수 있습니다", 422, "text")
    need_writing(store, number, sender_key)
    with store.tx():
        return _need_line(store, number, say_text(store, number, sender_key, text))


def need_writing(store: Store, number: str, sender_key: str) -> None:
    """Raises CannotDo as `say` does, but for its text."""
    if store.one("SELECT 1 FROM sender WHERE sender_key = ?", (sender_key,)) is None:
        raise CannotDo("no_channel", "그런 채널이 없습니다", 404, "sender_key")
    need_talk(store, need_phone(store, number), sender_key)
    need_consult(store, sender_key)


def need_phone(store: Store, number: str) -> Phone:
    """Raises CannotDo no_phone (404)."""
    phone = get_phone(store, number)
    if phone is None:
        raise CannotDo("no_phone", "그런 전화기가 없습니다", 404)
    return phone


def need_talk(store: Store, phone: Phone, sender_key: str) -> None:
    """Raises CannotDo: off, no_kakao, blocked, barred (409)."""
    if not phone.on:
        raise CannotDo("off", "전원이 꺼져 있습니다")
    if not phone.kakao:
        raise CannotDo("no_kakao", "카카오톡을 쓰지 않는 전화기입니다")
    blocked = store.number(
        "SELECT blocked FROM room WHERE number = ? AND app = 'chat' AND sender = ?",
        (phone.number, sender_key),
    )
    if blocked or phone.blocks_all:
        raise CannotDo("blocked", "차단한 채널입니다")
    barred = "SELECT barred FROM customer WHERE number = ? AND sender_key = ?"
    if store.number(barred, (phone.number, sender_key)):
        raise CannotDo("barred", "상담원이 차단해서 쓸 수 없습니다")


def need_consult(store: Store, sender_key: str) -> None:
    """Raises CannotDo no_consult (409)."""
    if not consults(store, sender_key):
        raise CannotDo("no_consult", "이 채널은 상담을 쓰지 않습니다")


def say_text(store: Store, number: str, sender_key: str, text: str) -> int:
    """Write the customer's words and send them, if the channel consults. Inside a transaction."""
    if not consults(store, sender_key):
        return write_line(store, (number, sender_key, "say"), text, mine=True)
    session = open_session(store, number, sender_key)
    serial = new_serial()
    message_id = write_line(
        store, (number, sender_key, "say"), text, mine=True, source=("", "", serial)
    )
    send_text(store, session, text, serial, message_id)
    return message_id


def show_photos(store: Store, number: str, sender_key: str, urls: Sequence[str]) -> Message:
    """Photos the sandbox keeps at `urls`, as one line and one `/message`. In a transaction."""
    session = open_session(store, number, sender_key)
    serial = new_serial()
    message_id = write_line(
        store,
        (number, sender_key, "say"),
        "",
        mine=True,
        payload={"photos": list(urls)},
        source=("", "", serial),
    )
    send_photos(store, session, urls, serial, message_id)
    return _need_line(store, number, message_id)


def send_again(store: Store, number: str, message_id: int) -> Message:
    """Send a line once more that could not go, with its old serial number.

    Raises CannotDo: no_message (404), and as `need_writing`.
    """
    line = _need_unsent(store, number, message_id)
    need_writing(store, number, line.sender)
    with store.tx():
        session = open_session(store, number, line.sender)
        store.run("UPDATE message SET result = '' WHERE id = ?", (message_id,))
        if photos := line.payload.get("photos"):
            send_photos(store, session, photos, line.ref, message_id)
        elif sent := line.payload.get("sent"):
            send_body(store, session, sent, line.ref, message_id)
        else:
            send_text(store, session, line.text, line.ref, message_id)
        store.changes.touch([number])
    return _need_line(store, number, message_id)


def take_back(store: Store, number: str, message_id: int) -> None:
    """Remove a line that could not go. Raises CannotDo no_message (404)."""
    line = _need_unsent(store, number, message_id)
    with store.tx():
        store.run("DELETE FROM message WHERE id = ?", (message_id,))
        for table, more, args in (
            ("phone", "", (number,)),
            ("room", " AND app = 'chat' AND sender = ?", (number, line.sender)),
        ):
            newest = (
                f"SELECT id FROM message WHERE number = ?{more} AND arrival IS NOT NULL"  # noqa: S608
                " ORDER BY arrival DESC LIMIT 1"
            )
            store.run(
                f"UPDATE {table} SET last_id = coalesce(({newest}), 0)"  # noqa: S608
                f" WHERE number = ?{more} AND last_id = ?",
                (*args, *args, message_id),
            )
        store.changes.touch([number])


def _need_unsent(store: Store, number: str, message_id: int) -> Message:
    line = _need_line(store, number, message_id)
    if line.result != UNSENT:
        raise CannotDo("no_message", "보내지 못한 글이 아닙니다", 404)
    return line


def _need_line(store: Store, number: str, message_id: int) -> Message:
    message = get_message(store, message_id)
    if message is None or message.number != number:
        raise CannotDo("no_message", "이 전화기에 그런 글이 없습니다", 404)
    return message
