"""Authentication messages: a lane of their own, for texts that say so."""

from typing import Any

from tests.sandbox.server import Running
from tests.sandbox.shop import ALIMTALK, CALLER, HANA, SECRET, SMS, SMS_SECRET, notice, send


def filled(word: str) -> dict[str, Any]:
    values = {"이름": word, "송장번호": "1", "주문": "1"}
    one = {"recipientNo": HANA, "templateParameter": values}
    return {**notice(), "recipientList": [one]}


async def count(running: Running, path: str, request_id: str) -> int:
    asked = {"requestId": request_id}
    answer = await running.client.get(f"{ALIMTALK}{path}", params=asked, headers=SECRET)
    return len(answer.json()["messageSearchResultResponse"]["messages"])


THE_WORDS_OF_NOTICES: list[Any] = [("인증", 0), ("VERIFication", 0), ("認証", 0), ("주문", -8006)]


async def test_the_words_of_notices(quiet: Running) -> None:
    for word, expected in THE_WORDS_OF_NOTICES:
        answer = await send(quiet.client, filled(word), path="/auth/messages")
        (result,) = answer["message"]["sendResults"]
        assert result["resultCode"] == expected, word
        assert answer["header"]["resultCode"] == (0 if expected == 0 else -1031)


async def test_a_notice_is_listed_in_its_lane_only(quiet: Running) -> None:
    auth = (await send(quiet.client, filled("인증"), path="/auth/messages"))["message"]["requestId"]
    plain = (await send(quiet.client, filled("인증"), path="/messages"))["message"]["requestId"]
    assert await count(quiet, "/auth/messages", auth) == 1
    assert await count(quiet, "/messages", auth) == 0
    assert await count(quiet, "/auth/messages", plain) == 0
    again = await quiet.client.get(f"{ALIMTALK}/messages/{auth}/1", headers=SECRET)
    assert again.json()["header"]["resultCode"] == -1016


THE_WORDS_OF_TEXTS: list[Any] = [
    ("인증번호 1", 0),
    ("Verify 1", 0),
    ("verif 1", -8000),
    ("주문", -8000),
]


async def test_the_words_of_texts(quiet: Running) -> None:
    for text, expected in THE_WORDS_OF_TEXTS:
        answer = await send_code(quiet, text)
        assert answer["header"]["resultCode"] == expected, text
    asked = {"requestId": (await send_code(quiet, "인증 1"))["body"]["data"]["requestId"]}
    found = {}
    for path in ("sms", "auth/sms"):
        listed = await quiet.client.get(f"{SMS}/sender/{path}", params=asked, headers=SMS_SECRET)
        found[path] = [one["messageType"] for one in listed.json()["body"]["data"]]
    assert found == {"sms": [], "auth/sms": ["AUTH"]}


async def send_code(quiet: Running, text: str) -> dict[str, Any]:
    body = {"body": text, "sendNo": CALLER, "recipientList": [{"recipientNo": HANA}]}
    answer = await quiet.client.post(f"{SMS}/sender/auth/sms", json=body, headers=SMS_SECRET)
    found: dict[str, Any] = answer.json()
    return found


async def test_who_sent_it_is_told(quiet: Running) -> None:
    body = {**filled("인증"), "createUser": "관리자", "statsId": "spring"}
    sent = await send(quiet.client, body, path="/messages")
    place = f"{ALIMTALK}/messages/{sent['message']['requestId']}/1"
    one = (await quiet.client.get(place, headers=SECRET)).json()["message"]
    assert one["createUser"] == "관리자"
    for change, expected in (
        ({"createUser": "가" * 101}, -8004),
        ({"createUser": 1}, 4),
        ({"statsId": "123456789"}, -2000),
    ):
        answer = await send(quiet.client, {**body, **change}, path="/messages")
        assert answer["header"]["resultCode"] == expected
