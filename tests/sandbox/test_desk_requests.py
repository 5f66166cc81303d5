"""The request inspector as an API: lists, one call in words, forgetting."""

from typing import Any

import httpx

from tests.sandbox.server import Running
from tests.sandbox.shop import (
    ALIMTALK,
    APP,
    CALLER,
    HANA,
    NO_KAKAO,
    SECRET,
    SMS,
    SMS_SECRET,
    notice,
    send,
    send_text,
)

API = "/desk/api/requests"


async def opened(client: httpx.AsyncClient, seq: int | None = None) -> dict[str, Any]:
    """The newest call, or one by its number."""
    if seq is None:
        seq = (await client.get(API)).json()[0]["seq"]
    answer = await client.get(f"{API}/{seq}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_list_keeps_its_old_shape(quiet: Running) -> None:
    await send(quiet.client, notice(HANA), key="k1")
    (one,) = (await quiet.client.get(API)).json()
    told = {"path": f"{ALIMTALK}/raw-messages", "method": "POST", "query": "", "status": 200}
    assert told.items() <= one.items()
    assert one["headers"]["x-nc-api-idempotency-key"] == "k1"
    assert one["headers"]["x-secret-key"] == "•••"
    assert one["body"].startswith('{"senderKey"')
    assert '"resultCode":0' in one["answer"]
    assert one.keys() >= {"seq", "at", "took_ms", "acted", "provider", "account", "route", "code"}


async def test_a_list_is_narrowed_and_turned(quiet: Running) -> None:
    client = quiet.client
    await send(client, notice(HANA))
    await send(client, notice("010"))
    await send_text(client, "한글 문자", HANA)
    await client.get(f"{SMS}/sendNos?sendNo={CALLER}", headers=SMS_SECRET)
    await client.get("/solapi/cash/v1/balance")
    await client.get("/relay/results")

    async def seqs(**query: Any) -> list[int]:
        answer = await client.get(API, params=query)
        assert answer.status_code == 200, answer.text
        return [one["seq"] for one in answer.json()]

    assert await seqs() == [6, 5, 4, 3, 2, 1]
    assert await seqs(limit=2) == [6, 5]
    assert await seqs(before=3) == [2, 1]
    assert await seqs(provider="nhn", limit=1) == [4]
    assert await seqs(account=APP) == [4, 3, 2, 1]
    assert await seqs(route="sms") == [3]
    assert await seqs(route="alimtalk", status="refused") == [2]
    assert await seqs(status="ok") == [4, 3, 1]
    assert await seqs(status="403") == [5]
    assert await seqs(status="4xx") == [6, 5]
    assert await seqs(status="lost") == []
    assert await seqs(q="한글") == [3]
    assert await seqs(q=CALLER) == [4, 3]
    assert await seqs(q="zzz") == []
    for wrong in (
        {"provider": "x"},
        {"status": "9"},
        {"limit": 0},
        {"limit": 999},
        {"before": "a"},
    ):
        answer = await client.get(API, params=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
        assert answer.json()["field"] == next(iter(wrong))
    assert (await client.delete(API)).status_code == 204
    assert await seqs() == []
    assert (await client.get("/desk/api/counters")).json()["recipients"]["accepted"] == 2


async def test_a_call_in_words(quiet: Running) -> None:
    body = notice(HANA, NO_KAKAO, "010")
    body["recieveTime"] = "2026-11-23T10:00:00"
    for one in body["recipientList"]:
        one["resendParameter"] = {"isResend": False, "isResent": True}
    await send(quiet.client, body, key="k1")
    one = await opened(quiet.client)
    meaning = one["meaning"]
    assert meaning["asks"]["ko"] == "알림톡 3건, 대체 문자 끔"
    assert meaning["asks"]["en"] == "3 × Alimtalk, NHN's own fallback off"
    assert meaning["says"]["ko"] == "2건 접수, 1건 거절 (-5000: 받는 번호가 아니에요)"
    assert (meaning["template"], meaning["key"]) == ("ORDER_SHIPPED", "k1")
    assert "10분" in meaning["idempotency"]["ko"]
    people = meaning["recipients"]
    assert people["count"] == 3
    assert [(p["number"], p["code"]) for p in people["first"]] == [
        (HANA, ""), (NO_KAKAO, ""), ("010", "-5000"),
    ]  # fmt: skip
    assert [(u["path"], u["meant"], u["times"]) for u in one["unknown"]] == [
        ("recipientList[0].resendParameter.isResent", "isResend", 3),
        ("recieveTime", "requestDate", 1),
    ]
    assert one["afterwards"]["counts"] == {"waiting": 2}
    assert one["documented"] is True
    assert '"$X_SECRET_KEY"' not in one["curl"]
    assert "x-secret-key: $X_SECRET_KEY" in one["curl"]


JUNK = (b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b'{"messages": 7}', b'{"message": [1]}')
PATHS = (
    f"{ALIMTALK}/raw-messages",
    f"{SMS}/sender/mms",
    "/nhn/nothing?x=1",
    "/solapi/messages/v4/send",
    "/solapi/nothing",
    "/relay/messages",
    "/relay/nothing",
    "/consult/v1/chat/write",
    "/consult/nothing",
)


async def test_any_call_can_be_read(quiet: Running) -> None:
    headers = {"Authorization": "Bearer x", **SECRET}
    for path in PATHS:
        for body in JUNK:
            await quiet.client.post(path, content=body, headers=headers)
            one = await opened(quiet.client)
            assert one["meaning"]["asks"]["ko"], (path, body)
            assert one["meaning"]["says"]["en"], (path, body)
            assert one["documented"] is ("nothing" not in path)
        page = await quiet.client.get(f"/desk?request={quiet.store.exchanges[-1].seq}")
        assert page.status_code == 200, path


async def test_an_unknown_number_is_a_problem(quiet: Running) -> None:
    for method, path in (("GET", f"{API}/9"), ("POST", f"{API}/9/replay")):
        answer = await quiet.client.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_secret_in_a_wrong_place_is_shown_nowhere(quiet: Running) -> None:
    secret = "kakao-secret-123"
    account = {"secret_key": secret, "senders": [{"sender_key": "a" * 40}]}
    await quiet.client.put("/desk/api/accounts/nhn/AK2", json=account)
    body = {**notice(HANA), "templateCode": secret, "apiSecret": "short"}
    path = f"/nhn/alimtalk/v2.3/appkeys/AK2/messages?secretKey=short&x={secret}"
    headers = {"X-Secret-Key": secret, "X-NC-API-IDEMPOTENCY-KEY": secret}
    await quiet.client.post(path, json=body, headers=headers)
    for address in (API, f"{API}/1", "/desk?request=1"):
        shown = (await quiet.client.get(address)).text
        assert secret not in shown, address
        assert "short" not in shown, address
