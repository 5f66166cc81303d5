"""SOLAPI: what an answer says, of the whole request and of each message."""

from typing import Any

import orjson
import pytest
import respx
from hypothesis import given

from channels.adapters.solapi import Solapi, sending
from channels.contract import Answer
from channels.transport import Reply
from channels.vocabulary import Reason, Verdict
from tests.channels.conformance import call
from tests.channels.test_solapi import CONFIG, SEND, accepts, refuses
from tests.channels.wire import any_json, plain_client


async def answered(respx_mock: respx.MockRouter, status: int, body: Any) -> Answer:
    respx_mock.post(SEND).respond(status, json=body)
    async with plain_client() as client:
        return await Solapi(CONFIG, client).send(call("sms"))


@pytest.mark.parametrize(
    ("status", "code", "verdict", "reason"),
    [
        (400, "ValidationError", Verdict.REJECTED, Reason.REQUEST_REFUSED),
        (402, "NotEnoughBalance", Verdict.DEFERRED, Reason.QUOTA),
        (403, "InvalidAPIKey", Verdict.DEFERRED, Reason.MISCONFIGURED),
        (403, "SignatureDoesNotMatch", Verdict.DEFERRED, Reason.MISCONFIGURED),
        (403, "RequestTimeTooSkewed", Verdict.DEFERRED, Reason.MISCONFIGURED),
        (403, "DuplicatedSignature", Verdict.UNKNOWN, Reason.DUPLICATE),
        (403, "SomethingNew", Verdict.DEFERRED, Reason.MISCONFIGURED),
        (400, "SomethingNew", Verdict.UNKNOWN, Reason.UNMAPPED),
        (409, "AlreadySent", Verdict.UNKNOWN, Reason.REQUEST_REFUSED),
    ],
)
async def test_refusals_of_the_whole_request(
    respx_mock: respx.MockRouter, status: int, code: str, verdict: Verdict, reason: Reason
) -> None:
    body = {"errorCode": code, "errorMessage": "no"}
    (outcome,) = (await answered(respx_mock, status, body)).outcomes
    assert (outcome.verdict, outcome.reason, outcome.code) == (verdict, reason, code)
    assert outcome.text == "no"


@pytest.mark.parametrize(
    ("status", "verdict", "reason"),
    [
        (429, Verdict.DEFERRED, Reason.THROTTLED),
        (500, Verdict.UNKNOWN, Reason.UNREADABLE),
        (503, Verdict.UNKNOWN, Reason.UNREADABLE),
    ],
)
async def test_a_code_beside_a_broken_server_proves_nothing(
    respx_mock: respx.MockRouter, status: int, verdict: Verdict, reason: Reason
) -> None:
    body = {"errorCode": "ValidationError", "errorMessage": "no"}
    (outcome,) = (await answered(respx_mock, status, body)).outcomes
    assert (outcome.verdict, outcome.reason) == (verdict, reason)
    (outcome,) = (await answered(respx_mock, status, accepts(call("sms")))).outcomes
    assert (outcome.verdict, outcome.reason) == (verdict, reason)


def said_twice(first: str, second: str) -> dict[str, Any]:
    both = {**refuses("1062"), "messageList": accepts(call("sms"))["messageList"]}
    both["failedMessageList"][0]["statusCode"] = first
    both["messageList"][0]["statusCode"] = second
    return both


@pytest.mark.parametrize(
    ("body", "verdict", "reason"),
    [
        (said_twice("1062", "1062"), Verdict.REJECTED, Reason.SENDER_STATE),
        (said_twice("1062", "2000"), Verdict.UNKNOWN, Reason.UNREADABLE),
        (said_twice("", ""), Verdict.UNKNOWN, Reason.UNREADABLE),
        (said_twice("1999", "1999"), Verdict.REJECTED, Reason.UNMAPPED),
        (said_twice("3000", "3000"), Verdict.ACCEPTED, None),
        (said_twice("2230", "2230"), Verdict.UNKNOWN, Reason.UNMAPPED),
        ({"groupInfo": {"groupId": "G"}, "messageList": [7]}, Verdict.UNKNOWN, Reason.UNREADABLE),
    ],
)
async def test_what_two_lists_say(
    respx_mock: respx.MockRouter, body: Any, verdict: Verdict, reason: Reason | None
) -> None:
    """A new code of the family 1xxx is a refusal as they all are.

    A failure after the intake is told by the look-up, with its receipt.
    """
    (outcome,) = (await answered(respx_mock, 200, body)).outcomes
    assert (outcome.verdict, outcome.reason) == (verdict, reason)


KEYS = "messageList failedMessageList groupInfo errorCode errorMessage statusCode customFields ref"


@given(any_json(KEYS))
def test_no_answer_breaks_it(body: Any) -> None:
    asked = call("sms", 2)
    answer = sending.outcomes(asked, {}, Reply(200, orjson.dumps(body)))
    assert [one.ref for one in answer.outcomes] == [one.ref for one in asked.messages]
    assert all((one.reason is None) is (one.verdict is Verdict.ACCEPTED) for one in answer.outcomes)
