"""NHN Cloud: webhooks, and what each delivery code becomes."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given

from channels.adapters.nhn import Config, Nhn
from channels.adapters.nhn.account import products
from channels.adapters.nhn.codes import KAKAO_DELIVERY, SMS_DELIVERY
from channels.adapters.nhn.receipts import receipt
from channels.adapters.nhn.shapes import moment
from channels.contract import BadCallback, Callback, Receipt
from channels.vocabulary import Reason, Result
from tests.channels.wire import any_json, plain_client, recorded

KAKAO, SMS = products(Config("AK1", "k", "SMSAK", "s"))
NHN = Nhn(Config("AK1", "k", "SMSAK", "s"), plain_client())
REF = "01JDREF000000000000000000"


def parsed(body: object) -> list[Receipt]:
    callback = Callback("", {}, orjson.dumps(body))
    NHN.verify(callback)  # no signature is configured: nothing to compare
    return list(NHN.parse(callback))


def test_the_documented_alimtalk_webhook() -> None:
    assert parsed(recorded("nhn/alimtalk_webhook")) == [  # the Brand Message is none of ours
        Receipt(
            Result.UNDELIVERED,
            ref=f"{REF}1",
            provider_id="20261122101500aB3dE5fG7h0:1",
            event_id="k1",
            reason=Reason.NOT_REACHABLE,
            code="3019",
            at=datetime(2026, 11, 22, 1, 15, 2, tzinfo=UTC),
        )
    ]


def test_the_documented_sms_webhook_with_its_misspelling() -> None:
    delivered, failed = parsed(recorded("nhn/sms_webhook"))
    assert delivered == Receipt(
        Result.DELIVERED,
        ref=f"{REF}1",
        provider_id="20261122101530kL9mN1pQ3r0:1",
        event_id="20240429205809GcSUXthVA00",
        code="1000",
        at=datetime(2026, 11, 22, 1, 15, 33, tzinfo=UTC),
    )
    assert (failed.ref, failed.result, failed.reason) == (
        f"{REF}2",
        Result.UNDELIVERED,
        Reason.PHONE_OFF,
    )


def test_other_events_say_nothing_of_messages() -> None:
    assert parsed(recorded("nhn/unsubscribe_webhook")) == []
    template = {"event": "TEMPLATE_STATUS_UPDATE", "hooks": [{"hookId": "t", "status": "TSC03"}]}
    assert parsed(template) == []


@pytest.mark.parametrize(
    ("row", "result", "reason"),
    [
        ({"resultCode": "3005"}, Result.UNCERTAIN, Reason.UNCERTAIN),
        ({"resultCode": "3005", "messageStatus": "FAILED"}, Result.UNCERTAIN, Reason.UNCERTAIN),
        ({"resultCode": "4161"}, Result.UNCERTAIN, Reason.UNCERTAIN),
        ({"resultCode": "4131"}, Result.UNCERTAIN, Reason.DUPLICATE),
        ({"resultCode": 1000}, Result.DELIVERED, None),
        ({"resultCode": "1000", "messageStatus": "FAILED"}, Result.UNCERTAIN, Reason.UNMAPPED),
        ({"resultCode": "7777"}, Result.UNCERTAIN, Reason.UNMAPPED),
        ({"resultCode": "7777", "messageStatus": "COMPLETED"}, Result.UNCERTAIN, Reason.UNMAPPED),
        ({"resultCode": "7777", "messageStatus": "FAILED"}, Result.UNDELIVERED, Reason.UNMAPPED),
        ({"messageStatus": "FAILED"}, Result.UNDELIVERED, Reason.UNMAPPED),
        ({"messageStatus": "CANCEL"}, Result.UNDELIVERED, Reason.CANCELLED),
    ],
)
def test_alimtalk_fates(row: dict[str, Any], result: Result, reason: Reason | None) -> None:
    read = receipt(KAKAO, row)
    assert read is not None
    assert (read.result, read.reason) == (result, reason)


@pytest.mark.parametrize(
    ("row", "result", "reason"),
    [
        ({"msgStatus": "5", "resultCode": "E915"}, Result.UNDELIVERED, Reason.DUPLICATE),
        ({"messageStatus": "DUPLICATED"}, Result.UNDELIVERED, Reason.DUPLICATE),
        ({"messageStatus": "FAILED_AD"}, Result.UNDELIVERED, Reason.OUTSIDE_HOURS),
        ({"msgStatus": "6"}, Result.UNDELIVERED, Reason.OUTSIDE_HOURS),
        ({"msgStatus": "4"}, Result.UNDELIVERED, Reason.CANCELLED),
        ({"msgStatus": "0", "resultCode": "E000"}, Result.UNDELIVERED, Reason.UNMAPPED),
        ({"resultCode": "3018"}, Result.UNDELIVERED, Reason.SENDER_STATE),  # Kakao: unreachable
    ],
)
def test_sms_fates(row: dict[str, Any], result: Result, reason: Reason) -> None:
    read = receipt(SMS, row)
    assert read is not None
    assert (read.result, read.reason) == (result, reason)


@pytest.mark.parametrize("row", [{}, {"messageStatus": None}, {"msgStatus": "2"}, {"msgStatus": 1}])
def test_what_is_on_its_way_has_no_receipt(row: dict[str, Any]) -> None:
    assert receipt(SMS, row) is None


@pytest.mark.parametrize(("product", "table"), [(KAKAO, KAKAO_DELIVERY), (SMS, SMS_DELIVERY)])
def test_every_delivery_code_arrives(product: Any, table: Any) -> None:
    for code, fate in table.items():
        read = receipt(product, {"resultCode": code})
        assert read is not None
        assert ((read.result, read.reason), read.code) == (fate, code)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-11-22 10:15:02.0", datetime(2026, 11, 22, 1, 15, 2, tzinfo=UTC)),
        ("2026-11-22 10:15:02", datetime(2026, 11, 22, 1, 15, 2, tzinfo=UTC)),
        ("2026-11-22T10:15:02", datetime(2026, 11, 22, 1, 15, 2, tzinfo=UTC)),
        ("2026-11-22T10:15:02.000+09:00", datetime(2026, 11, 22, 1, 15, 2, tzinfo=UTC)),
        ("2026-11-22 05:00", datetime(2026, 11, 21, 20, 0, tzinfo=UTC)),
        ("0001-01-01 00:00:00", None),
        ("yesterday", None),
        (20261122, None),
    ],
)
def test_moments(text: object, read: datetime | None) -> None:
    assert moment(text) == read


KEYS = (
    "event hooks hookId kakaoMessageType senderType requestId recipientSeq resultCode"
    " messageStatus productName receiveDate recipientGroupingKey resultCodeName"
)


@given(body=any_json(KEYS), hook=any_json(KEYS))
def test_no_json_raises_anything_else(body: Any, hook: Any) -> None:
    for one in (
        body,
        {"event": "MESSAGE_RESULT_UPDATE", "hooks": body},
        {"event": "MESSAGE_RESULT_UPDATE", "hooks": [body, hook], "productName": "Sms"},
    ):
        try:
            found = parsed(one)
        except BadCallback:
            continue
        assert all(one.ref or one.provider_id for one in found)
