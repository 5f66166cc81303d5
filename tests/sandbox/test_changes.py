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


def test_the_desk_is_told_beside_the_phones_and_drops_none_of_them() -> None:
    changes = Changes()
    start = changes.seq
    changes.tell_desk()
    for _ in range(KEPT + 1):
        changes.tell_desk()
    quiet = changes.since(start)
    assert quiet
    assert (quiet.phones, quiet.everything, quiet.desk) == ((), False, True)
    changes.touch(["a"])
    changes.touch_desk()
    changes.publish()
    both = changes.since(start)
    assert both
    assert (both.phones, both.everything, both.desk) == (("a",), False, True)
    seen = changes.seq
    changes.touch(["b"])
    changes.publish()
    phone = changes.since(seen)
    assert phone
    assert (phone.phones, phone.desk) == (("b",), False)
    changes.touch_desk()
    changes.forget()
    changes.publish()
    assert changes.since(changes.seq) is None
