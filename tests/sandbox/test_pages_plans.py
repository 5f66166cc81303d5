"""How the pages of phones ask the store: by indexes, and not more often with more messages."""

from collections.abc import AsyncIterator

import pytest

from sandbox.phones import FILTERS, count_phones, list_phones
from sandbox.store import Store
from tests.sandbox.received import HANA, KEY, Pages, open_pages, receive
from tests.sandbox.rich import furnish

WHOLE = ("template", "counter", "meta", "sender", "caller")  # small by their nature


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    async with open_pages() as opened:
        furnish(opened.store)
        yield opened


async def asked(pages: Pages, address: str) -> list[str]:
    """The questions one page asks."""
    heard: list[str] = []
    pages.store.db.set_trace_callback(heard.append)
    answer = await pages.client.get(address)
    pages.store.db.set_trace_callback(None)
    assert answer.status_code == 200
    return [one for one in heard if one.startswith("SELECT")]


def plan(store: Store, question: str) -> list[str]:
    return [row["detail"] for row in store.all(f"EXPLAIN QUERY PLAN {question}")]


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/?only=unread",
        "/?only=off",
        "/?only=blocked",
        "/?only=talking",
        f"/phones/{HANA}?app=chat&room={KEY}",
        f"/phones/{HANA}?app=sms&part=1",
        f"/parts?number={HANA}&number=01000003005",
    ],
)
async def test_nothing_reads_all_messages_or_sorts_all_phones(pages: Pages, address: str) -> None:
    for question in set(await asked(pages, address)):
        for step in plan(pages.store, question):
            scanned = step.removeprefix("SCAN ") if step.startswith("SCAN") else ""
            inner = scanned.startswith(("(subquery", "CONSTANT"))  # of rows an index gave
            assert not scanned or inner or "USING" in step or scanned in WHOLE, question
            assert "SCAN message" not in step, question
            few = "phone.number IN (SELECT" in question  # only those are read, and then sorted
            if "FROM phone LEFT JOIN" in question and not few:
                assert "TEMP B-TREE" not in step, question


async def test_a_room_asks_as_often_for_a_hundred_lines_as_for_two(pages: Pages) -> None:
    address = f"/phones/{HANA}?app=chat&room={KEY}&part=1"
    await asked(pages, address)  # from now on everything in it is seen
    few = len(await asked(pages, address))
    for n in range(100):
        receive(pages.store, f"{n}")
    await asked(pages, address)
    assert len(await asked(pages, address)) == few


def test_a_filter_counts_what_it_lists(store: Store) -> None:
    furnish_counts(store)
    for only in FILTERS:
        listed = list_phones(store, only=only, limit=500).phones
        assert count_phones(store, only) == len(listed), only


def furnish_counts(store: Store) -> None:
    """Phones in every state, some of them twice."""
    receive(store, "안내")
    store.run("UPDATE phone SET unread_sms = 2 WHERE number = ?", (HANA,))
    store.run("INSERT INTO room (number, app, sender, blocked) VALUES (?, 'chat', 'x', 1)", (HANA,))
    store.run("INSERT INTO room (number, app, sender, blocked) VALUES (?, 'chat', 'y', 1)", (HANA,))
    store.run("INSERT INTO room (number, app, sender, blocked) VALUES ('9', 'chat', 'y', 1)")
    for key in ("x", "y"):
        store.run(
            "INSERT INTO chat_session (number, sender_key, user_key, opened_at, extended_at)"
            " VALUES (?, ?, ?, 0, 0)",
            (HANA, key, key),
        )
