"""Customers send videos, files, recordings, emoticons and long texts; webhooks go astray."""

from typing import Any

import orjson
import pytest

from sandbox.chaos.rules import Rule
from sandbox.outbox import settle
from sandbox.sendings import SHOWN
from sandbox.talks import say
from tests.sandbox.server import Running, receive
from tests.sandbox.shop import HANA, KEY, settle_in


async def send(running: Running, type_: str, file: bytes = b"", **more: str) -> Any:
    files = {"file": ("영상.mp4", file, "video/mp4")} if file else None
    return await running.client.post(
        f"/desk/api/phones/{HANA}/send",
        data={"sender_key": KEY, "type": type_, **more},
        files=files,
    )


def told(running: Running) -> list[dict[str, Any]]:
    """Bodies of `/message` that wait to leave."""
    rows = running.store.all("SELECT body FROM outbox WHERE path = '/message' ORDER BY id")
    return [orjson.loads(row["body"]) for row in rows]


@pytest.mark.parametrize("type_", ["video", "file", "audio"])
async def test_a_file_of_a_customer(quiet: Running, type_: str) -> None:
    got = await send(quiet, type_, b"1234")
    assert got.status_code == 201, got.text
    (body,) = told(quiet)
    assert (body["type"], body["content"]["name"], body["content"]["size"]) == (
        type_,
        "영상.mp4",
        4,
    )
    assert (await quiet.client.get(body["content"]["url"])).content == b"1234"


async def test_an_emoticon_and_a_long_text(quiet: Running) -> None:
    await send(quiet, "emoticon", text="하트")
    long = "긴 글이에요. " * 500
    assert (await send(quiet, "long", text=long)).status_code == 201
    emoticon, body = told(quiet)
    assert (emoticon["type"], emoticon["content"]) == ("emoticon", "(하트)")
    assert (body["type"], len(body["content"])) == ("text", SHOWN)
    assert (await quiet.client.get(body["attachment"]["url"])).text == long


@pytest.mark.parametrize(
    ("type_", "more", "status", "code"),
    [
        ("poem", {"text": "a"}, 422, "invalid"),
        ("video", {}, 422, "empty"),
        ("emoticon", {"text": " "}, 422, "empty"),
        ("emoticon", {"text": "가" * 31}, 422, "too_long"),
        ("emoticon", {"text": "a", "sender_key": "nobody"}, 404, "no_channel"),
    ],
)
async def test_what_cannot_be_sent(
    quiet: Running, type_: str, more: dict[str, str], status: int, code: str
) -> None:
    got = await send(quiet, type_, b"", **more)
    assert (got.status_code, got.json()["code"]) == (status, code)
    assert told(quiet) == []


async def test_a_json_body_is_no_form(quiet: Running) -> None:
    got = await quiet.client.post(f"/desk/api/phones/{HANA}/send", json={})
    assert (got.status_code, got.json()["code"]) == (415, "not_a_form")


def arm(running: Running, **rule: Any) -> None:
    running.store.chaos.arm([Rule(provider="consult", **rule)], 1)


@pytest.mark.parametrize(
    ("rule", "waiting"),
    [
        ({"effect": "receipt_drop"}, 0),
        ({"effect": "receipt_duplicate", "times": 2}, 3),
        ({"effect": "receipt_delay", "seconds": 60}, 1),
        ({"effect": "receipt_drop", "number": "9999"}, 1),
        ({"effect": "receipt_drop", "account": "somebody"}, 1),
    ],
)
async def test_webhooks_go_astray(quiet: Running, rule: dict[str, Any], waiting: int) -> None:
    arm(quiet, **rule)
    say(quiet.store, HANA, KEY, "안녕하세요")
    assert len(told(quiet)) == waiting
    serials = {body["serial_number"] for body in told(quiet)}
    assert len(serials) <= 1  # the same event, however often


async def test_a_rule_for_results_of_notices_leaves_the_hub_alone(quiet: Running) -> None:
    quiet.store.chaos.arm([Rule(effect="receipt_drop")], 1)
    say(quiet.store, HANA, KEY, "안녕하세요")
    assert len(told(quiet)) == 1


async def test_shuffled_webhooks_arrive_out_of_their_order(running: Running) -> None:
    async with receive() as shop:
        settle_in(running.store, receive_domain=shop.url)
        arm(running, effect="receipt_shuffle", seconds=0.5)
        said = [str(n) for n in range(8)]
        for text in said:
            say(running.store, HANA, KEY, text)
        await shop.until(8)
    got = [body["content"] for _, _, body in shop.got]
    assert sorted(got) == said
    assert got != said


@pytest.mark.parametrize("how", ["reference", "result"])
async def test_forged_webhooks_stand_beside_the_true_one(quiet: Running, how: str) -> None:
    arm(quiet, effect="receipt_forge", forge=how)
    say(quiet.store, HANA, KEY, "안녕하세요")
    true, strange = quiet.store.all("SELECT * FROM outbox ORDER BY id")
    assert orjson.loads(true["body"])["sender_key"] == KEY
    if how == "reference":
        assert orjson.loads(strange["body"])["sender_key"] != KEY
    else:
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(strange["body"])
    settle(quiet.store, strange, delivered=False)
    assert [row["id"] for row in quiet.store.all("SELECT id FROM outbox")] == [true["id"]]
