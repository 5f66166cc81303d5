"""What a round of kills in the middle of consultations must show; `make crash` plays it."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.crash.talk_evidence import Evidence

GOOD = Evidence(
    written={"1": ["C-1", "C-2"]},
    answered={"A-1": "t", "A-2": "t"},
    arrived=Counter({"A-1": 1}),
    lines={"t": ["C-1", "C-2"]},
    statuses={"A-1": "sent", "A-2": "unknown"},
    events=[1, 2],
    heard=[[1, 2]],
    kills=Counter({"scheduler C07": 1}),
)


def test_a_good_round_is_one() -> None:
    assert GOOD.broken() == []


def test_its_line_counts_what_the_witnesses_say() -> None:
    found = replace(GOOD, lines={"t": ["C-1", "C-1"]}, arrived=Counter({"A-1": 2}))
    assert found.told() == (
        "crash: kills=1 lines=2 lost=1 doubled=1 replies=2 repeated=1 unknown=1 events=2 cuts=0"
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"lines": {"t": ["C-1"]}}, "lost: C-2"),
        ({"lines": {"t": ["C-1", "C-2", "C-2"]}}, "doubled in the thread: C-2"),
        ({"lines": {"t": ["C-2", "C-1"]}}, "out of order"),
        ({"arrived": Counter({"A-1": 2})}, "sent twice: A-1"),
        ({"arrived": Counter({"A-2": 1})}, "an answer is nowhere: A-1 (sent)"),
        ({"statuses": {"A-1": "sent"}}, "an answer is nowhere: A-2 (None)"),
        ({"arrived": Counter({"A-1": 1, "A-9": 1})}, "nobody sent it: A-9"),
        ({"statuses": {"A-1": "sent", "A-2": "sent"}}, "an answer is nowhere: A-2 (sent)"),
        ({"loose": 1}, "1 lines without a thread or a case"),
        ({"kills": Counter({"scheduler by the clock": 3})}, "tested nothing"),
        ({"heard": [[1, 1, 2]]}, "a listener heard 3 of 2 events"),
        ({"heard": [[2]]}, "a listener heard 1 of 2 events"),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, object], why: str) -> None:
    (said,) = replace(GOOD, **change).broken()  # type: ignore[arg-type]
    assert said.startswith(why)
