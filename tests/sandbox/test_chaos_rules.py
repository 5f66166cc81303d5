"""The dial's rules: what makes sense, whom they hit, and that a seed repeats them."""

from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from sandbox.chaos.effects import SLIPS, USES, Effect
from sandbox.chaos.rules import Armed, Chaos, Rule


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"effect": "explode"}, "Input should be"),
        ({"effect": "http_status"}, "needs status"),
        ({"effect": "error_code"}, "needs code"),
        ({"effect": "throttle", "seconds": 3}, "does not know seconds"),
        ({"effect": "receipt_drop", "times": 2}, "does not know times"),
        ({"effect": "http_status", "status": 429, "accepted": True}, "only a status from 500"),
        ({"effect": "error_code", "code": "busy"}, "codes are numbers"),
        ({"effect": "rate_limit"}, "needs per_s"),
        ({"effect": "rate_limit", "per_s": 0}, "greater than 0"),
        ({"effect": "rate_limit", "per_s": 5, "unit": "recipients", "call": "list"}, "recipients"),
        ({"effect": "receipt_forge"}, "needs forge"),
        ({"effect": "receipt_forge", "forge": "ink"}, "Input should be"),
        ({"effect": "receipt_forge", "forge": "signature", "provider": "solapi"}, "signs no"),
        ({"effect": "receipt_drop", "call": "list"}, "acts on results"),
        (
            {"effect": "receipt_forge", "forge": "signature", "provider": "consult"},
            "signs no webhooks",
        ),
        ({"effect": "delay", "provider": "consult"}, "chat calls only"),
        ({"effect": "delay", "provider": "nhn", "call": "chat"}, "only the consultation hub"),
        ({"effect": "delay", "call": "upload", "number": "1"}, "does not tell number"),
        ({"effect": "delay", "call": "list", "template": "A"}, "does not tell template"),
        ({"effect": "delay", "call": "chat", "route": "sms"}, "does not tell route"),
        ({"effect": "delay", "probability": 1.5}, "less than or equal"),
        ({"effect": "delay", "wings": 2}, "not permitted"),
    ],
)
def test_what_makes_no_sense_is_refused(said: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Rule(**said)


def test_every_effect_says_what_it_knows() -> None:
    assert set(USES) == set(Effect.__args__)  # type: ignore[attr-defined]
    for korean, english in SLIPS.values():
        assert korean.endswith("요")
        assert english
    for provider in ("relay", "solapi"):
        assert Rule(effect="error_code", code="busy", provider=provider).code == "busy"


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


def test_what_a_rule_leaves_out_may_be_said_as_it_is() -> None:
    """What `GET` shows of a rule can be put again."""
    for rule in (Rule(effect="throttle"), Rule(effect="rate_limit", per_s=2)):
        assert Rule(**rule.model_dump()) == rule


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


def test_rules_are_sorted_by_what_they_act_on_and_off_ones_act_on_nothing() -> None:
    chaos = Chaos()
    chaos.arm(
        [
            Rule(effect="throttle"),
            Rule(effect="drip", call="list"),
            Rule(effect="delay", call="any"),
            Rule(effect="receipt_drop"),
            Rule(effect="throttle", on=False),
        ],
        0,
    )

    def found(armed: Sequence[Armed]) -> list[int]:
        return [chaos.armed.index(one) for one in armed]

    assert [found(one) for one in (chaos.sends, chaos.calls, chaos.receipts)] == [
        [0, 2],
        [1, 2],
        [3],
    ]
    assert chaos.on == 4
    chaos.switch_off()
    assert (chaos.on, chaos.sends, chaos.calls, chaos.receipts) == (0, (), (), ())


def test_one_rule_is_changed_and_the_others_go_on() -> None:
    chaos = Chaos()
    chaos.arm([Rule(effect="throttle"), Rule(effect="drip", probability=0.5)], 3)
    ids = [one.id for one in chaos.armed]
    draws(chaos, 0, 2)
    draws(chaos, 1, 9)
    began = chaos.armed[1].acted
    chaos.switch(chaos.armed[0], False)
    assert (chaos.armed[0].acted, chaos.armed[0].rule.on) == (2, False)
    chaos.change(chaos.armed[0], Rule(effect="delay"))
    assert (chaos.armed[0].acted, chaos.armed[0].rule.effect) == (0, "delay")
    added = chaos.add(Rule(effect="garbage"))
    assert chaos.find(added.id) is added
    chaos.remove(chaos.armed[0])
    assert [one.id for one in chaos.armed] == [ids[1], added.id]
    assert chaos.armed[0].acted == began
    chaos.restart(seed=9)
    assert [(one.id, one.acted) for one in chaos.armed] == [(ids[1], 0), (added.id, 0)]
    assert (chaos.seed, chaos.find(ids[0])) == (9, None)
