"""NHN Cloud: pictures of templates and of MMS, and messages that show one."""

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest
import respx

from channels.adapters.nhn import Nhn
from channels.management import CanUpload, Picture, ProviderRefused, ProviderSilent, Uploaded
from channels.outlet import connect
from channels.vocabulary import PictureUse, Reason
from tests.channels.conformance import call, outgoing
from tests.channels.sockets import serving, write
from tests.channels.test_nhn import CONFIG, KAKAO, SMS, refuses
from tests.channels.wire import plain_client, recorded

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
PNG = Picture("배너.png", "image/png", b"\x89PNG\r\n\x1a\n\r\n--\x00\xff")
JPEG = Picture("sale.jpg", "image/jpeg", base64.b64decode("/9j/4AAQSkZJRgABAQEAYABgAAD/2Q=="))
ATTACHED = recorded("nhn/attach_answer")
OK = recorded("nhn/template_image_answer")["header"]


@pytest.fixture
async def nhn() -> AsyncIterator[Nhn]:
    async with plain_client() as client:
        yield Nhn(CONFIG, client)


@pytest.mark.parametrize(
    ("use", "path"),
    [
        (PictureUse.IMAGE, "template-image"),
        (PictureUse.THUMBNAIL, "template-image/item-highlight"),
    ],
)
async def test_a_picture_of_a_template(
    nhn: Nhn, respx_mock: respx.MockRouter, use: PictureUse, path: str
) -> None:
    assert isinstance(nhn, CanUpload)
    route = respx_mock.post(f"{KAKAO}/{path}")
    route.respond(json=recorded("nhn/template_image_answer"))
    assert await nhn.upload(use, PNG, NOW) == Uploaded(
        "banner.png", "https://mud-kage.kakao.com/banner.png"
    )
    request = route.calls.last.request
    kind, _, boundary = request.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    assert request.headers["X-Secret-Key"] == "kakao-secret"
    before, part, after = request.content.split(f"--{boundary}".encode())
    head, _, data = part.partition(b"\r\n\r\n")
    assert (before, after, data) == (b"", b"--\r\n", PNG.data + b"\r\n")
    assert 'name="file"; filename="배너.png"' in head.decode()
    assert "Content-Type: image/png" in head.decode()


async def test_a_picture_of_an_mms_lasts_six_of_its_seven_days(
    nhn: Nhn, respx_mock: respx.MockRouter
) -> None:
    route = respx_mock.post(f"{SMS}/attachfile/binaryUpload").respond(json=ATTACHED)
    assert await nhn.upload(PictureUse.MMS, JPEG, NOW) == Uploaded(
        "1786", expires_at=datetime(2026, 12, 3, 3, 0, tzinfo=UTC)
    )
    request = route.calls.last.request
    assert request.headers["X-Secret-Key"] == "sms-secret"
    assert orjson.loads(request.content) == recorded("nhn/attach_request")


async def test_it_is_given_over_the_wire_that_production_uses() -> None:
    """The whole way, down to a socket: address, key, file, and the answer that is read."""
    body = orjson.dumps(recorded("nhn/template_image_answer"))

    async def answer(n: int, writer: asyncio.StreamWriter) -> bool:
        await write(writer, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        return False

    async with connect() as client, serving(answer) as seen:
        here = replace(CONFIG, base_url=f"http://127.0.0.1:{seen.port}/nhn")
        given = await Nhn(here, client).upload(PictureUse.IMAGE, PNG, NOW)
    assert given.url == "https://mud-kage.kakao.com/banner.png"
    (request,) = seen.requests
    assert request.startswith(b"POST /nhn/alimtalk/v2.3/appkeys/AK1/template-image HTTP/1.1\r\n")
    assert b"x-secret-key: kakao-secret\r\n" in request.lower()
    assert b"\r\n\r\n" + PNG.data + b"\r\n--" in request


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("sale.jpeg", "sale.jpeg"),
        ("가" * 50 + ".jpg", "가" * 41 + ".jpg"),
        ("s" * 41 + ".jpg", "s" * 41 + ".jpg"),
        ("sale", "sale"),
    ],
)
async def test_its_name_is_at_most_45_long(
    nhn: Nhn, respx_mock: respx.MockRouter, name: str, given: str
) -> None:
    route = respx_mock.post(f"{SMS}/attachfile/binaryUpload").respond(json=ATTACHED)
    await nhn.upload(PictureUse.MMS, replace(JPEG, name=name), NOW)
    assert orjson.loads(route.calls.last.request.content)["fileName"] == given


