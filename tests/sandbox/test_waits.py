"""What waits when the clock goes back, and what falls due next."""

import pytest

from sandbox.clock import Line
from sandbox.delivery import deliver_due, next_due
from sandbox.reviews import register
from sandbox.store import Store
from sandbox.waits import lay_clock, next_fall, set_clock
from tests.sandbox.conftest import Clock
from tests.sandbox.shop import HANA, KEY, NO_KAKAO, OFF, TEMPLATE, accept

DAY = 86_400_000


def test_back_in_real_time_nothing_waits_a_day_longer(store: Store, clock: Clock) -> None:
    accept(store, OFF, request_id="before")
    clock.pass_s(1)
    deliver_due(store)  # held for three days from now
    set_clock(store, clock.ms + DAY)
    accept(store, HANA)
    store.run("UPDATE nhn_account SET webhook_url = 'http://nowhere.test'")
    accept(store, NO_KAKAO, request_id="R2")
    clock.pass_s(0.4)
    deliver_due(store)
    accept(store, HANA, request_id="R3")
    assert next_due(store) == store.now() + 400
    lay_clock(store, Line())
    assert store.now() == clock.ms
    assert next_due(store) == clock.ms + 400
    assert store.number("SELECT max(due_at) FROM outbox") <= clock.ms
    held = store.number("SELECT due_at FROM message WHERE request_id = 'before'")
    assert held == clock.ms - 1_400 + 3 * DAY


def test_a_reservation_keeps_its_hour(store: Store, clock: Clock) -> None:
    set_clock(store, clock.ms + DAY)
    accept(store, HANA)
    store.run("UPDATE message SET request_at = created_at + 100000, due_at = created_at + 100000")
    due = next_due(store)
    lay_clock(store, Line())
    assert next_due(store) == due


@pytest.mark.parametrize("what", ["message", "webhook", "review", "reservation"])
def test_the_next_that_falls_due(store: Store, clock: Clock, what: str) -> None:
    assert next_fall(store) is None
    if what == "message":
        accept(store, HANA)
        wanted = clock.ms + 400
    elif what == "webhook":
        wanted = clock.ms + 9_000
        store.run(
            "INSERT INTO outbox (kind, account, path, lane, body, due_at, created_at)"
            " VALUES ('sms', '', '', '', '', ?, 0)",
            (wanted,),
        )
    elif what == "reservation":
        wanted = clock.ms + 5_000
        store.run(
            "INSERT INTO solapi_group (id, account, status, body, scheduled_at, created_at,"
            " updated_at) VALUES ('g', 'a', 'SCHEDULED', '{}', ?, 0, 0)",
            (wanted,),
        )
    else:
        another = {**TEMPLATE, "templateCode": "ANOTHER", "templateName": "다른 안내"}
        assert register(store, KEY, another)
        wanted = clock.ms + 500
    assert next_fall(store) == wanted
    set_clock(store, wanted)
    assert next_fall(store) != wanted
