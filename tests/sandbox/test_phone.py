"""What a person does with a phone."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from sandbox.delivery import deliver_due
from sandbox.inbox import Message, list_messages, list_rooms
from sandbox.phone import (
    Traits,
    befriend,
    block,
    press,
    reset_phone,
    set_traits,
    unblock,
)
from sandbox.phones import get_phone
from sandbox.store import Store
from sandbox.talks import CannotDo, say
from tests.sandbox.conftest import Clock
from tests.sandbox.shop import BLOCKS, HANA, KEY, NO_KAKAO, OFF, TEXT, TOKEN, accept

DS, WL, BC, MD, BK = range(5)


@pytest.fixture
def got(store: Store, clock: Clock) -> Message:
    """The notice on Hana's phone."""
    accept(store, HANA)
    clock.pass_s(1)
    deliver_due(store)
    return list_messages(store, HANA)[0]


def queued(store: Store) -> list[tuple[str, dict[str, Any]]]:
    rows = store.all("SELECT path, body FROM outbox WHERE kind = 'consult' ORDER BY id")
    return [(row["path"], orjson.loads(row["body"])) for row in rows]


def test_a_web_link_gives_its_address(store: Store, got: Message) -> None:
    assert press(store, HANA, got.id, WL).link == "https://shop.example/o/1"


def test_tracking_finds_courier_and_number(store: Store, got: Message) -> None:
    parcel = press(store, HANA, got.id, DS).parcel
    assert parcel
    assert (parcel.courier, parcel.invoice) == ("한진택배", "123456789012")


def test_consult_button_opens_a_session_and_passes_the_token(store: Store, got: Message) -> None:
    done = press(store, HANA, got.id, BC)
    (path, body), *more = queued(store)
    assert more == []
    assert path == "/reference"
    assert body["reference"]["extra"] == TOKEN
    assert body["session_id"] == str(done.session_id)
    assert len(body["user_key"]) == 12
    assert list_messages(store, HANA)[-1].text == "상담을 시작했습니다"


def test_a_second_press_stays_in_the_same_session(store: Store, got: Message) -> None:
    first = press(store, HANA, got.id, BC)
    assert press(store, HANA, got.id, BC).session_id == first.session_id
    assert len(queued(store)) == 2
    assert list_messages(store, HANA)[0].pressed == (BC,)


@pytest.mark.parametrize(("button", "said"), [(BK, "영업시간"), (MD, f"문의\n{TEXT}")])
def test_keyword_and_forward_make_the_customer_say_it(
    store: Store, got: Message, button: int, said: str
) -> None:
    assert press(store, HANA, got.id, button).said == said
    path, body = queued(store)[0]
    assert (path, body["type"], body["content"]) == ("/message", "text", said)
    assert list_messages(store, HANA)[-1].mine


def test_every_message_has_its_own_serial_number(store: Store) -> None:
    say(store, HANA, KEY, "안녕하세요")
    say(store, HANA, KEY, "안녕하세요")
    bodies = [body for _, body in queued(store)]
    assert len({body["serial_number"] for body in bodies}) == 2
    assert len({body["session_id"] for body in bodies}) == 1


def test_blocking_ends_the_session_and_unblocking_lets_speak(store: Store) -> None:
    say(store, HANA, KEY, "안녕하세요")
    block(store, HANA, KEY)
    assert queued(store)[-1][0] == "/expired_session"
    assert [room.session_id for room in list_rooms(store, HANA)] == [None]
    with pytest.raises(CannotDo) as refused:
        say(store, HANA, KEY, "여보세요")
    assert refused.value.code == "blocked"
    unblock(store, HANA, KEY)
    assert say(store, HANA, KEY, "여보세요").mine


def test_leaving_kakaotalk_ends_every_session(store: Store) -> None:
    say(store, HANA, KEY, "안녕하세요")
    assert not set_traits(store, HANA, Traits(kakao=False)).kakao
    assert queued(store)[-1][0] == "/expired_session"


@pytest.mark.parametrize(
    ("number", "key", "text", "code"),
    [
        (NO_KAKAO, KEY, "안녕", "no_kakao"),
        (OFF, KEY, "안녕", "off"),
        (BLOCKS, KEY, "안녕", "blocked"),
        (HANA, "x" * 40, "안녕", "no_channel"),
        (HANA, KEY, " \n", "empty"),
        (HANA, KEY, "가" * 1_001, "too_long"),
        ("01012345678", KEY, "안녕", "no_phone"),
    ],
)
def test_what_cannot_be_said(store: Store, number: str, key: str, text: str, code: str) -> None:
    with pytest.raises(CannotDo) as refused:
        say(store, number, key, text)
    assert refused.value.code == code
    assert queued(store) == []


def test_a_button_that_is_not_there(store: Store, got: Message) -> None:
    with pytest.raises(CannotDo) as refused:
        press(store, HANA, got.id, 9)
    assert refused.value.code == "no_button"
    with pytest.raises(CannotDo) as other:
        press(store, OFF, got.id, 0)
    assert other.value.code == "no_message"


def test_blocking_every_channel_ends_every_talk(store: Store) -> None:
    say(store, HANA, KEY, "안녕하세요")
    assert set_traits(store, HANA, Traits(blocks_all=True)).blocks_all
    assert queued(store)[-1][0] == "/expired_session"


@pytest.mark.parametrize("number", [HANA, NO_KAKAO, OFF, BLOCKS])
def test_a_phone_begins_anew(store: Store, clock: Clock, number: str) -> None:
    born = get_phone(store, number)
    turned = Traits(on=True, kakao=True, slow_s=9, answer_lost=True, blocks_all=False)
    set_traits(store, number, turned)
    accept(store, number)
    clock.pass_s(10)
    deliver_due(store)
    befriend(store, number, KEY)
    block(store, number, KEY)
    anew = reset_phone(store, number)
    assert born
    assert replace(anew, last_id=0) == replace(born, last_id=0)
    (room,) = list_rooms(store, number)
    assert (room.friend, room.blocked, room.unread) == (False, False, 0)
    assert len(list_messages(store, number)) == 1  # what it received stays


def test_a_friend_stays_one_until_it_is_removed(store: Store, got: Message) -> None:
    for friend in (True, True, False):
        befriend(store, HANA, KEY, friend)
        assert [room.friend for room in list_rooms(store, HANA)] == [friend]
