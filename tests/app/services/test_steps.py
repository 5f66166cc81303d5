"""The table of the delivery protocol, row by row, and what must hold for any attempts."""

from datetime import datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.db.types import EPOCH
from app.services.states import (
    FAILED,
    HOLDS,
    MESSAGE_EXPIRED,
    OPEN,
    POLICY,
    TEMPLATE_STOPPED,
    AttemptStatus,
    MessageStatus,
)
from app.services.steps import MessageState, Try, derive, next_step, passed
from templates.plan import DEFAULT, STEP_DEADLINE, Plan, parse

T0 = EPOCH + timedelta(days=20_000)
A, M = AttemptStatus, MessageStatus
ONE = parse([{"channel": "alimtalk"}])
UNTIL_ACCEPTED = parse([{"channel": "alimtalk", "until": "accepted"}, {"channel": "sms"}])
WITHIN = parse([{"channel": "alimtalk", "within_s": 60}, {"channel": "sms"}])
AFTER_UNKNOWN = parse([{"channel": "alimtalk", "unknown_after_s": 30}, {"channel": "sms"}])


def late(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def first(
    status: AttemptStatus,
    reason: str | None = None,
    *,
    unknown_since: datetime | None = None,
    parked: bool = False,
    receipts: bool = True,
) -> Try:
    """The first step's attempt."""
    return Try(0, 1, status, reason, T0, unknown_since, parked, receipts)


def second(status: AttemptStatus, reason: str | None = None) -> Try:
    """The second step's attempt."""
    return Try(1, 1, status, reason, late(100))


Row = tuple[Plan, list[Try], float, int | None, MessageStatus, bool]
# what the protocol's table says: plan, attempts, seconds later, next step, message, closed
ROWS: dict[str, Row] = {
    "queued": (DEFAULT, [first(A.QUEUED)], 0, None, M.QUEUED, False),
    "call row committed": (DEFAULT, [first(A.SENDING)], 0, None, M.SENDING, False),
    "cancelled": (DEFAULT, [first(A.CANCELLED)], 0, None, M.CANCELLED, True),
    "expired": (DEFAULT, [first(A.EXPIRED, MESSAGE_EXPIRED)], 0, None, M.EXPIRED, True),
    "stopped": (DEFAULT, [first(A.REJECTED, TEMPLATE_STOPPED)], 0, None, M.BLOCKED, True),
    "parked": (DEFAULT, [first(A.QUEUED, parked=True)], 0, None, M.HELD, False),
    **{why: (DEFAULT, [first(A.QUEUED, why)], 0, None, M.HELD, False) for why in sorted(HOLDS)},
    "accepted": (DEFAULT, [first(A.ACCEPTED)], 0, None, M.SENT, False),
    "rejected": (DEFAULT, [first(A.REJECTED, "not_reachable")], 0, 1, M.FAILED, True),
    "rejected, no fallback": (DEFAULT, [first(A.REJECTED, "bad_address")], 0, None, M.FAILED, True),
    "rejected, last": (ONE, [first(A.REJECTED, "not_reachable")], 0, None, M.FAILED, True),
    "rejected, no reason": (DEFAULT, [first(A.REJECTED)], 0, 1, M.FAILED, True),
    "deferred": (DEFAULT, [first(A.QUEUED, "throttled")], 0, None, M.QUEUED, False),
    "unknown": (DEFAULT, [first(A.UNKNOWN, "no_answer")], 9e5, None, M.UNKNOWN, False),
    "unknown_after_s ahead": (AFTER_UNKNOWN, [first(A.UNKNOWN)], 29, None, M.UNKNOWN, False),
    "unknown_after_s passed": (AFTER_UNKNOWN, [first(A.UNKNOWN)], 30, 1, M.UNKNOWN, False),
    "unknown only lately": (
        AFTER_UNKNOWN,
        [first(A.UNKNOWN, unknown_since=late(10))],
        39,
        None,
        M.UNKNOWN,
        False,
    ),
    "unknown within_s passed": (WITHIN, [first(A.UNKNOWN)], 60, 1, M.UNKNOWN, False),
    "delivered": (DEFAULT, [first(A.DELIVERED)], 9e5, None, M.DELIVERED, True),
    "undelivered": (DEFAULT, [first(A.UNDELIVERED, "phone_off")], 0, 1, M.FAILED, True),
    "uncertain receipt": (DEFAULT, [first(A.ACCEPTED, "uncertain")], 0, None, M.SENT, False),
    "no within_s waits for ever": (DEFAULT, [first(A.ACCEPTED)], 9e9, None, M.SENT, False),
    "within_s ahead": (WITHIN, [first(A.ACCEPTED)], 59, None, M.SENT, False),
    "within_s passed": (WITHIN, [first(A.ACCEPTED)], 60, 1, M.SENT, False),
    "within_s passed in the queue": (
        WITHIN,
        [first(A.EXPIRED, STEP_DEADLINE)],
        60,
        1,
        M.FAILED,
        True,
    ),
    "no report": (DEFAULT, [first(A.NO_REPORT)], 0, None, M.NO_REPORT, True),
    "no report asked for": (UNTIL_ACCEPTED, [first(A.NO_REPORT)], 0, None, M.SENT, True),
    "route without receipts": (WITHIN, [first(A.ACCEPTED, receipts=False)], 99, None, M.SENT, True),
    "until accepted": (UNTIL_ACCEPTED, [first(A.ACCEPTED)], 9e9, None, M.SENT, True),
    "fell back": (
        DEFAULT,
        [first(A.REJECTED, "opted_out"), second(A.QUEUED)],
        0,
        None,
        M.QUEUED,
        False,
    ),
    "both failed": (
        DEFAULT,
        [first(A.REJECTED, "opted_out"), second(A.UNDELIVERED, "phone_off")],
        0,
        None,
        M.FAILED,
        True,
    ),
    "first kept open": (
        WITHIN,
        [first(A.ACCEPTED), second(A.REJECTED, "phone_off")],
        99,
        None,
        M.SENT,
        False,
    ),
    "no report, but the other arrived": (
        WITHIN,
        [first(A.NO_REPORT), second(A.DELIVERED)],
        99,
        None,
        M.DELIVERED,
        True,
    ),
    "a late delivery lifts a failure": (
        DEFAULT,
        [first(A.DELIVERED), second(A.REJECTED, "phone_off")],
        0,
        None,
        M.DELIVERED,
        True,
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_the_table(name: str) -> None:
    plan, tries, seconds, step, status, closed = ROWS[name]
    assert next_step(plan, tries, late(seconds)) == step
    state = derive(plan, tries, None, late(seconds))
    assert (state.status, state.closed, state.duplicate) == (status, closed, False)


@pytest.mark.parametrize(
    ("send_at", "expected"),
    [(late(1), M.SCHEDULED), (late(0), M.QUEUED), (late(-1), M.QUEUED), (None, M.QUEUED)],
)
def test_send_at_ahead_is_scheduled(send_at: datetime | None, expected: MessageStatus) -> None:
    assert derive(DEFAULT, [first(A.QUEUED)], send_at, T0).status == expected


def test_a_parked_attempt_is_held_although_its_time_is_ahead() -> None:
    assert derive(DEFAULT, [first(A.QUEUED, parked=True)], late(9), T0).status == M.HELD


@pytest.mark.parametrize(("status", "step"), [(A.UNKNOWN, 1), (A.ACCEPTED, None), (A.QUEUED, None)])
def test_a_policy_forces_only_an_unknown_on(status: AttemptStatus, step: int | None) -> None:
    """`when_unknown: fall_back` of a blind route."""
    assert next_step(DEFAULT, [first(status)], T0, forced=True) == step
    assert next_step(ONE, [first(status)], T0, forced=True) is None


def test_delivered_twice_is_told() -> None:
    state = derive(DEFAULT, [first(A.DELIVERED), second(A.DELIVERED)], None, T0)
    assert state == MessageState(M.DELIVERED, None, closed=True, duplicate=True)


def test_the_reason_of_the_last_word_is_told() -> None:
    tries = [second(A.REJECTED, "quota"), first(A.REJECTED, "opted_out")]  # in any order
    assert derive(DEFAULT, tries, None, T0).reason == "quota"


def test_a_limit_is_over_at_its_very_moment() -> None:
    assert not passed(T0, None, late(9e9))
    assert not passed(T0, 60, late(60) - timedelta(microseconds=1))
    assert passed(T0, 60, late(60))


STEPS = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(["alimtalk", "sms"]),
        "until": st.sampled_from(["accepted", "delivered"]),
    },
    optional={"within_s": st.integers(1, 1000), "unknown_after_s": st.integers(1, 1000)},
)
PLANS = st.lists(STEPS, min_size=1, max_size=4).map(parse)
MOMENTS = st.integers(-2000, 2000).map(late)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Plan, list[Try]]:
    """A plan and attempts of its first steps, in any order and any state."""
    plan = draw(PLANS)
    reached = draw(st.integers(1, len(plan.steps)))
    places = [(step, n) for step in range(reached) for n in range(1, draw(st.integers(1, 3)) + 1)]
    tries = [
        Try(
            step,
            n,
            draw(st.sampled_from(AttemptStatus)),
            draw(st.none() | st.sampled_from(sorted(POLICY))),
            draw(MOMENTS),
            draw(st.none() | MOMENTS),
            draw(st.booleans()),
            draw(st.booleans()),
        )
        for step, n in places
    ]
    return plan, draw(st.permutations(tries))


@given(situations(), st.none() | MOMENTS, MOMENTS)
def test_for_any_attempts(
    given: tuple[Plan, list[Try]], send_at: datetime | None, now: datetime
) -> None:
    plan, tries = given
    state = derive(plan, tries, send_at, now)
    assert derive(plan, tries[::-1], send_at, now) == state  # their order says nothing
    statuses = {one.status for one in tries}
    assert (state.status == M.DELIVERED) == (A.DELIVERED in statuses)
    if not statuses & OPEN:
        assert state.closed
    for forced in (False, True):
        step = next_step(plan, tries, now, forced=forced)
        assert step is None or max(one.step for one in tries) < step < len(plan.steps)
        assert step is None or A.DELIVERED not in statuses


@pytest.mark.parametrize(("status", "reason"), [*product(sorted(FAILED), sorted(POLICY))])
def test_a_failure_falls_back_as_its_reason_says(status: AttemptStatus, reason: str) -> None:
    expected = 1 if POLICY[reason].fall_back else None
    assert next_step(DEFAULT, [first(status, reason)], T0) == expected
