"""Runs on a store whose clock a test moves: steps, checks that go bad, everything given back."""

import pytest

from sandbox.chaos.rules import Rule
from sandbox.clock import CannotTurnBack
from sandbox.scenarios.run import AlreadyRuns, Runner, last_run
from sandbox.store import Store
from sandbox.waits import set_clock
from tests.sandbox.conftest import Clock
from tests.sandbox.hand import ALL_ONCE, PEOPLE, Hand, known, traits_now
from tests.sandbox.shop import accept


@pytest.fixture
def hand(store: Store, clock: Clock) -> Hand:
    store.change_settings({"webhooks": False})
    return Hand(store, clock)


def test_a_run_passes_when_everything_arrived_once(hand: Hand) -> None:
    hand.runner.start(known())
    hand.pass_s(60)  # nothing is sent yet: it waits
    assert (hand.state, set(hand.states().values())) == ("running", {"waiting"})
    accept(hand.store, *PEOPLE)
    hand.pass_s(2)
    assert hand.state == "running"
    hand.pass_s(5)
    assert (hand.state, set(hand.states().values())) == ("passed", {"ok"})
    assert hand.states().keys() == {"accepted", "arrived", "doubled", "lost", "receipts_pending"}
    ended = last_run(hand.store, "trial")
    assert ended
    assert ended.state == "passed"


def test_a_doubled_arrival_makes_it_bad(hand: Hand) -> None:
    """The same reference taken twice; the second of a provider without a memory of keys."""
    hand.runner.start(known())
    accept(hand.store, *PEOPLE)
    accept(hand.store, PEOPLE[2], request_id="R2")
    hand.pass_s(2)
    assert (hand.state, hand.states()["doubled"]) == ("running", "bad")
    hand.pass_s(5)
    assert hand.state == "failed"
    assert hand.runner.run
    assert [(c.n, c.found) for c in hand.runner.run.checks if c.what == "doubled"] == [(1, 0.25)]


def test_a_notice_and_the_text_that_stands_in_for_it_are_a_doubled_one(hand: Hand) -> None:
    hand.runner.start(known())
    accept(hand.store, *PEOPLE)
    hand.pass_s(1)
    _stand_in(hand.store, PEOPLE[0])
    hand.pass_s(8)
    assert (hand.state, hand.states()["doubled"]) == ("failed", "bad")
    assert hand.states()["accepted"] == "ok"  # it is no fifth one


def test_a_text_in_place_of_a_failed_notice_is_no_doubled_one(hand: Hand) -> None:
    text = ALL_ONCE + '[[expect]]\nwhat = "arrived_sms"\nwithin = [0.2, 0.3]\n'
    hand.runner.start(known(text))
    accept(hand.store, *PEOPLE[:3], "01055553019")
    hand.pass_s(3)
    assert hand.states()["arrived"] == "waiting"
    _stand_in(hand.store, "01055553019")
    hand.pass_s(8)
    assert (hand.state, set(hand.states().values())) == ("passed", {"ok"})


@pytest.mark.parametrize(
    ("people", "bad"),
    [
        (PEOPLE[:3], {"accepted"}),
        ([*PEOPLE, "01055550005"], {"accepted"}),
        ([*PEOPLE[:3], "01055553019"], {"arrived"}),
    ],
    ids=["one is missing", "one too many", "one failed"],
)
def test_what_never_comes_is_bad_when_patience_ends(
    hand: Hand, people: list[str], bad: set[str]
) -> None:
    hand.runner.start(known())
    accept(hand.store, *people)
    hand.pass_s(14)
    assert hand.state == "failed"
    assert {what for what, state in hand.states().items() if state == "bad"} == bad


def test_messages_that_vanish_are_lost(hand: Hand) -> None:
    hand.runner.start(known())
    accept(hand.store, *PEOPLE)
    hand.store.run("DELETE FROM message WHERE number = ?", (PEOPLE[1],))
    hand.pass_s(14)
    assert (hand.state, hand.states()["lost"]) == ("failed", "bad")


def test_the_checks_of_a_part_are_those_of_the_whole(hand: Hand) -> None:
    run = hand.runner.start(known(), count=2)
    assert run.count == 2
    accept(hand.store, *PEOPLE[:2])
    hand.pass_s(8)
    assert hand.state == "passed"


STEPS = """
[clock]
rate = 0
[settings]
result_delay_s = 600
[chaos]
seed = 3
rules = [{ effect = "delay", seconds = 0 }]
[[steps]]
after_accepted = 0.5
chaos = { seed = 4, rules = [{ effect = "throttle" }, { effect = "drip" }] }
[[steps]]
after_s = 10
clock = { add_s = 86400, rate = 60 }
chaos = { rules = [] }
"""


