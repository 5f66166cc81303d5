"""What a person does with a phone: press, block, leave, switch off. To speak is in `talks`."""

from dataclasses import dataclass

import orjson

from sandbox.couriers import Parcel, find_parcel
from sandbox.inbox import Message, get_message
from sandbox.outbound import end_session, open_session, send_reference
from sandbox.phones import Phone, traits_of
from sandbox.store import Store
from sandbox.talks import CannotDo, need_consult, need_phone, need_talk, say_text


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
    blocks_all: bool | None = None


def press(store: Store, number: str, message_id: int, index: int) -> Pressed:
    """Press button `index` (quick replies count on after the buttons) of a received notice.

    Raises CannotDo: no_phone, no_message, no_button (404); off, no_kakao, blocked (409).
    """
    phone = need_phone(store, number)
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


def set_traits(store: Store, number: str, traits: Traits) -> Phone:
    """Switch on or off, leave or join KakaoTalk, and so on. Raises CannotDo no_phone (404)."""
    need_phone(store, number)
    with store.tx():
        store.run(
            "UPDATE phone SET is_on = coalesce(?, is_on), kakao = coalesce(?, kakao),"
            " slow_s = coalesce(?, slow_s), answer_lost = coalesce(?, answer_lost),"
            " blocks_all = coalesce(?, blocks_all) WHERE number = ?",
            (
                traits.on,
                traits.kakao,
                traits.slow_s,
                traits.answer_lost,
                traits.blocks_all,
                number,
            ),
        )
        if traits.kakao is False or traits.blocks_all:
            _end_sessions(store, number)
        if traits.on:
            _release_held(store, number)
        store.changes.touch([number])
    return need_phone(store, number)


def reset_phone(store: Store, number: str) -> Phone:
    """As on the first day: the traits of its last four digits, no block, friend of nobody.

    What it received stays and counts as read. Raises CannotDo no_phone (404).
    """
    need_phone(store, number)
    born = traits_of(number)
    with store.tx():
        store.run("UPDATE room SET blocked = 0, friend = 0, unread = 0 WHERE number = ?", (number,))
        store.run(
            "UPDATE phone SET unread_chat = 0, unread_sms = 0, unread_push = 0 WHERE number = ?",
            (number,),
        )
    return set_traits(
        store,
        number,
        Traits(
            on=bool(born["is_on"]),
            kakao=bool(born["kakao"]),
            slow_s=born["slow_s"],
            answer_lost=bool(born["answer_lost"]),
            blocks_all=bool(born["blocks_all"]),
        ),
    )


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
    need_phone(store, number)
    with store.tx():
        _set_room(store, number, sender_key, blocked=1)
        end_session(store, number, sender_key, tell=True)
        store.changes.touch([number])


def befriend(store: Store, number: str, sender_key: str, friend: bool = True) -> None:
    """Add a channel, or remove it: friends see no button and no line that ask them to add it."""
    need_phone(store, number)
    with store.tx():
        store.run(
            "INSERT INTO room (number, app, sender, friend) VALUES (?, 'chat', ?, ?)"
            " ON CONFLICT DO UPDATE SET friend = excluded.friend",
            (number, sender_key, friend),
        )
        store.changes.touch([number])


def unblock(store: Store, number: str, sender_key: str) -> None:
    """Lift the block of a channel. A phone that blocks every channel then blocks none."""
    need_phone(store, number)
    with store.tx():
        _set_room(store, number, sender_key, blocked=0)
        store.run("UPDATE phone SET blocks_all = 0 WHERE number = ?", (number,))
        store.changes.touch([number])


def _end_sessions(store: Store, number: str) -> None:
    for row in store.all(
        "SELECT sender_key FROM chat_session WHERE number = ? AND ended_at IS NULL", (number,)
    ):
        end_session(store, number, row["sender_key"], tell=True)


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
    need_talk(store, need_phone(store, message.number), message.sender)
    said = button["name"] if button["type"] == "BK" else f"{button['name']}\n{message.text}"
    say_text(store, message.number, message.sender, said)
    return Pressed(button["type"], button["name"], said=said)


def _press_talk(store: Store, message: Message, button: dict[str, str]) -> Pressed:
    """BC opens a chat session with a person, BT with the bot; `/reference` carries the token."""
    need_talk(store, need_phone(store, message.number), message.sender)
    need_consult(store, message.sender)
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
