"""Lines of a customer that do not reach the shop: seen, sent again, taken back."""

import orjson
import pytest

from sandbox import inbox
from sandbox.outbox import CONSULT_PAUSES_S, due_mail, settle, tries_of
from sandbox.phones import get_phone
from sandbox.store import Store
from sandbox.talks import CannotDo, say, send_again, take_back
from tests.sandbox.conftest import Clock
from tests.sandbox.shop import HANA, KEY, NO_KAKAO


def give_up(store: Store, clock: Clock) -> None:
    """Nobody answers for as long as the sandbox tries."""
    for _ in range(len(CONSULT_PAUSES_S) + 1):
        (row,) = due_mail(store, set(), 1)
        settle(store, row, delivered=False)
        clock.pass_s(1_200)


def result(store: Store, message_id: int) -> str:
    line = inbox.get_message(store, message_id)
    assert line
    return line.result


def test_a_line_that_goes_at_the_second_try_is_no_trouble_in_the_end(
    store: Store, clock: Clock
) -> None:
    line = say(store, HANA, KEY, "들리나요?")
    assert tries_of(store, [line.id]) == {line.id: 0}
    settle(store, due_mail(store, set(), 1)[0], delivered=False)
    before = store.changes.seq
    assert tries_of(store, [line.id]) == {line.id: 1}
    clock.pass_s(1)
    settle(store, due_mail(store, set(), 1)[0], delivered=True)
    assert tries_of(store, [line.id]) == {}
    assert result(store, line.id) == ""
    assert store.changes.seq > before  # the phone is drawn again


def test_a_line_given_up_is_sent_again_with_its_own_serial_number(
    store: Store, clock: Clock
) -> None:
    line = say(store, HANA, KEY, "들리나요?")
    (first,) = due_mail(store, set(), 1)
    give_up(store, clock)
    assert result(store, line.id) == "unsent"
    again = send_again(store, HANA, line.id)
    assert (again.id, again.result) == (line.id, "")
    (second,) = due_mail(store, set(), 1)
    one, other = orjson.loads(first["body"]), orjson.loads(second["body"])
    for field in ("serial_number", "type", "content", "user_key"):
        assert one[field] == other[field]
    settle(store, second, delivered=True)
    assert result(store, line.id) == ""


def test_a_line_taken_back_leaves_no_trace(store: Store, clock: Clock) -> None:
    kept = say(store, HANA, KEY, "하나")
    settle(store, due_mail(store, set(), 1)[0], delivered=True)
    line = say(store, HANA, KEY, "둘")
    give_up(store, clock)
    take_back(store, HANA, line.id)
    assert [one.text for one in inbox.list_messages(store, HANA) if one.mine] == ["하나"]
    phone = get_phone(store, HANA)
    assert phone
    assert phone.last_id == kept.id
    assert [room.last.id for room in inbox.list_rooms(store, HANA) if room.last] == [kept.id]


def test_only_a_line_that_could_not_go_can_be_decided_on(store: Store, clock: Clock) -> None:
    line = say(store, HANA, KEY, "하나")
    for decide in (send_again, take_back):
        with pytest.raises(CannotDo) as refused:
            decide(store, HANA, line.id)
        assert (refused.value.code, refused.value.status) == ("no_message", 404)
    give_up(store, clock)
    with pytest.raises(CannotDo):
        take_back(store, NO_KAKAO, line.id)
