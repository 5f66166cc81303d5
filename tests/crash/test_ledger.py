"""The judgement can say lost, doubled, unknown, foreign: made-up witnesses, no process."""

from collections.abc import Mapping, Sequence

import pytest

from tests.crash.ledger import Arrival, Evidence, Judgement, Rule, judge

PHONES = {"A-1": "01011111111", "A-2": "01022222222"}
CHAT_1, CHAT_2 = (Arrival(PHONES[order], order, "chat") for order in PHONES)
SMS_1 = Arrival(PHONES["A-1"], "A-1", "sms")
DELIVERED = {"A-1": ["delivered"], "A-2": ["delivered"]}


def judged(
    *arrived: Arrival,
    states: Mapping[str, Sequence[str]] = DELIVERED,
    told: frozenset[str] = frozenset(),
) -> Judgement:
    return judge(Evidence(PHONES, arrived, states, told))


def test_one_each_is_right_under_every_rule() -> None:
    found = judged(CHAT_1, CHAT_2)
    assert found == Judgement(accepted=2)
    assert [found.broken(rule) for rule in Rule] == [[], [], []]


@pytest.mark.parametrize("rule", Rule)
def test_what_was_promised_and_never_came_is_lost(rule: Rule) -> None:
    found = judged(CHAT_1)
    assert found.lost == ["A-2"]
    assert found.broken(rule) == ["lost: 1 (A-2)"]


@pytest.mark.parametrize("second", [CHAT_1, SMS_1])
def test_two_copies_are_doubled_over_chat_and_sms_together(second: Arrival) -> None:
    found = judged(CHAT_1, second, CHAT_2)
    assert found.doubled == ["A-1"]
    assert found.broken(Rule.RESOLVED) == ["doubled: 1 (A-1)"]
    assert found.broken(Rule.HOLD) == ["doubled: 1 (A-1)"]


def test_a_double_must_be_told_where_two_may_arrive() -> None:
    silent = judged(CHAT_1, CHAT_1, CHAT_2)
    assert silent.broken(Rule.RESEND) == ["doubled without a word: 1 (A-1)"]
    told = judged(CHAT_1, CHAT_1, CHAT_2, told=frozenset({"A-1"}))
    assert told.broken(Rule.RESEND) == []
    assert told.broken(Rule.RESOLVED) == ["doubled: 1 (A-1)"]


def test_told_of_another_does_not_excuse_a_double() -> None:
    assert judged(CHAT_1, CHAT_1, CHAT_2, told=frozenset({"A-2"})).untold == ["A-1"]


def test_unknown_may_stay_only_where_nobody_can_be_asked() -> None:
    found = judged(CHAT_1, states={"A-1": ["delivered"], "A-2": ["unknown"]})
    assert (found.lost, found.unknown) == ([], ["A-2"])
    assert found.broken(Rule.HOLD) == []
    assert found.broken(Rule.RESOLVED) == ["still unknown: 1 (A-2)"]
    assert found.broken(Rule.RESEND) == ["still unknown: 1 (A-2)"]


def test_a_gateway_that_says_delivered_is_not_believed() -> None:
    assert judged(CHAT_1, states=DELIVERED).lost == ["A-2"]


@pytest.mark.parametrize(
    "stray", [Arrival(PHONES["A-1"], "A-9", "chat"), Arrival(PHONES["A-2"], "A-1", "chat")]
)
def test_what_nobody_sent_there_is_foreign(stray: Arrival) -> None:
    found = judged(CHAT_1, CHAT_2, stray)
    assert found.foreign == [stray.order]
    assert found.broken(Rule.RESEND)


def test_a_repeated_request_that_made_two_messages_is_seen() -> None:
    found = judged(CHAT_1, CHAT_2, states={**DELIVERED, "A-1": ["delivered", "failed"]})
    assert found.broken(Rule.RESOLVED) == ["stored twice: 1 (A-1)"]
