"""The one table of reasons: every reason has its rule and its words."""

import pytest

from app.services.explanations import EXPLANATIONS
from app.services.states import POLICY, policy
from channels.adapters.nhn import codes as nhn
from channels.adapters.relay import account as relay
from channels.adapters.solapi import codes as solapi
from channels.transport import Reply, Trouble, judge
from channels.vocabulary import Reason, Verdict


def test_every_reason_has_a_policy_and_words_in_both_languages() -> None:
    assert set(Reason) <= set(POLICY)
    assert set(POLICY) == set(EXPLANATIONS)
    assert {policy.tell for policy in POLICY.values()} <= {
        "report",
        "staff",
        "developer",
        "operator",
    }


def test_every_code_that_defers_has_a_reason_that_time_mends() -> None:
    """Else the table would turn an adapter's ``later`` into a refusal."""
    rulings = [
        *nhn.KAKAO_API.values(),
        *nhn.SMS_API.values(),
        *relay.REASONS.values(),
        *solapi.ANSWERS.values(),
    ]
    deferred = {reason for verdict, reason in rulings if verdict is Verdict.DEFERRED}
    assert deferred >= {Reason.MISCONFIGURED, Reason.THROTTLED}
    assert all(policy(reason).retry for reason in deferred)


@pytest.mark.parametrize(
    "answer",
    [
        Trouble(sent=False, reason=Reason.PROVIDER_DOWN, what="ConnectError"),
        *(Reply(s, b"") for s in (401, 403, 429)),
    ],
    ids=["unsent", "401", "403", "429"],
)
def test_so_have_the_failures_of_the_transport(answer: Reply | Trouble) -> None:
    judged = judge(answer)
    assert judged.verdict is Verdict.DEFERRED
    assert policy(judged.reason).retry


def test_a_reason_that_the_table_does_not_know_is_an_unmapped_code() -> None:
    assert policy("no_such_reason") == policy(None) == POLICY[Reason.UNMAPPED]


def test_what_is_retried_by_itself() -> None:
    """Only what says nothing about the message itself: the account or the moment is at fault."""
    assert {reason for reason, policy in POLICY.items() if policy.retry} == {
        "throttled",
        "provider_down",
        "misconfigured",
        "quota",
        "in_doubt",
        "outside_window",
        "picture_awaited",
    }
