"""The town's phones while a scenario runs, and after."""

import pytest

from sandbox.phone import Traits, set_traits
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.hand import ALL_ONCE, PEOPLE, Hand, known, traits_now
from tests.sandbox.shop import accept


@pytest.fixture
def hand(store: Store, clock: Clock) -> Hand:
    store.change_settings({"webhooks": False})
    return Hand(store, clock)


TOWN = """
[town]
off = 1
[[steps]]
after_accepted = 1
[[steps]]
after_s = 5
town = { on = true }
"""


def test_a_town_is_as_its_shares_say_until_it_is_well_again(hand: Hand) -> None:
    store = hand.store
    accept(store, PEOPLE[0], request_id="R0")  # this phone is there before the run
    hand.pass_s(1)
    set_traits(store, PEOPLE[0], Traits(on=True))
    hand.runner.start(known(TOWN + ALL_ONCE))
    accept(store, *PEOPLE[:3], "01055553020")
    hand.pass_s(3)
    assert [traits_now(store, n)["on"] for n in PEOPLE[:3]] == [False] * 3
    assert traits_now(store, "01055553020")["on"]  # its number says otherwise
    assert store.tally
    assert (store.tally.held, store.tally.failed, store.tally.open) == (3, 1, 0)
    hand.pass_s(4)
    assert store.tally.arrived == 3
    hand.runner.stop()
    assert all(traits_now(store, n)["on"] for n in PEOPLE[:3])


def test_a_stopped_town_gets_what_waited(hand: Hand) -> None:
    hand.runner.start(known(TOWN + ALL_ONCE))
    accept(hand.store, PEOPLE[0])
    hand.pass_s(2)
    assert hand.store.number("SELECT count(*) FROM message WHERE state = 'held'") == 1
    hand.runner.stop()
    hand.pass_s(1)
    assert hand.store.number("SELECT count(*) FROM message WHERE arrival IS NOT NULL") == 1
