"""What a person does with a phone: press, say, block, leave, switch off. Functions on the store."""

from dataclasses import dataclass

import orjson

from sandbox.arrivals import write_line
from sandbox.couriers import Parcel, find_parcel
from sandbox.inbox import Message, get_message
from sandbox.outbound import consults, end_session, open_session, send_message, send_reference
from sandbox.phones import Phone, get_phone
from sandbox.store import Store

LONGEST_TEXT = 1_000


class CannotDo(Exception):
    """A person cannot do this now. `code` for programs, the text for people, `status` for HTTP."""

    def __init__(self, code: str, detail: str, status: int = 409) -> None:
        super().__init__(detail)
        self.code, self.detail, self.status = code, detail, status


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a press did. kind: the button type. `link` for WL and AL, `said` for BK and MD,
    `parcel` for DS (None: nothing found), `session_id` for BC and BT."""

    kind: str
    name: str
    link: str = ""
    said: str = ""
    parcel: Parcel | None = None
    session_id: int | None = None


@dataclass(frozen=True, slots=True)
class Traits:
    """A change of traits; None leaves one as it is. slow_s in seconds."""

    on: bool | None = None
    kakao: bool | None = None
    slow_s: float | None = None
    answer_lost: bool | None = None


def press(store: Store, number: str, message_id: int, index: int) -> Pressed:
    """Press button `index` (quick replies count on after the buttons) of a received notice.

    Raises CannotDo: no_phone, no_message, no_button (404); off, no_kakao, blocked (409).
    """
    phone = _need_phone(store, number)
    message = get_message(store, message_id)
    if message is None or message.number != number or message.arrival is None:
        raise CannotDo("no_message", "이 전화기에 그런 글이 없습니다", 404)
    if not 0 <= index < len(message.buttons):
        raise CannotDo("no_button", "그런 버튼이 없습니다", 404)
    if not phone.on:
        raise CannotDo("off", "전원이 꺼져 있습니다")
    button = message.buttons[index]
    kind = str(button.get("type", ""))
    with store.tx():
        done = _PRESSES.get(kind, _press_link)(store, message, button)
        pressed = sorted({*message.pressed, index})
        store.run(
            "UPDATE message SET pressed = ? WHERE id = ?",
            (orjson.dumps(pressed).decode(), message.id),
        )
        store.changes.touch([number])
    return done


def say(store: Store, number: str, sender_key: str, text: str) -> Message:
    """The customer writes to a channel: opens a chat session when none is open, sends `/message`.

    Raises CannotDo: no_phone, no_channel (404); empty, too_long (422); off, no_kakao, blocked,
    no_consult (409).
    """
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise CannotDo("empty", "쓴 글이 없습니다", 422)
    if len(text) > LONGEST_TEXT:
        raise CannotDo("too_long", f"{LONGEST_TEXT:,}자까지 쓸 수 있습니다", 422)
    if store.one("SELECT 1 FROM sender WHERE sender_key = ?", (sender_key,)) is None:
        raise CannotDo("no_channel", "그런 채널이 없습니다", 404)
    _need_talk(store, _need_phone(store, number), sender_key)
    if not consults(store, sender_key):
        raise CannotDo("no_consult", "이 채널은 상담을 쓰지 않습니다")
    with store.tx():
        message_id = _say(store, number, sender_key, text)
    message = get_message(store, message_id)
    if message is None:
        raise CannotDo("no_message", "글이 사라졌습니다", 404)
    return message


def set_traits(store: Store, number: str, traits: Traits) -> Phone:
    """Switch on or off, leave or join KakaoTalk, and so on. Raises CannotDo no_phone (404)."""
    _need_phone(store, number)
    with store.tx():
        store.run(
            "UPDATE phone SET is_on = coalesce(?, is_on), kakao = coalesce(?, kakao),"
            " slow_s = coalesce(?, slow_s), answer_lost = coalesce(?, answer_lost)"
            " WHERE number = ?",
            (traits.on, traits.kakao, traits.slow_s, traits.answer_lost, number),
        )
        if traits.kakao is False:
            for row in store.all(
                "SELECT sender_key FROM chat_session WHERE number = ? AND ended_at IS NULL",
                (number,),
            ):
                end_session(store, number, row["sender_key"], tell=True)
        if traits.on:
            _release_held(store, number)
        store.changes.touch([number])
    return _need_phone(store, number)


def switch_all_on(store: Store) -> int:
    """Switch every phone on; what waited arrives. Returns how many were off."""
    with store.tx():
        numbers = [row["number"] for row in store.all("SELECT number FROM phone WHERE is_on = 0")]
        store.run("UPDATE phone SET is_on = 1 WHERE is_on = 0")
        for number in numbers:
            _release_held(store, number)
        store.changes.touch(numbers)
    return len(numbers)


def block(store: Store, number: str, sender_key: str) -> None:
    """Block a channel; its chat session ends and `/expired_session` tells."""
    _need_phone(store, number)
    with store.tx():
        _set_room(store, number, sender_key, blocked=1)
        end_session(store, number, sender_key, tell=True)
        store.changes.touch([number])


def unblock(store: Store, number: str, sender_key: str) -> None:
    """Lift the block of a channel. A phone that blocks every channel then blocks none."""
    _need_phone(store, number)
    with store.tx():
        _set_room(store, number, sender_key, blocked=0)
        store.run("UPDATE phone SET blocks_all = 0 WHERE number = ?", (number,))
        store.changes.touch([number])


def _need_phone(store: Store, number: str) -> Phone:
    phone = get_phone(store, number)
    if phone is None:
        raise CannotDo("no_phone", "그런 전화기가 없습니다", 404)
    return phone


def _need_talk(store: Store, phone: Phone, sender_key: str) -> None:
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


def _say(store: Store, number: str, sender_key: str, text: str) -> int:
    if not consults(store, sender_key):
        return write_line(store, (number, sender_key, "say"), text, mine=True)
    session = open_session(store, number, sender_key)
    message_id = write_line(store, (number, sender_key, "say"), text, mine=True)
    send_message(store, session, text)
    return message_id


def _set_room(store: Store, number: str, sender_key: str, blocked: int) -> None:
    store.run(
        "INSERT INTO room (number, app, sender, blocked) VALUES (?, 'chat', ?, ?)"
        " ON CONFLICT DO UPDATE SET blocked = excluded.blocked",
        (number, sender_key, blocked),
    )


def _release_held(store: Store, number: str) -> None:
    store.run(
        "UPDATE message SET state = 'waiting', due_at = ? WHERE number = ? AND state = 'held'",
        (store.now(), number),
    )
    store.results_due.set()


# one function per button type -------------------------------------------------------------------


def _press_link(store: Store, message: Message, button: dict[str, str]) -> Pressed:
    kinds = ("linkMo", "linkPc", "schemeAndroid", "schemeIos")
    link = next((button[kind] for kind in kinds if button.get(kind)), "")
    return Pressed(button.get("type", ""), button.get("name", ""), link=link)


def _press_keyword(store: Store, message: Message, button: dict[str, str]) -> Pressed:
    _need_talk(store, _need_phone(store, message.number), message.sender)
    said = button["name"] if button["type"] == "BK" else f"{button['name']}\n{message.text}"
    _say(store, message.number, message.sender, said)
    return Pressed(button["type"], button["name"], said=said)


def _press_talk(store: Store, message: Message, button: dict[str, str]) -> Pressed:
    """BC opens a chat session with a person, BT with the bot; `/reference` carries the token."""
    _need_talk(store, _need_phone(store, message.number), message.sender)
    if not consults(store, message.sender):
        raise CannotDo("no_consult", "이 채널은 상담을 쓰지 않습니다")
    session = open_session(store, message.number, message.sender)
    event = button.get("chatEvent") or "" if button["type"] == "BT" else None
    send_reference(store, session, button.get("chatExtra") or "", event)
    return Pressed(button["type"], button["name"], session_id=session.id)


def _press_tracking(store: Store, message: Message, button: dict[str, str]) -> Pressed:
    return Pressed("DS", button.get("name", ""), parcel=find_parcel(message.text))


def _press_add(store: Store, message: Message, button: dict[str, str]) -> Pressed:
    store.run(
        "UPDATE room SET friend = 1 WHERE number = ? AND app = 'chat' AND sender = ?",
        (message.number, message.sender),
    )
    return Pressed("AC", button.get("name", ""))


_PRESSES = {
    "BK": _press_keyword,
    "MD": _press_keyword,
    "BC": _press_talk,
    "BT": _press_talk,
    "DS": _press_tracking,
    "AC": _press_add,
}
