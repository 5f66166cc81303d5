"""Chaos on calls that send nothing: which call is of which kind, and what its caller sees."""

import asyncio
from typing import Any

import httpx
import orjson
import pytest

from sandbox.reviews import list_templates
from tests.sandbox import solapi_shop
from tests.sandbox.askers import Asker, meet_all
from tests.sandbox.images import jpeg
from tests.sandbox.server import Running
from tests.sandbox.shop import (
    ALIMTALK,
    HANA,
    KEY,
    SECRET,
    SMS,
    TEMPLATE,
    notice,
    send,
)

TEMPLATES = f"{ALIMTALK}/senders/{KEY}/templates"
CHAT = "/consult/v1/chat/write"
RELAY_TEMPLATE = {"sender": KEY, "code": "R1", "name": "안내", "content": "안녕하세요"}


@pytest.fixture
async def asker(quiet: Running) -> Asker:
    return meet_all(quiet)


CALLS = [
    ("nhn", "POST", TEMPLATES, "template"),
    ("nhn", "GET", TEMPLATES, "template"),
    ("nhn", "GET", f"{TEMPLATES}/ORDER_SHIPPED", "template"),
    ("nhn", "PUT", f"{TEMPLATES}/ORDER_SHIPPED", "template"),
    ("nhn", "DELETE", f"{TEMPLATES}/ORDER_SHIPPED", "template"),
    ("nhn", "POST", f"{TEMPLATES}/ORDER_SHIPPED/comments", "template"),
    ("nhn", "GET", f"{TEMPLATES}/ORDER_SHIPPED/modifications", "template"),
    ("nhn", "GET", f"{ALIMTALK}/template/categories", "template"),
    ("nhn", "POST", f"{ALIMTALK}/template-image", "upload"),
    ("nhn", "POST", f"{ALIMTALK}/template-image/item-highlight", "upload"),
    ("nhn", "POST", f"{SMS}/attachfile/binaryUpload", "upload"),
    ("nhn", "GET", f"{ALIMTALK}/messages", "list"),
    ("nhn", "GET", f"{ALIMTALK}/messages/R1/1", "list"),
    ("nhn", "GET", f"{ALIMTALK}/message-results", "list"),
    ("nhn", "GET", f"{ALIMTALK}/senders", "list"),
    ("nhn", "GET", f"{SMS}/sender/sms", "list"),
    ("nhn", "GET", f"{SMS}/sender/mms/R1", "list"),
    ("nhn", "GET", f"{SMS}/sendNos", "list"),
    ("nhn", "DELETE", f"{ALIMTALK}/messages/R1", ""),
    ("solapi", "POST", "/solapi/kakao/v2/templates", "template"),
    ("solapi", "PUT", f"/solapi/kakao/v2/templates/{solapi_shop.TEMPLATE}/inspection", "template"),
    ("solapi", "POST", "/solapi/storage/v1/files", "upload"),
    ("solapi", "GET", "/solapi/messages/v4/list", "list"),
    ("solapi", "GET", "/solapi/messages/v4/groups", "list"),
    ("solapi", "GET", "/solapi/cash/v1/balance", "list"),
    ("solapi", "GET", "/solapi/kakao/v2/channels", "list"),
    ("solapi", "POST", "/solapi/messages/v4/groups", ""),
    ("relay", "POST", "/relay/templates", "template"),
    ("relay", "GET", "/relay/templates", "template"),
    ("relay", "POST", "/relay/templates/actions", "template"),
    ("relay", "GET", "/relay/messages", "list"),
    ("relay", "GET", "/relay/results", "list"),
    ("consult", "POST", CHAT, "chat"),
    ("consult", "POST", "/consult/v1/chat/end", "chat"),
]


async def test_every_call_has_its_kind_and_any_is_all_of_them(asker: Asker) -> None:
    kinds = ("send", "template", "upload", "list", "chat", "any")
    rules = [{"effect": "delay", "seconds": 0, "call": kind} for kind in kinds]
    for provider, method, path, kind in CALLS:
        asker.arm(*rules)
        await asker.ask(provider, method, path)
        wanted = [int(one in (kind, "any")) for one in kinds]
        assert asker.acted == wanted, (method, path)
        assert asker.running.store.exchanges[-1].acted == ("delay",) * sum(wanted)
    asker.arm(*rules)
    await send(asker.running.client, notice(HANA))
    assert asker.acted == [1, 0, 0, 0, 0, 1]
    assert asker.running.store.exchanges[-1].acted == ("delay", "delay")


async def test_strangers_and_pictures_are_left_alone(asker: Asker) -> None:
    asker.arm({"effect": "throttle", "call": "any"})
    client = asker.running.client
    assert (await client.get(TEMPLATES.replace("AK1", "AK9"))).json()["header"]["resultCode"] < 0
    assert (await client.get("/nhn/pictures/none.jpg")).status_code == 404
    assert (await client.get("/nhn/nothing")).json()["header"]["resultCode"] == -9998
    assert (await client.get("/solapi/messages/v4/list")).status_code == 403
    assert (await client.get("/relay/messages")).status_code == 401
    assert (await client.post(CHAT, json={})).status_code == 401
    assert (await client.get("/desk/api/settings")).status_code == 200
    assert asker.acted == [0]


