"""Nothing grows without end: everything is filled beyond its bound, and the oldest are gone."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sandbox import bounds
from sandbox.bounds import Bounds, trim
from sandbox.delivery import deliver_due
from sandbox.exchanges import KEPT
from sandbox.fcm.devices import install, remove
from sandbox.inbox import list_received
from sandbox.moves import LONGEST_TALK, act
from sandbox.outbound import customer_key, end_session, open_session
from sandbox.phones import count_phones, get_phone
from sandbox.pictures import KEPT as KEPT_PICTURES
from sandbox.pictures import keep_picture
from sandbox.solapi.ledger import make_group
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.server import Running
from tests.sandbox.shop import HANA, KEY, OFF, accept, need, settle_in

ROOMY = Bounds()


def count(store: Store, table: str) -> int:
    return store.number(f"SELECT count(*) FROM {table}")


def remember_keys(store: Store, n: int) -> None:
    store.run("INSERT INTO idempotency VALUES ('a', ?, ?)", (f"k{n}", store.now() + n))


def lose_answers(store: Store, n: int) -> None:
    store.run("INSERT INTO lost_answer VALUES (?, 0)", (f"r{n}",))


def talk(store: Store, n: int) -> None:
    open_session(store, f"0105500{n:04}", KEY)
    end_session(store, f"0105500{n:04}", KEY, tell=False)


def meet(store: Store, n: int) -> None:
    customer_key(store, f"0105500{n:04}", KEY)


def post(store: Store, n: int) -> None:
    store.run(
        "INSERT INTO outbox (kind, account, path, lane, body, due_at, created_at)"
        " VALUES ('alimtalk', 'a', '', '', ?, 0, ?)",
        (b"x" * 10, n),
    )


def group(store: Store, n: int) -> None:
    make_group(store, f"a{n}", {})


FILLED: list[tuple[str, Callable[[Store, int], None], Bounds, str]] = [
    ("idempotency", remember_keys, replace(ROOMY, keys=3), "key"),
    ("lost_answer", lose_answers, replace(ROOMY, lost=3), "reference"),
    ("chat_session", talk, replace(ROOMY, sessions=3), "number"),
    ("customer", meet, replace(ROOMY, customers=3), "number"),
    ("outbox", post, replace(ROOMY, mail=3), "created_at"),
    ("outbox", post, replace(ROOMY, mail_bytes=35), "created_at"),
    ("solapi_group", group, replace(ROOMY, messages=3), "account"),
]


@pytest.mark.parametrize(("table", "fill", "limits", "column"), FILLED)
def test_the_oldest_of_a_table_go(
    store: Store, table: str, fill: Callable[[Store, int], None], limits: Bounds, column: str
) -> None:
    for n in range(8):
        fill(store, n)
    kept = [str(row[0]) for row in store.all(f"SELECT {column} FROM {table} ORDER BY 1")]
    assert len(kept) == 8
    trim(store)
    assert count(store, table) == 8
    trim(store, limits)
    assert [str(row[0]) for row in store.all(f"SELECT {column} FROM {table} ORDER BY 1")] == kept[
        -3:
    ]
    if table == "outbox":
        assert store.counters()["webhooks given up"] == 5


def test_who_talks_is_not_forgotten(store: Store) -> None:
    keys = [open_session(store, f"0105500{n:04}", KEY).user_key for n in range(2)]
    for n in range(2, 8):
        meet(store, n)
    trim(store, replace(ROOMY, customers=1))
    left = [row["user_key"] for row in store.all("SELECT user_key FROM customer ORDER BY rowid")]
    assert left[:2] == keys
    assert len(left) == 3


def test_keys_are_kept_for_an_hour(store: Store, clock: Clock) -> None:
    remember_keys(store, 0)
    clock.pass_s(3_601)
    trim(store)
    assert count(store, "idempotency") == 0


def test_old_messages_go_with_the_phones_only_they_kept(store: Store, clock: Clock) -> None:
    for turn in range(5):
        accept(store, f"0105000{turn:04d}", request_id=f"R{turn}")
        clock.pass_s(1)
        deliver_due(store)
    assert trim(store, replace(ROOMY, messages=2)) == 3
    assert len(list_received(store)) == 2
    assert get_phone(store, "01050000000") is None
    assert get_phone(store, "01050000004")
    assert get_phone(store, HANA)
    assert store.counters()["arrived chat"] == 5


def test_a_phone_with_an_app_stays_without_a_message(store: Store, clock: Clock) -> None:
    numbers = [f"0105000{n:04}" for n in range(5)]
    kept, removed = (install(store, one, "my-app", "앱") for one in numbers[:2])
    remove(store, removed)
    for turn, number in enumerate(numbers):
        accept(store, number, request_id=f"R{turn}")
        clock.pass_s(1)
        deliver_due(store)
    trim(store, replace(ROOMY, messages=1))
    assert get_phone(store, kept.number)
    assert get_phone(store, removed.number) is None


def test_messages_without_a_result_go_last_and_their_phones_and_rooms_too(
    store: Store, clock: Clock
) -> None:
    named = count_phones(store)
    for turn in range(3):
        accept(store, f"0105500{turn:02}00", f"0105500{turn:02}01", request_id=f"R{turn}")
        clock.pass_s(1)
        deliver_due(store)
    store.run("UPDATE room SET blocked = 1")
    accept(store, OFF, request_id="R9")
    clock.pass_s(1)
    deliver_due(store)  # held for three days
    assert trim(store, replace(ROOMY, messages=0)) == 6
    assert count(store, "message") == 1
    assert trim(store, replace(ROOMY, messages=0, unsettled=0)) == 1
    assert (count(store, "message"), count(store, "room")) == (0, 0)
    assert count_phones(store) == named
    assert store.counters()["recipients accepted"] == 7


def test_a_sweep_takes_a_portion(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "PORTION", 2)
    accept(store, *(f"0105500{n:04}" for n in range(5)))
    clock.pass_s(1)
    deliver_due(store)
    none = replace(ROOMY, messages=0)
    assert [trim(store, none) for _ in range(4)] == [2, 2, 1, 0]


def test_the_newest_pictures_and_words_are_kept(store: Store) -> None:
    for n in range(KEPT_PICTURES + 5):
        keep_picture(store, ("a", "mms"), str(n), "image/jpeg", b"x")
    names = [row["name"] for row in store.all("SELECT name FROM picture ORDER BY id")]
    assert names == [str(n) for n in range(5, KEPT_PICTURES + 5)]
    form = {**need(store, "ORDER_SHIPPED").body, "templateCode": "NEW", "templateName": "새 안내"}
    settle_in(store)
    store.run(
        "UPDATE template SET status = 'TSC02', code = 'NEW', name = ?", (form["templateName"],)
    )
    for n in range(LONGEST_TALK + 5):
        act(store, need(store, "NEW"), "comment", f"말 {n}")
    said = [line["content"] for line in need(store, "NEW").comments]
    assert said == [f"말 {n}" for n in range(5, LONGEST_TALK + 5)]


async def test_calls_are_remembered_and_counted_within_bounds(quiet: Running) -> None:
    """Neither the list of requests nor the names of counters grow by what callers make up."""
    for n in range(KEPT + 5):
        method = "GET" if n % 2 else f"ODD{n}"
        await quiet.client.request(method, f"/consult/made/up/{n}")
    assert len(quiet.store.exchanges) == KEPT
    assert quiet.store.exchanges[-1].path == f"/consult/made/up/{KEPT + 4}"
    names = [name for name in quiet.store.counters() if name.startswith("requests")]
    assert names == ["requests GET /consult/", "requests OTHER /consult/"]
