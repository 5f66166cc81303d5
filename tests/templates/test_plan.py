"""Plans as JSON data: read, dumped, and refused with the path of what is wrong."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.vocabulary import Level
from templates.findings import TemplateProblem
from templates.plan import (
    DEFAULT,
    MAX_TO,
    MAX_WAIT_S,
    REASONS,
    Channel,
    Plan,
    Step,
    check_levels,
    dump,
    parse,
)

WAITS = st.none() | st.integers(1, MAX_WAIT_S)
STEPS = st.builds(
    Step,
    channels=st.lists(st.sampled_from(Channel), min_size=1, unique=True).map(tuple),
    until=st.sampled_from(Level),
    within_s=WAITS,
    unknown_after_s=WAITS,
    to=st.none() | st.text("가나ab", min_size=1, max_size=MAX_TO),
    if_reason=st.lists(st.sampled_from(REASONS), unique=True, max_size=3).map(tuple),
)
BOTH = frozenset({Level.ACCEPTED, Level.DELIVERED})


def test_the_default_of_the_design() -> None:
    assert parse([{"channel": "alimtalk", "until": "delivered"}, {"channel": "sms"}]) == DEFAULT
    assert DEFAULT.contacts == frozenset()
    assert DEFAULT.uses(Channel.SMS)
    assert not DEFAULT.uses(Channel.PUSH)


def test_parallel_and_addressed_steps_are_read() -> None:
    plan = parse(
        [
            {"channels": ["push", "sms"], "until": "acknowledged", "within_s": 60},
            {"channel": "sms", "to": "supervisor", "unknown_after_s": 5},
        ]
    )
    assert plan.steps[0] == Step((Channel.PUSH, Channel.SMS), Level.ACKNOWLEDGED, within_s=60)
    assert plan.steps[1] == Step((Channel.SMS,), unknown_after_s=5, to="supervisor")
    assert plan.contacts == {"supervisor"}


def test_a_step_may_name_its_reasons() -> None:
    plan = parse([{"channel": "alimtalk"}, {"channel": "sms", "if_reason": ["bad_address"]}])
    assert plan.steps[1].if_reason == ("bad_address",)


@given(st.lists(STEPS, min_size=1, max_size=10))
def test_dump_is_read_back(steps: list[Step]) -> None:
    plan = Plan((replace(steps[0], if_reason=()), *steps[1:]))
    assert parse(dump(plan)) == plan


@pytest.mark.parametrize(
    ("data", "field", "rule"),
    [
        (None, "plan", "required"),
        ([], "plan", "required"),
        ({}, "plan", "wrong_type"),
        ("sms", "plan", "wrong_type"),
        (["sms"], "plan[0]", "wrong_type"),
        ([{}], "plan[0].channel", "required"),
        ([{"channel": "fax"}], "plan[0].channel", "bad_choice"),
        ([{"channel": 1}], "plan[0].channel", "bad_choice"),
        ([{"channel": "sms", "until": "seen"}], "plan[0].until", "bad_choice"),
        (
            [{"channel": "sms"}, {"channel": "sms", "within_s": 0}],
            "plan[1].within_s",
            "out_of_range",
        ),
        ([{"channel": "sms", "within_s": MAX_WAIT_S + 1}], "plan[0].within_s", "out_of_range"),
        ([{"channel": "sms", "within_s": True}], "plan[0].within_s", "wrong_type"),
        ([{"channel": "sms", "unknown_after_s": "5"}], "plan[0].unknown_after_s", "wrong_type"),
        ([{"channel": "sms", "wait": 5}], "plan[0].wait", "unknown_field"),
        ([{"channel": "sms", "to": "x" * (MAX_TO + 1)}], "plan[0].to", "too_long"),
        ([{"channel": "sms", "channels": ["push"]}], "plan[0].channels", "not_allowed"),
        ([{"channels": []}], "plan[0].channels", "wrong_type"),
        ([{"channels": "sms"}], "plan[0].channels", "wrong_type"),
        ([{"channels": ["sms", "sms"]}], "plan[0].channels", "bad_choice"),
        ([{"channels": ["sms", ["push"]]}], "plan[0].channels", "bad_choice"),
        ([{"channel": "sms"}] * 11, "plan", "too_many"),
        ([{"channel": "sms", "if_reason": ["quota"]}], "plan[0].if_reason", "not_allowed"),
        (
            [{"channel": "sms"}, {"channel": "sms", "if_reason": ["rain"]}],
            "plan[1].if_reason",
            "bad_choice",
        ),
        (
            [{"channel": "sms"}, {"channel": "sms", "if_reason": [["quota"]]}],
            "plan[1].if_reason",
            "bad_choice",
        ),
        (
            [{"channel": "sms"}, {"channel": "sms", "if_reason": []}],
            "plan[1].if_reason",
            "wrong_type",
        ),
    ],
)
def test_refused(data: object, field: str, rule: str) -> None:
    with pytest.raises(TemplateProblem) as caught:
        parse(data)
    assert (field, rule) in [(found.field, found.rule) for found in caught.value.findings]


def test_levels_within_reach() -> None:
    assert check_levels(DEFAULT, {"alimtalk": BOTH, "sms": BOTH, "push": frozenset()}) is None


def test_the_first_step_out_of_reach_is_named() -> None:
    plan = parse(
        [{"channel": "sms"}, {"channel": "alimtalk", "until": "read"}, {"channel": "push"}]
    )
    gap = check_levels(plan, {"alimtalk": BOTH, "sms": BOTH})
    assert gap is not None
    assert (gap.index, gap.field, gap.until) == (1, "plan[1].until", Level.READ)
    assert (gap.channels, gap.available) == ((Channel.ALIMTALK,), BOTH)


def test_one_channel_of_a_parallel_step_is_enough() -> None:
    plan = parse([{"channels": ["push", "sms"], "until": "acknowledged"}])
    push = frozenset({Level.ACKNOWLEDGED})
    assert check_levels(plan, {"push": push, "sms": BOTH}) is None
    assert check_levels(plan, {"push": BOTH, "sms": BOTH}) is not None
    assert check_levels(plan, {}) is not None