@pytest.mark.parametrize(
    ("use", "code", "reason"),
    [
        (PictureUse.IMAGE, "-4009", Reason.REQUEST_REFUSED),
        (PictureUse.THUMBNAIL, "-8001", Reason.REQUEST_REFUSED),
        (PictureUse.IMAGE, "-1001", Reason.MISCONFIGURED),
        (PictureUse.IMAGE, "-8010", None),  # the server's own trouble: given again
        (PictureUse.MMS, "-2003", Reason.REQUEST_REFUSED),
        (PictureUse.MMS, "-2005", Reason.REQUEST_REFUSED),
        (PictureUse.MMS, "-2009", None),
    ],
)
async def test_a_refused_picture(
    nhn: Nhn, respx_mock: respx.MockRouter, use: PictureUse, code: str, reason: Reason | None
) -> None:
    respx_mock.post(url__regex=".*").respond(json=refuses(code))
    with pytest.raises(ProviderRefused if reason else ProviderSilent) as caught:
        await nhn.upload(use, JPEG, NOW)
    if reason:
        assert getattr(caught.value, "code", "") == code
        assert getattr(caught.value, "reason", None) is reason


@pytest.mark.parametrize("use", PictureUse)
@pytest.mark.parametrize(
    "answer",
    [
        {"header": OK},
        {"header": OK, "templateImage": None, "body": None},
        {"header": OK, "templateImage": {"templateImageName": "n"}, "body": {"data": {}}},
        {"header": OK, "templateImage": [], "body": {"data": {"fileId": "?"}}},
        {},
        httpx.ConnectError("down"),
        httpx.ReadError("lost"),
        httpx.Response(503),
        httpx.Response(413),
    ],
)
async def test_a_picture_nobody_named_is_not_given(
    nhn: Nhn, respx_mock: respx.MockRouter, use: PictureUse, answer: Any
) -> None:
    route = respx_mock.post(url__regex=".*")
    if isinstance(answer, dict):
        route.respond(json=answer)
    else:
        route.side_effect = [answer, answer]
    with pytest.raises(ProviderSilent):
        await nhn.upload(use, JPEG, NOW)


async def test_the_documented_mms(nhn: Nhn, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{SMS}/sender/mms").respond(json=recorded("nhn/lms_answer"))
    text = "[예시몰] 상품이 출발했습니다. 한진택배 123456789012"
    messages = tuple(
        replace(outgoing(n), to=to, sender="0212345678", text=text, picture="1786")
        for n, to in ((1, "01011112222"), (2, "01033334444"))
    )
    answer = await nhn.send(replace(call("mms"), messages=messages))
    assert orjson.loads(route.calls.last.request.content) == recorded("nhn/mms_request")
    assert answer.outcomes[0].provider_id == "20261122101530kL9mN1pQ3r0:1"
    other = (messages[0], replace(messages[1], picture="1787"))
    with pytest.raises(ValueError, match="differ in"):
        await nhn.send(replace(call("mms"), messages=other))


@pytest.mark.parametrize("picture", ["", "sale.jpg"])
async def test_an_mms_whose_picture_was_not_given_asks_nothing(
    nhn: Nhn, respx_mock: respx.MockRouter, picture: str
) -> None:
    route = respx_mock.post(url__regex=".*").respond(json={})
    lost = replace(call("mms").messages[0], picture=picture)
    with pytest.raises(ValueError, match="picture"):
        await nhn.send(replace(call("mms"), messages=(lost,)))
    assert route.call_count == 0
