"""SOLAPI: an account checked, and pictures given to it."""

import base64
from collections.abc import AsyncIterator

import httpx
import orjson
import pytest
import respx

from channels.adapters.solapi import Solapi
from channels.management import (
    CanCheck,
    CanUpload,
    Picture,
    ProviderRefused,
    ProviderSilent,
    Uploaded,
)
from channels.vocabulary import PictureUse
from tests.channels.conformance import NOW
from tests.channels.test_solapi import CONFIG, HOST, signed
from tests.channels.wire import plain_client, recorded

PNG = Picture("banner.png", "image/png", b"\x89PNG\x00\xff")


@pytest.fixture
async def solapi() -> AsyncIterator[Solapi]:
    async with plain_client() as client:
        yield Solapi(CONFIG, client)


@pytest.mark.parametrize(("use", "type_"), [(PictureUse.IMAGE, "KAKAO"), (PictureUse.MMS, "MMS")])
async def test_a_picture_is_given(
    solapi: Solapi, respx_mock: respx.MockRouter, use: PictureUse, type_: str
) -> None:
    assert isinstance(solapi, CanUpload)
    route = respx_mock.post(f"{HOST}/storage/v1/files").respond(json=recorded("solapi/file"))
    given = await solapi.upload(use, PNG, NOW)
    assert given == Uploaded("ST01FP190426064503467TKgUfU1ePqh")
    assert signed(route.calls.last.request)
    assert orjson.loads(route.calls.last.request.content) == {
        "file": base64.b64encode(PNG.data).decode(),
        "type": type_,
        "name": "banner.png",
    }


async def test_a_picture_that_was_not_taken(solapi: Solapi, respx_mock: respx.MockRouter) -> None:
    respx_mock.post(f"{HOST}/storage/v1/files").respond(json={"url": "https://a.example"})
    with pytest.raises(ProviderSilent):
        await solapi.upload(PictureUse.MMS, PNG, NOW)
    with pytest.raises(ProviderRefused, match="SOLAPI carries no highlight"):
        await solapi.upload(PictureUse.THUMBNAIL, PNG, NOW)


async def test_a_healthy_account(solapi: Solapi, respx_mock: respx.MockRouter) -> None:
    assert isinstance(solapi, CanCheck)
    respx_mock.get(f"{HOST}/cash/v1/balance").respond(json=recorded("solapi/balance"))
    respx_mock.get(f"{HOST}/kakao/v2/channels").respond(json=recorded("solapi/channels"))
    health = await solapi.check()
    assert (health.ok, health.problems) == (True, ())
    assert health.details == {"balance": "1250.50", "channels": "1"}
    money = {"balance": 12_345_678, "point": 0}
    respx_mock.get(f"{HOST}/cash/v1/balance").respond(json=money)
    assert (await solapi.check()).details["balance"] == "12345678"


async def test_what_is_wrong_is_said_in_words(solapi: Solapi, respx_mock: respx.MockRouter) -> None:
    money = respx_mock.get(f"{HOST}/cash/v1/balance")
    kakao = respx_mock.get(f"{HOST}/kakao/v2/channels")
    money.respond(json={})
    kakao.respond(json={"channelList": []})
    health = await solapi.check()
    assert (health.ok, health.details) == (False, {"balance": "0", "channels": "0"})
    assert health.problems == (
        "연결된 카카오톡 채널이 없습니다. SOLAPI 콘솔에서 채널을 연결하세요.",
    )
    kakao.respond(400, json={"errorCode": "ValidationError", "errorMessage": "no"})
    assert (await solapi.check()).problems == (
        "카카오톡 채널 조회를 SOLAPI가 거절했습니다 (ValidationError no).",
    )
    money.respond(403, json={"errorCode": "InvalidAPIKey", "errorMessage": "no"})
    assert (await solapi.check()).problems == (
        "SOLAPI가 API 키를 받아들이지 않습니다 (InvalidAPIKey no).",
    )
    money.side_effect = httpx.ConnectError("no")
    assert (await solapi.check()).problems == (
        "SOLAPI 서버에서 읽을 수 있는 응답이 없습니다 (ConnectError).",
    )