async def test_codes_come_in_the_shape_of_each_provider(asker: Asker) -> None:
    asker.arm(
        {"effect": "error_code", "code": "-9999", "call": "list", "provider": "nhn"},
        {"effect": "error_code", "code": "TooMany", "call": "list", "provider": "solapi"},
        {"effect": "error_code", "code": "quota", "call": "list", "provider": "relay"},
        {"effect": "error_code", "code": "-501", "call": "chat"},
    )
    nhn = (await asker.ask("nhn", "GET", f"{ALIMTALK}/messages")).json()
    assert (nhn["header"]["resultCode"], nhn["header"]["isSuccessful"]) == (-9999, False)
    solapi = await asker.ask("solapi", "GET", "/solapi/messages/v4/list")
    assert (solapi.status_code, solapi.json()["errorCode"]) == (400, "TooMany")
    relay = await asker.ask("relay", "GET", "/relay/results")
    assert (relay.status_code, relay.json()["code"]) == (422, "quota")
    assert (await asker.ask("consult", "POST", CHAT, {})).json()["code"] == -501


async def test_a_lost_answer_to_a_registration_that_was_taken(asker: Asker) -> None:
    """Before it nothing is done, after it the template is there."""
    body = {**TEMPLATE, "templateCode": "NEW", "templateName": "새 안내"}
    for effect, left in (("timeout_before", 1), ("timeout_after", 2)):
        asker.arm({"effect": effect, "call": "template", "seconds": 0, "template": "NEW"})
        with pytest.raises(ConnectionAbortedError):
            await asker.ask("nhn", "POST", TEMPLATES, body)
        assert len(list_templates(asker.running.store, sender_key=KEY)) == left
        assert asker.running.store.exchanges[-1].status is None
    # what the provider refuses by itself is told
    again = (await asker.ask("nhn", "POST", TEMPLATES, body)).json()
    assert again["header"]["isSuccessful"] is False
    assert asker.acted == [2]


@pytest.mark.parametrize(
    ("effect", "status"),
    [
        ({"effect": "http_status", "status": 502, "accepted": True}, 502),
        ({"effect": "garbage", "body": "cut_json"}, 200),
        ({"effect": "garbage", "body": "charset"}, 200),
    ],
)
async def test_an_upload_is_taken_and_its_answer_spoiled(
    asker: Asker, effect: dict[str, Any], status: int
) -> None:
    asker.arm({**effect, "call": "upload"})
    answer = await asker.running.client.post(
        f"{ALIMTALK}/template-image", files={"file": ("a.jpg", jpeg(800, 400))}, headers=SECRET
    )
    assert answer.status_code == status
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(answer.content)
    assert asker.running.store.number("SELECT count(*) FROM picture") == 1


async def test_a_slow_list_over_a_real_socket(running: Running) -> None:
    """Drops of an answer, a cut connection, and a body that is read again for its handler."""
    asker = Asker(running)
    asker.arm({"effect": "drip", "seconds": 0.0005, "call": "list"})
    listed = await asker.ask("nhn", "GET", f"{ALIMTALK}/senders")
    assert listed.json()["header"]["isSuccessful"] is True
    asker.arm({"effect": "timeout_after", "seconds": 0.1, "call": "template"})
    body = {**example_template(), "templateCode": "NEW"}
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        async with asyncio.timeout(60):
            await asker.ask("nhn", "POST", TEMPLATES, body)
    assert [one.code for one in list_templates(running.store)].count("NEW") == 1


def example_template() -> dict[str, Any]:
    return {"templateName": "새 안내", "templateContent": "#{이름}님, 반갑습니다."}


async def test_a_rate_limit_is_one_of_each_account(asker: Asker) -> None:
    asker.arm({"effect": "rate_limit", "per_s": 0.01, "call": "any"})
    assert (await send(asker.running.client, notice(HANA)))["header"]["resultCode"] == 0
    answer = await asker.ask("nhn", "GET", f"{ALIMTALK}/senders")
    assert answer.status_code == 429
    assert 90 < int(answer.headers["retry-after"]) <= 100
    assert (await asker.ask("solapi", "GET", "/solapi/cash/v1/balance")).status_code == 200
    assert asker.acted == [1]


async def test_a_rate_limit_may_count_recipients(asker: Asker) -> None:
    asker.arm({"effect": "rate_limit", "per_s": 10, "unit": "recipients"})
    numbers = [f"0105500{n:04}" for n in range(3)]

    async def post(*to: str) -> httpx.Response:
        return await asker.ask("nhn", "POST", f"{ALIMTALK}/raw-messages", notice(*to))

    assert [(await post(*numbers)).status_code for _ in range(3)] == [200] * 3
    refused = await post(*numbers)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    await asyncio.sleep(0.25)
    assert (await post(*numbers)).status_code == 200
    assert asker.running.store.number("SELECT count(*) FROM message") == 12
