"""The consultation hub: writing, ending, and webhooks over real sockets."""

from typing import Any

import httpx
import orjson
import pytest

from sandbox.inbox import list_messages, list_received
from sandbox.outbound import customer_key
from sandbox.phone import Traits, block, set_traits
from sandbox.talks import say
from tests.sandbox.server import Running, receive
from tests.sandbox.shop import CLIENT_SECRET, HANA, KEY, LOST, settle_in


def letter(running: Running, number: str = HANA, **change: Any) -> dict[str, Any]:
    return {
        "user_key": customer_key(running.store, number, KEY),
        "sender_key": KEY,
        "serial_number": "s-1",
        "message_type": "TX",
        "message": "무엇을 도와드릴까요?",
        **change,
    }


async def post(running: Running, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await running.client.post(f"/consult/v1/chat/{path}", json=body, headers=CLIENT_SECRET)
    found: dict[str, Any] = answer.json()
    return found


async def test_writing_in_an_open_session_appears_on_the_phone(quiet: Running) -> None:
    say(quiet.store, HANA, KEY, "안녕하세요")
    assert (await post(quiet, "write", letter(quiet)))["code"] == 0
    assert list_messages(quiet.store, HANA)[-1].text == "무엇을 도와드릴까요?"
    (got,) = list_received(quiet.store)
    assert (got.kind, got.provider, got.ref) == ("say", "consult", "s-1")


async def test_writing_without_a_session_has_a_code_of_the_settings(quiet: Running) -> None:
    assert (await post(quiet, "write", letter(quiet)))["code"] == -599
    quiet.store.change_settings({"no_session_code": -777})
    assert (await post(quiet, "write", letter(quiet)))["code"] == -777
    assert list_messages(quiet.store, HANA) == []


async def test_ending_answers_the_session_and_closes_it(quiet: Running) -> None:
    say(quiet.store, HANA, KEY, "안녕하세요")
    ended = await post(quiet, "end", letter(quiet))
    assert ended == {"code": 0, "sessionId": "1"}
    assert (await post(quiet, "write", letter(quiet)))["code"] == -599
    assert (await post(quiet, "end", letter(quiet)))["code"] == -599
    paths = [row["path"] for row in quiet.store.all("SELECT path FROM outbox")]
    assert "/expired_session" not in paths  # the shop ended it itself


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"message": "가" * 1_001}, -400),
        ({"message": "가" * 1_000}, 0),
        ({"message": ""}, -400),
        ({"message_type": "ZZ"}, -400),
        ({"serial_number": "s" * 31}, -400),
        ({"sender_key": "f" * 40}, -501),
        ({"user_key": "nobody"}, -599),
        ({"message_type": "LI", "links": [{}] * 6}, -400),
        ({"message_type": "LI", "links": [{"type": "WL", "name": "보기"}]}, 0),
        ({"message_type": "IM"}, -400),
    ],
)
async def test_codes_of_writing(quiet: Running, change: dict[str, Any], code: int) -> None:
    say(quiet.store, HANA, KEY, "안녕하세요")
    assert (await post(quiet, "write", letter(quiet, **change)))["code"] == code


async def test_a_serial_number_counts_once(quiet: Running) -> None:
    say(quiet.store, HANA, KEY, "안녕하세요")
    assert (await post(quiet, "write", letter(quiet)))["code"] == 0
    assert (await post(quiet, "write", letter(quiet)))["code"] == -409
    assert len(list_received(quiet.store)) == 1


async def test_a_wrong_client(quiet: Running) -> None:
    answer = await quiet.client.post("/consult/v1/chat/write", json=letter(quiet))
    assert (answer.status_code, answer.json()["code"]) == (401, -401)


async def test_a_lost_answer_leaves_the_line_on_the_phone(running: Running) -> None:
    say(running.store, LOST, KEY, "안녕하세요")
    body = letter(running, LOST)
    with pytest.raises(httpx.RemoteProtocolError):
        await post(running, "write", body)
    assert len(list_received(running.store)) == 1
    assert (await post(running, "write", body))["code"] == -409


async def test_the_customers_words_reach_the_shop_in_order(running: Running) -> None:
    async with receive() as shop:
        settle_in(running.store, receive_domain=shop.url)
        shop.statuses = [500]
        for text in ("하나", "둘"):
            say(running.store, HANA, KEY, text)
        block(running.store, HANA, KEY)
        await shop.until(4)
    said = [(path, body.get("content")) for path, _, body in shop.got]
    assert said == [
        ("/message", "하나"),
        ("/message", "하나"),
        ("/message", "둘"),
        ("/expired_session", None),
    ]


async def test_leaving_kakaotalk_closes_the_room(quiet: Running) -> None:
    say(quiet.store, HANA, KEY, "안녕하세요")
    set_traits(quiet.store, HANA, Traits(kakao=False))
    assert (await post(quiet, "write", letter(quiet)))["code"] == -599
    last = quiet.store.all("SELECT body FROM outbox ORDER BY id")[-1]
    assert orjson.loads(last["body"])["sender_key"] == KEY
