"""SOLAPI: reports in both shapes on record, and what a status says became of a message."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from channels.adapters.solapi import Solapi
from channels.adapters.solapi.codes import ANSWERS, FATES, fate
from channels.codes.meaning import Place
from channels.codes.solapi import TABLE
from channels.contract import BadCallback, Receipt
from channels.vocabulary import Reason, Result, Verdict
from tests.channels.conformance import outgoing
from tests.channels.test_solapi import CONFIG, reports
from tests.channels.wire import any_json, plain_client, recorded


def parse(body: Any) -> list[Receipt]:
    adapter = Solapi(CONFIG, plain_client())
    adapter.verify(reports(body))
    return list(adapter.parse(reports(body)))


def test_wrapped_reports() -> None:
    """The second is a group's, and says nothing of one message."""
    assert parse(recorded("solapi/report_wrapped")) == [
        Receipt(
            Result.DELIVERED,
            outgoing(1).ref,
            "M4V20261122101501AAAAAAAAAAAAAAA",
            "E4V1",
            None,
            "4000",
            "수신완료",
            datetime(2026, 11, 22, 1, 16, tzinfo=UTC),
        )
    ]


def test_flat_reports() -> None:
    """They have no id of their own: the message and its status stand in for it."""
    assert parse(recorded("solapi/report_flat")) == [
        Receipt(
            Result.UNDELIVERED,
            outgoing(2).ref,
            "M4V20261122101502BBBBBBBBBBBBBBB",
            "M4V20261122101502BBBBBBBBBBBBBBB:3104",
            Reason.NOT_REACHABLE,
            "3104",
            "카카오톡 미사용자",
            datetime(2026, 11, 22, 1, 16, 2, tzinfo=UTC),
        )
    ]


@pytest.mark.parametrize("code", ["2000", "3000", "1030", "1062", "1999"])
def test_what_is_no_result_gives_no_receipt(code: str) -> None:
    assert parse([{"messageId": "M", "statusCode": code}]) == []


@pytest.mark.parametrize("at", [None, 7, "soon", "2026-11-22 10:15:00", "0001-01-01T00:00+09:00"])
def test_a_time_that_cannot_be_read_is_none(at: Any) -> None:
    (found,) = parse([{"messageId": "M", "statusCode": 4000, "dateReported": at}])
    assert (found.at, found.result, found.ref) == (None, Result.DELIVERED, "")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("4000", (Result.DELIVERED, None)),
        ("3104", (Result.UNDELIVERED, Reason.NOT_REACHABLE)),
        ("3043", (Result.UNDELIVERED, Reason.PHONE_OFF)),
        ("2230", (Result.UNDELIVERED, Reason.QUOTA)),
        ("3999", (Result.UNDELIVERED, Reason.UNMAPPED)),  # by the rule of the families
        ("5000", (Result.UNCERTAIN, Reason.UNMAPPED)),
        ("4001", (Result.UNCERTAIN, Reason.UNMAPPED)),
        ("TEST1000", (Result.UNCERTAIN, Reason.UNMAPPED)),
        ("3000", None),
        ("1026", None),
        ("", None),
    ],
)
def test_fates(code: str, expected: Any) -> None:
    assert fate(code) == expected


def test_every_code_in_words_has_its_ruling_or_fate() -> None:
    assert ANSWERS.keys() == TABLE[Place.ANY_ANSWER].keys() - {"2000"}
    results = {code for place, table in TABLE.items() if place.endswith("result") for code in table}
    assert FATES.keys() == results - {"3000"}
    assert {code for code in FATES if FATES[code][0] is Result.DELIVERED} == {"4000"}


def test_what_may_be_asked_again() -> None:
    """Only what the account or the moment is at fault for; nobody loses a message to it."""
    deferred = {code for code, (verdict, _) in ANSWERS.items() if verdict is Verdict.DEFERRED}
    assert {code for code in deferred if code.isdigit()} == {"1024", "1030"}
    assert {"NotEnoughBalance", "InvalidAPIKey", "RequestTimeTooSkewed"} < deferred
    doubtful = {code for code, (verdict, _) in ANSWERS.items() if verdict is Verdict.UNKNOWN}
    assert doubtful == {"DuplicatedSignature", "GroupInProcessing", "ScheduledGroup", "AlreadySent"}


ADAPTER = Solapi(CONFIG, plain_client())
KEYS = "data eventDataId messageId groupId statusCode customFields ref dateReported statusMessage"


@given(any_json(KEYS))
def test_no_report_breaks_it(body: Any) -> None:
    try:
        found = ADAPTER.parse(reports(body))
    except BadCallback:
        return
    assert all(one.provider_id and one.code and one.event_id for one in found)
