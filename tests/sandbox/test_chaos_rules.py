"""The dial's rules: what makes sense, whom they hit, and that a seed repeats them."""

from typing import Any

import pytest
from pydantic import ValidationError

from sandbox.chaos.rules import USES, Chaos, Effect, Rule


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"effect": "explode"}, "Input should be"),
        ({"effect": "http_status"}, "needs status"),
        ({"effect": "error_code"}, "needs code"),
        ({"effect": "throttle", "seconds": 3}, "does not know seconds"),
        ({"effect": "receipt_drop", "times": 2}, "does not know times"),
        ({"effect": "http_status", "status": 429, "accepted": True}, "only a status from 500"),
        ({"effect": "error_code", "code": "busy"}, "NHN's are numbers"),
        ({"effect": "delay", "probability": 1.5}, "less than or equal"),
        ({"effect": "delay", "wings": 2}, "not permitted"),
    ],
)
def test_what_makes_no_sense_is_refused(said: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Rule(**said)


def test_every_effect_says_what_it_knows() -> None:
    assert set(USES) == set(Effect.__args__)  # type: ignore[attr-defined]
    assert Rule(effect="error_code", code="busy", provider="relay").code == "busy"


def test_what_is_taken_before_it_fails() -> None:
    assert Rule(effect="timeout_after").takes
    assert not Rule(effect="timeout_before").takes
    assert Rule(effect="garbage").takes
    assert not Rule(effect="garbage", accepted=False).takes
    assert not Rule(effect="http_status", status=503).takes
    assert Rule(effect="http_status", status=503, accepted=True).takes


def test_a_rule_hits_whom_it_names() -> None:
    rule = Rule(effect="delay", provider="nhn", account="AK1", template="ORDER")
    assert rule.hits("nhn", "AK1", "alimtalk", "ORDER")
    assert not rule.hits("nhn", "AK2", "alimtalk", "ORDER")
    assert not rule.hits("relay", "AK1", "alimtalk", "ORDER")
    assert Rule(effect="delay").hits("relay", "x", "sms", "")
    assert not Rule(effect="delay", route="lms").hits("relay", "x", "sms", "")


def draws(chaos: Chaos, place: int, how_many: int) -> list[bool]:
    return [chaos.armed[place].draw() for _ in range(how_many)]


def test_a_seed_repeats_itself_and_rules_do_not_disturb_each_other() -> None:
    chaos = Chaos()
    rules = [Rule(effect="throttle", probability=0.3), Rule(effect="drip", probability=0.3)]
    chaos.arm(rules, 7)
    alone = draws(chaos, 1, 500)
    assert 100 < sum(alone) < 200
    chaos.restart()
    assert chaos.armed[1].acted == 0
    draws(chaos, 0, 33)
    assert draws(chaos, 1, 500) == alone
    chaos.arm(rules, 8)
    assert draws(chaos, 1, 500) != alone


def test_a_count_is_the_most_it_acts() -> None:
    chaos = Chaos()
    chaos.arm([Rule(effect="receipt_drop", count=2)], 0)
    assert draws(chaos, 0, 4) == [True, True, False, False]
    assert chaos.armed[0].acted == 2
    assert chaos.sends == ()
    assert len(chaos.receipts) == 1
