"""Numbers, names, the wall's order."""

import pytest

from sandbox.phones import count_phones, get_phone, list_phones, make_phones, normal_number
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.shop import HANA, accept


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("010-1111-2222", "01011112222"),
        ("+82 10 1111 2222", "01011112222"),
        ("821011112222", "01011112222"),
        ("8201011112222", "01011112222"),
        ("15551234567", "15551234567"),
        ("010", None),
        ("abc", None),
        ("", None),
        ("٠١٠١١١١٢٢٢٢", None),
        ("1" * 16, None),
    ],
)
def test_normal_number(raw: str, number: str | None) -> None:
    assert normal_number(raw) == number


def test_a_phone_of_an_unknown_number_is_named_by_its_end(store: Store) -> None:
    make_phones(store, ["01077771234"])
    phone = get_phone(store, "01077771234")
    assert phone
    assert (phone.name, phone.auto, phone.on, phone.kakao) == ("손님 1234", True, True, True)


def test_a_phone_that_exists_keeps_its_traits(store: Store) -> None:
    store.run("UPDATE phone SET is_on = 0 WHERE number = ?", (HANA,))
    make_phones(store, [HANA])
    phone = get_phone(store, HANA)
    assert phone
    assert (phone.name, phone.on) == ("한가온", False)


def test_named_phones_stand_first(store: Store, clock: Clock) -> None:
    accept(store, "01077771234")
    clock.pass_s(1)
    page = list_phones(store)
    assert page.phones[0].number == HANA
    assert page.phones[-1].number == "01077771234"
    assert count_phones(store) == 11
    assert count_phones(store, "no-kakao") == 1


def test_a_search_takes_signs_as_they_are(store: Store) -> None:
    assert list_phones(store, q="%").phones == []
    assert [one.name for one in list_phones(store, q="가온").phones] == ["한가온"]