def test_steps_come_in_turn_and_everything_is_given_back(hand: Hand) -> None:
    store, clock = hand.store, hand.clock
    store.chaos.arm([Rule(effect="garbage", body="null"), Rule(effect="receipt_drop")], 9)
    before = store.settings
    set_clock(store, clock.ms + 5_000)
    hand.runner.start(known(STEPS + ALL_ONCE))
    standing = store.now()
    assert _effects(store) == ["delay"]
    assert store.settings.result_delay_s == 600
    accept(store, PEOPLE[0])
    hand.pass_s(8)
    assert hand.runner.run
    assert (hand.runner.run.steps_done, store.now()) == (0, standing)
    accept(store, *PEOPLE[1:], request_id="R2")
    hand.pass_s(1)
    assert _effects(store) == ["throttle", "drip"]
    hand.pass_s(9)
    assert (hand.runner.run.steps_done, hand.state) == (1, "running")
    hand.pass_s(1)
    assert store.now() == standing + 86_400_000
    assert _effects(store) == []
    hand.pass_s(6)
    assert (hand.state, hand.runner.run.steps_done) == ("passed", 2)
    assert (_effects(store), store.chaos.seed) == (["garbage", "receipt_drop"], 9)
    assert next(iter(store.chaos.armed)).rule.body == "null"
    assert store.settings == before
    assert (store.clock.ahead_ms, store.clock.rate) == (5_000, 1)


def test_a_stop_gives_back_at_once_and_a_reset_stops(hand: Hand) -> None:
    assert hand.runner.stop() is None
    before = hand.store.settings
    hand.runner.start(known(STEPS + ALL_ONCE))
    with pytest.raises(AlreadyRuns, match="trial"):
        hand.runner.start(known())
    stopped = hand.runner.stop()
    assert stopped
    assert stopped.state == "stopped"
    assert (hand.store.settings, hand.store.clock.is_real, hand.store.chaos.armed) == (
        before,
        True,
        (),
    )
    assert hand.store.tally is None
    assert last_run(hand.store, "trial") is None


def test_a_restart_ends_the_run_and_gives_back(hand: Hand) -> None:
    store = hand.store
    before = store.settings
    store.chaos.arm([Rule(effect="drip")], 2)
    hand.runner.start(known("[town]\nno_kakao = 1\n" + STEPS + ALL_ONCE))
    accept(store, *PEOPLE)
    hand.pass_s(1)
    store.chaos.arm([], 0)  # a restart empties the dial
    again = Runner(store)
    assert again.run
    assert (again.run.state, again.run.note, again.course) == ("stopped", "restart", None)
    assert again.run.ended_at
    assert store.settings == before
    assert store.clock.is_real
    assert _effects(store) == ["drip"]
    assert {traits_now(store, number)["kakao"] for number in PEOPLE} == {True}
    assert Runner(store).run == again.run


def test_a_time_that_is_over_changes_nothing(hand: Hand) -> None:
    past = "[clock]\nat = 2001-01-01T00:00:00+09:00\n[settings]\nlist_lag_s = 9\n"
    with pytest.raises(CannotTurnBack):
        hand.runner.start(known(past + ALL_ONCE))
    assert (hand.runner.run, hand.store.settings.list_lag_s, hand.store.tally) == (None, 0, None)
    step = "[[steps]]\nafter_s = 0\nclock = { at = 2001-01-01T00:00:00+09:00 }\n"
    hand.runner.start(known(step + ALL_ONCE))
    hand.pass_s(1)
    assert hand.state == "failed"
    assert hand.runner.run
    assert hand.runner.run.note.startswith("step 1")


def test_looking_at_the_checks_never_looks_through_messages(hand: Hand) -> None:
    hand.runner.start(known(), count=400_000)
    accept(hand.store, *(f"0107{n:07d}" for n in range(2_000)))
    hand.pass_s(3)
    asked: list[str] = []
    hand.store.db.set_trace_callback(asked.append)
    hand.runner.tick()
    hand.store.db.set_trace_callback(None)
    assert 0 < len(asked) <= 6
    for sql in asked:
        plan = " ".join(row["detail"] for row in hand.store.all(f"EXPLAIN QUERY PLAN {sql}"))
        assert "message" not in plan or ("min(due_at)" in sql and "INDEX message_due" in plan)


def test_messages_without_a_reference_and_of_before_are_told_apart(hand: Hand) -> None:
    accept(hand.store, PEOPLE[3], request_id="before")
    hand.runner.start(known(), count=2)
    accept(hand.store, *PEOPLE[:2], refs="")
    hand.pass_s(8)
    assert hand.state == "passed"


def _effects(store: Store) -> list[str]:
    return [one.rule.effect for one in store.chaos.armed]


def _stand_in(store: Store, number: str) -> None:
    """A text message with a reference of its own."""
    accept(store, number, kind="sms", request_id=f"S{number}", refs="text-")
