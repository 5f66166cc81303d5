"""The table of differences: what both sides say, and what follows."""

import itertools

import pytest

from app.ids import new_id
from app.services.differences import WORDS, Kind, Todo, compare, unknown
from app.services.sides import Ours
from app.services.states import AttemptStatus
from channels.contract import Listed
from channels.vocabulary import Reason, Result, Standing


def ours(status: str) -> Ours:
    return Ours(new_id(), new_id(), "sms", status, "p1", None)


def listed(state: Standing, id_: str = "p1") -> Listed:
    return Listed("sms", id_, state, "", Reason.PHONE_OFF, "2003")


def found(status: str, *states: Standing) -> list[tuple[Kind, Todo, bool]]:
    rows = [listed(state, f"p{n}") for n, state in enumerate(states, 1)]
    return [(one.kind, one.todo, bool(one.receipt)) for one in compare(ours(status), rows)]


A, D, U, R = Standing.ACCEPTED, Standing.DELIVERED, Standing.UNDELIVERED, Standing.REJECTED
APPLY = (Kind.STATE, Todo.APPLY, True)
HELD = (Kind.ONLY_THEIRS, Todo.APPLY, True)


@pytest.mark.parametrize(
    ("status", "states", "expected"),
    [
        ("accepted", [], [(Kind.ONLY_OURS, Todo.ASK_PROVIDER, False)]),
        ("delivered", [], [(Kind.ONLY_OURS, Todo.ASK_PROVIDER, False)]),
        ("unknown", [], []),
        ("rejected", [], []),
        ("queued", [], []),
        ("accepted", [A], []),
        ("accepted", [Standing.UNCERTAIN], []),
        ("delivered", [A], []),
        ("delivered", [D], []),
        ("undelivered", [U], []),
        ("rejected", [U], []),
        ("rejected", [R], []),
        ("queued", [R], []),
        ("accepted", [D], [APPLY]),
        ("accepted", [U], [APPLY]),
        ("accepted", [R], [APPLY]),
        ("unknown", [D], [APPLY]),
        ("undelivered", [D], [APPLY]),
        ("no_report", [D], [APPLY]),
        ("no_report", [U], [(Kind.STATE, Todo.NOTE, False)]),
        ("delivered", [U], [(Kind.STATE, Todo.NOTE, False)]),
        ("unknown", [A], [(Kind.STATE, Todo.WAIT, False)]),
        ("queued", [A], [(Kind.ONLY_THEIRS, Todo.STOP_QUEUED, False)]),
        ("cancelled", [A], [(Kind.ONLY_THEIRS, Todo.STOP_QUEUED, False)]),
        ("rejected", [D], [HELD]),
        ("queued", [D], [HELD]),
        ("queued", [U], [HELD]),
        ("cancelled", [U], [(Kind.ONLY_THEIRS, Todo.NOTE, False)]),
        ("delivered", [D, D], [(Kind.DUPLICATE, Todo.SENT_TWICE, False)]),
        ("accepted", [U, D], [(Kind.DUPLICATE, Todo.SENT_TWICE, False), APPLY]),
        ("sending", [], []),
        ("sending", [D, D], []),
    ],
)
def test_each_pair(
    status: str, states: list[Standing], expected: list[tuple[Kind, Todo, bool]]
) -> None:
    assert found(status, *states) == expected


def test_every_pair_is_decided() -> None:
    """No pair of words raises, and at most one of the two may be applied."""
    for status, state in itertools.product(AttemptStatus, Standing):
        assert len(found(status, state)) <= 1
        assert sum(applies for _, _, applies in found(status, state, D)) <= 1


def test_a_delivery_wins_over_a_failure_and_carries_its_own_id() -> None:
    mine = ours("accepted")
    double, state = compare(mine, [listed(U, "p1"), listed(D, "p2")])
    assert double.provider_ids == ("p1", "p2")
    assert state.receipt is not None
    word = state.receipt
    assert (word.result, word.ref, word.provider_id) == (Result.DELIVERED, mine.ref, "p2")
    assert word.reason is None
    (failed,) = compare(mine, [listed(U)])
    assert failed.receipt is not None
    assert failed.receipt.reason is Reason.PHONE_OFF


def test_a_stranger_names_what_the_provider_knows() -> None:
    one = unknown(Listed("lms", "R:1", A, "their own"))
    assert (one.kind, one.ref, one.provider_ids) == (Kind.ONLY_THEIRS, "their own", ("R:1",))
    assert (one.message_id, one.receipt) == (None, None)


def test_everything_to_do_is_said_in_both_languages() -> None:
    assert set(WORDS) == set(Todo)
    assert all(korean and english for korean, english in WORDS.values())
