"""The one table of reasons: every reason has its rule and its words."""

from app.services.explanations import EXPLANATIONS
from app.services.states import POLICY
from channels.vocabulary import Reason


def test_every_reason_has_a_policy_and_words_in_both_languages() -> None:
    assert set(Reason) <= set(POLICY)
    assert set(POLICY) == set(EXPLANATIONS)
    assert {policy.tell for policy in POLICY.values()} <= {
        "report",
        "staff",
        "developer",
        "operator",
    }


def test_what_is_retried_by_itself() -> None:
    """Only what says nothing about the message itself: the account or the moment is at fault."""
    assert {reason for reason, policy in POLICY.items() if policy.retry} == {
        "throttled",
        "provider_down",
        "misconfigured",
        "quota",
        "in_doubt",
        "outside_window",
    }
