"""One shop with accounts at both providers, its template, and what it sends."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import httpx
import orjson

from sandbox.accounts import Channel, NhnKeys, put_consult, put_nhn
from sandbox.moves import act
from sandbox.nhn.intake import Batch, Draft, take
from sandbox.reviews import Template, get_template, register
from sandbox.store import Store

KEY = "0123456789abcdef0123456789abcdef01234567"
APP, SMS_APP, CLIENT = "AK1", "SMSAK", "HT1"
SECRET = {"X-Secret-Key": "s3"}
SMS_SECRET = {"X-Secret-Key": "s4"}
CLIENT_SECRET = {"HT-Client-Id": CLIENT, "HT-Client-Secret": "s5"}
CALLER = "0200002041"
ALIMTALK = f"/nhn/alimtalk/v2.3/appkeys/{APP}"
SMS = f"/nhn/sms/v3.0/appKeys/{SMS_APP}"
HANA, NO_KAKAO, OFF, BLOCKS = "01000001001", "01000003019", "01000003005", "01000003020"
SLOW, LOST = "01000000008", "01000000504"

TEXT = "김하나님, 상품이 출발했습니다.\n한진택배 123456789012"
TOKEN = "a1" * 16
BUTTONS: list[dict[str, Any]] = [
    {"ordering": 1, "type": "DS", "name": "배송조회"},
    {"ordering": 2, "type": "WL", "name": "주문 보기", "linkMo": "https://shop.example/o/1"},
    {"ordering": 3, "type": "BC", "name": "상담하기", "chatExtra": TOKEN},
    {"ordering": 4, "type": "MD", "name": "문의"},
    {"ordering": 5, "type": "BK", "name": "영업시간"},
]
TEMPLATE: dict[str, Any] = {
    "templateCode": "ORDER_SHIPPED",
    "templateName": "출고 안내",
    "templateContent": "#{이름}님, 상품이 출발했습니다.\n한진택배 #{송장번호}",
    "buttons": [
        {name: value for name, value in button.items() if name != "chatExtra"} for button in BUTTONS
    ],
}
TEMPLATE["buttons"][1]["linkMo"] = "https://shop.example/o/#{주문}"


def settle_in(store: Store, webhook_url: str = "", receive_domain: str = "") -> None:
    """Accounts, one channel, one caller number, one approved template."""
    channel = Channel(KEY, "@shop", "한빛상회")
    keys = NhnKeys(APP, "s3", SMS_APP, "s4", "", "sign-me")
    put_nhn(store, keys, [channel], [CALLER])
    put_consult(store, (CLIENT, "s5", receive_domain), [channel])
    if register(store, KEY, TEMPLATE):
        act(store, need(store, "ORDER_SHIPPED"), "approve")
    put_nhn(store, replace(keys, webhook_url=webhook_url), [channel], [CALLER])  # nothing told yet


def need(store: Store, code: str) -> Template:
    """A template of the shop that is surely there."""
    found = get_template(store, KEY, code)
    assert found
    return found


def recipient(number: str, ref: str = "", text: str = TEXT) -> dict[str, Any]:
    full = {"recipientNo": number, "content": text, "buttons": BUTTONS}
    return {**full, "recipientGroupingKey": ref or f"ref-{number}"}


def notice(*numbers: str, batch: str = "batch-17") -> dict[str, Any]:
    return {
        "senderKey": KEY,
        "templateCode": "ORDER_SHIPPED",
        "senderGroupingKey": batch,
        "recipientList": [recipient(number) for number in numbers],
    }


async def send(
    client: httpx.AsyncClient, body: dict[str, Any], key: str = "", path: str = "/raw-messages"
) -> dict[str, Any]:
    """POST of Alimtalk; the answer's JSON."""
    headers = {**SECRET, **({"X-NC-API-IDEMPOTENCY-KEY": key} if key else {})}
    answer = await client.post(ALIMTALK + path, json=body, headers=headers)
    found: dict[str, Any] = answer.json()
    return found


async def send_text(
    client: httpx.AsyncClient, text: str, *numbers: str, title: str = ""
) -> dict[str, Any]:
    """POST of SMS, of LMS with a title; the answer's JSON."""
    recipients = [{"recipientNo": one, "recipientGroupingKey": f"sms-{one}"} for one in numbers]
    body = {"body": text, "sendNo": CALLER, "recipientList": recipients}
    body["senderGroupingKey"] = "fb-17"
    if title:
        body["title"] = title
    path = "/sender/mms" if title else "/sender/sms"
    answer = await client.post(SMS + path, json=body, headers=SMS_SECRET)
    found: dict[str, Any] = answer.json()
    return found


def accept(
    store: Store, *numbers: str, kind: str = "alimtalk", request_id: str = "R1", refs: str = "ref-"
) -> None:
    """Accepted notices or text messages, without HTTP. refs "": without references."""
    chat = kind == "alimtalk"
    batch = Batch(
        account=APP,
        app="chat" if chat else "sms",
        kind=kind,
        sender=KEY if chat else CALLER,
        request_id=request_id,
        sender_ref="batch-17",
    )
    payload = orjson.dumps({"buttons": BUTTONS}).decode() if chat else "{}"
    drafts = [
        Draft(seq, number, TEXT, payload=payload, ref=refs and refs + number)
        for seq, number in enumerate(numbers, 1)
    ]
    take(store, batch, drafts, 0)


def results(store: Store) -> dict[str, str]:
    """Delivery code by number, "" while none is known."""
    rows: Sequence[Any] = store.all("SELECT number, result FROM message WHERE provider = 'nhn'")
    return {row["number"]: row["result"] for row in rows}
