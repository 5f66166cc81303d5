"""Both sides on disk: sorted, joined, forgotten."""

import tracemalloc
from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.ids import new_id, to_ref
from app.services.sides import Ours, Sides
from channels.contract import Listed
from channels.vocabulary import Reason, Standing

AT = datetime(2026, 11, 25, 1, 2, 3, 456789, tzinfo=UTC)


def ours(id_: UUID) -> Ours:
    return Ours(id_, new_id(), "sms", "accepted", "p", AT)


def listed(provider_id: str, ref: str = "", state: Standing = Standing.DELIVERED) -> Listed:
    return Listed("sms", provider_id, state, ref, Reason.PHONE_OFF, "2003", AT, AT)


def test_both_sides_meet_by_reference_and_come_back_whole() -> None:
    first, second, third = sorted(new_id() for _ in range(3))
    mine = {id_: ours(id_) for id_ in (first, second, third)}
    double = [listed("b", to_ref(third)), listed("a", to_ref(third))]
    with Sides() as sides:
        sides.add_ours([mine[third], mine[first], mine[second]])
        sides.add_theirs([*double, listed("c", to_ref(first))])
        sides.sort()
        assert sides.sizes() == (3, 3)
        found = list(sides.matched())
    assert [one for one, _ in found] == [mine[first], mine[second], mine[third]]
    assert [rows for _, rows in found[:2]] == [[listed("c", to_ref(first))], []]
    assert sorted(found[2][1], key=lambda one: one.provider_id) == double[::-1]


def test_a_page_that_repeats_a_message_does_not_double_it() -> None:
    """Pages shift while they are read; the later word holds."""
    id_ = new_id()
    with Sides() as sides:
        sides.add_ours([ours(id_)])
        sides.add_theirs([listed("a", to_ref(id_), Standing.ACCEPTED)])
        sides.add_theirs([listed("a", to_ref(id_), Standing.DELIVERED)])
        sides.sort()
        ((_, rows),) = sides.matched()
    assert [one.state for one in rows] == [Standing.DELIVERED]


def test_strangers_are_what_nobody_matched() -> None:
    mine, other, named = sorted(new_id() for _ in range(3))
    with Sides() as sides:
        sides.add_ours([ours(mine), ours(named)])
        sides.add_theirs(
            [
                listed("m", to_ref(mine)),
                listed("o", to_ref(other)),
                listed("n"),
                listed("x", "shop"),
            ]
        )
        nameless = [one for part in sides.nameless(1) for one in part]
        assert [one.provider_id for one in nameless] == ["n", "x"]
        sides.name([(nameless[0], named)])
        sides.sort()
        strange = [pair for part in sides.strangers(1) for pair in part]
        assert [len(rows) for _, rows in sides.matched()] == [1, 1]
    assert strange == [(None, listed("x", "shop")), (other, listed("o", to_ref(other)))]


@pytest.mark.long
def test_memory_stays_flat() -> None:
    """Ten times the messages need no more memory."""
    peaks = []
    for count in (1_000, 10_000):
        with Sides() as sides:
            tracemalloc.start()
            for start in range(0, count, 500):
                ids = [UUID(int=(start + n) << 64) for n in range(500)]
                sides.add_ours(ours(id_) for id_ in ids)
                sides.add_theirs(listed(str(id_), to_ref(id_)) for id_ in ids)
            sides.sort()
            assert sum(len(rows) for _, rows in sides.matched()) == count
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]
