"""What one reference is, and what becomes of it."""

import pytest

from sandbox.tally import Sent, Tally

NOTICE = Sent("01011112222", "chat", "n-1", "R1-1")
TEXT = Sent("01011112222", "sms", "t-1", "R2-1")


def counted(tally: Tally) -> dict[str, int]:
    names = ("accepted", "arrived", "arrived_chat", "arrived_sms", "doubled", "failed", "held")
    return {name: n for name in names if (n := getattr(tally, name))}


@pytest.fixture
def tally() -> Tally:
    tally = Tally(lambda: 7)
    tally.take([NOTICE])
    return tally


def test_a_failed_notice_and_its_text_are_one_that_arrived(tally: Tally) -> None:
    tally.settle(NOTICE, arrives=False, held=False)
    assert counted(tally) == {"accepted": 1, "failed": 1}
    tally.take([TEXT])
    tally.settle(TEXT, arrives=True, held=False)
    assert counted(tally) == {"accepted": 1, "arrived": 1, "arrived_sms": 1}
    assert tally.open == 0
    assert tally.changed_at == 7


def test_a_held_notice_that_comes_after_its_text_is_doubled_once(tally: Tally) -> None:
    tally.settle(NOTICE, arrives=False, held=True)
    assert counted(tally) == {"accepted": 1, "held": 1}
    tally.take([TEXT])
    tally.settle(TEXT, arrives=True, held=False)
    tally.settle(NOTICE, arrives=False, held=True)
    for _ in range(3):
        tally.settle(NOTICE, arrives=True, held=False)
    whole = {"accepted": 1, "arrived": 1, "arrived_chat": 1, "arrived_sms": 1, "doubled": 1}
    assert counted(tally) == whole


def test_a_second_text_or_one_to_a_stranger_stands_in_for_nothing(tally: Tally) -> None:
    other = Sent("01099998888", "sms", "t-2", "R2-2")
    tally.take([TEXT, Sent("01011112222", "sms", "t-3", "R3-1"), other])
    assert tally.accepted == 3


def test_a_text_stands_in_for_the_notice_that_did_not_arrive(tally: Tally) -> None:
    second = Sent("01011112222", "chat", "n-2", "R4-1")
    tally.take([second])
    tally.settle(NOTICE, arrives=True, held=False)
    tally.settle(second, arrives=False, held=False)
    tally.take([TEXT])
    tally.settle(TEXT, arrives=True, held=False)
    assert counted(tally) == {
        "accepted": 2,
        "arrived": 2,
        "arrived_chat": 1,
        "arrived_sms": 1,
    }


def test_the_same_reference_again_is_the_same_and_what_is_unknown_is_left_alone(
    tally: Tally,
) -> None:
    tally.take([NOTICE, NOTICE])
    tally.settle(Sent("01011112222", "chat", "old", "R0-1"), arrives=True, held=False)
    assert counted(tally) == {"accepted": 1}
    assert tally.open == 1
