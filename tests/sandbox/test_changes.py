"""The change feed: what is newer, gaps, waking."""

import asyncio

from sandbox.changes import KEPT, MOST_NUMBERS, Changes


def test_several_changes_are_told_as_one() -> None:
    changes = Changes()
    start = changes.seq
    for number in ("b", "a", "b"):
        changes.touch([number])
        changes.publish()
    found = changes.since(start)
    assert found
    assert (found.phones, found.everything, found.seq) == (("a", "b"), False, start + 3)
    assert changes.since(found.seq) is None


def test_nothing_touched_is_nothing_told() -> None:
    changes = Changes()
    changes.touch(["a"])
    changes.forget()
    changes.publish()
    assert changes.since(changes.seq) is None


def test_a_reader_of_another_run_or_far_behind_draws_all_again() -> None:
    changes = Changes()
    start = changes.seq
    stranger = changes.since(start - 5)
    assert stranger
    assert stranger.everything
    for _ in range(KEPT + 1):
        changes.touch(["a"])
        changes.publish()
    behind = changes.since(start)
    assert behind
    assert behind.everything


def test_a_flood_names_no_phones() -> None:
    changes = Changes()
    start = changes.seq
    changes.touch(str(n) for n in range(MOST_NUMBERS + 1))
    changes.publish()
    found = changes.since(start)
    assert found
    assert (found.phones, found.everything) == ((), True)


async def test_waiting_ends_with_a_change_or_in_time() -> None:
    changes = Changes()
    assert await changes.wait(0.01) is False
    asyncio.get_running_loop().call_later(0.01, changes.wake)
    assert await changes.wait(5) is True
