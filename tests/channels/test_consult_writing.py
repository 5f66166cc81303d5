"""What a business writes beside text: pictures, files, link buttons; uploads; end and block."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
import respx

from channels.adapters.consult import Config, Consult, uploads
from channels.bubble import Button, ChatFile, ChatPicture
from channels.consulting import Uploaded
from channels.contract import Outcome, Outgoing
from channels.vocabulary import Reason, Verdict
from tests.channels.conformance import call, outgoing
from tests.channels.test_consult import CONFIG, HUB, SENDER, USER
from tests.channels.wire import plain_client, recorded

LINE = replace(outgoing(1), to=USER, sender=SENDER, text="", title="", template="")
LINKS = (
    Button("WL", "교환 신청", url_mobile="https://shop.example/x", url_pc="https://shop.example/x"),
    Button("AL", "앱에서 보기", scheme_android="shop://x", scheme_ios="shop://x"),
)
JPEG = b"\xff\xd8\xff\xe0" + b"1" * 10


@pytest.fixture
async def consult() -> AsyncIterator[Consult]:
    async with plain_client() as client:
        yield Consult(replace(CONFIG, block_path="/v9/block", unblock_path="/v9/un"), client)


async def written(consult: Consult, router: respx.MockRouter, line: Outgoing) -> Any:
    """The body the hub got, or the refusal when it got none."""
    route = router.post(f"{HUB}/v1/chat/write").respond(json={"code": 0})
    (outcome,) = (await consult.send(replace(call("chat"), messages=(line,)))).outcomes
    if not route.called:
        return outcome
    assert outcome.verdict is Verdict.ACCEPTED
    return orjson.loads(route.calls.last.request.content)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("write_picture", replace(LINE, enclosed=ChatPicture("https://hub.example/i/1.jpg"))),
        (
            "write_file",
            replace(LINE, enclosed=ChatFile("https://hub.example/f/1.pdf", "약관.pdf", 9513)),
        ),
        ("write_links", replace(LINE, text="여기서 고르실 수 있어요", buttons=LINKS)),
    ],
)
async def test_documented_bodies(
    consult: Consult, respx_mock: respx.MockRouter, name: str, line: Outgoing
) -> None:
    assert await written(consult, respx_mock, line) == recorded(f"consult/{name}")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (LINE, Reason.REQUEST_REFUSED),
        (replace(LINE, text="가" * 1001), Reason.TOO_LONG),
        (replace(LINE, text="가", enclosed=ChatPicture("https://h/1")), Reason.REQUEST_REFUSED),
        (replace(LINE, enclosed=ChatPicture("")), Reason.REQUEST_REFUSED),
        (replace(LINE, enclosed=ChatFile("u", "n" * 1001, 1)), Reason.REQUEST_REFUSED),
        (replace(LINE, text="가", buttons=LINKS * 3), Reason.REQUEST_REFUSED),
        (replace(LINE, text="가", buttons=(Button("DS", "조회"),)), Reason.REQUEST_REFUSED),
    ],
)
async def test_what_the_hub_would_refuse_does_not_leave(
    consult: Consult, respx_mock: respx.MockRouter, line: Outgoing, reason: Reason
) -> None:
    outcome = await written(consult, respx_mock, line)
    assert (outcome.verdict, outcome.reason) == (Verdict.REJECTED, reason)
    assert outcome.code
    assert outcome.text


async def test_a_thousand_characters_leave(consult: Consult, respx_mock: respx.MockRouter) -> None:
    assert (await written(consult, respx_mock, replace(LINE, text="가" * 1000)))["message"]


async def test_a_picture_is_uploaded(consult: Consult, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{HUB}/v1/image/upload")
    route.respond(json=recorded("consult/upload_image_answer"))
    kept = await consult.upload_for_chat(SENDER, "image", "사진.jpg", "image/jpeg", JPEG)
    assert kept == Uploaded("http://hub.example/dn/1/img_l.jpg", "사진.jpg", len(JPEG))
    sent = route.calls.last.request
    assert sent.headers["HT-Client-Id"] == "client-id-1"
    assert b'name="sender_key"\r\n\r\n' + SENDER.encode() in sent.content
    assert b'name="image"; filename=' in sent.content
    assert b"image_type" not in sent.content
    await consult.upload_for_chat(SENDER, "link_image", "a.jpg", "image/jpeg", JPEG)
    assert b'name="image_type"\r\n\r\nlink' in route.calls.last.request.content


@pytest.mark.parametrize("kind", ["file", "video", "audio"])
async def test_a_file_is_uploaded(
    consult: Consult, respx_mock: respx.MockRouter, kind: str
) -> None:
    route = respx_mock.post(f"{HUB}/kakaoWebhook/v3/bzc/file/upload")
    route.respond(json=recorded("consult/upload_file_answer"))
    kept = await consult.upload_for_chat(SENDER, kind, "견적.xlsx", "application/zip", b"PK")
    assert kept == Uploaded("http://hub.example/dn/2/f.xlsx", "example.xlsx", 2)
    sent = route.calls.last.request.content
    assert b'name="file_type"\r\n\r\n' + kind.encode() in sent
    assert b'name="file"; filename=' in sent


@pytest.mark.parametrize(
    ("kind", "media_type", "size", "reason"),
    [
        ("image", "image/jpeg", 5 * uploads.MB + 1, Reason.TOO_LONG),
        ("link_image", "image/jpeg", uploads.MB // 2 + 1, Reason.TOO_LONG),
        ("audio", "audio/mp4", 10 * uploads.MB + 1, Reason.TOO_LONG),
        ("file", "application/pdf", 0, Reason.TOO_LONG),
        ("image", "image/webp", 5, Reason.CONTENT_REFUSED),
        ("link_image", "image/gif", 5, Reason.CONTENT_REFUSED),
        ("poem", "text/plain", 5, Reason.REQUEST_REFUSED),
    ],
)
async def test_what_is_too_large_or_strange_is_not_uploaded(
    consult: Consult, kind: str, media_type: str, size: int, reason: Reason
) -> None:
    refused = await consult.upload_for_chat(SENDER, kind, "a.bin", media_type, b"1" * size)
    assert isinstance(refused, Outcome)
    assert (refused.verdict, refused.reason) == (Verdict.REJECTED, reason)


async def test_names_are_checked(consult: Consult) -> None:
    for name in ("", "n" * 1001, "a\r\nb.pdf"):
        refused = await consult.upload_for_chat(SENDER, "file", name, "application/pdf", b"%PDF")
        assert isinstance(refused, Outcome)
        assert refused.reason is Reason.REQUEST_REFUSED


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            recorded("consult/upload_image_refused"),
            (Verdict.REJECTED, Reason.CONTENT_REFUSED),
        ),
        (recorded("consult/upload_file_refused"), (Verdict.UNKNOWN, Reason.UNCERTAIN)),
        ({"code": "0000"}, (Verdict.UNKNOWN, Reason.UNREADABLE)),
        ({"code": "0000", "image": "javascript:x"}, (Verdict.UNKNOWN, Reason.UNREADABLE)),
        ({"code": "0000", "image": 7}, (Verdict.UNKNOWN, Reason.UNREADABLE)),
        ({}, (Verdict.UNKNOWN, Reason.UNREADABLE)),
    ],
)
async def test_answers_to_an_upload(
    consult: Consult,
    respx_mock: respx.MockRouter,
    body: Any,
    expected: tuple[Verdict, Reason],
) -> None:
    respx_mock.post(f"{HUB}/v1/image/upload").respond(json=body)
    outcome = await consult.upload_for_chat(SENDER, "image", "a.jpg", "image/jpeg", JPEG)
    assert isinstance(outcome, Outcome)
    assert (outcome.verdict, outcome.reason) == expected


async def test_ending_hands_back_to_the_bot(consult: Consult, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{HUB}/kakaoWebhook/v3/bzc/chat/endWithBot").respond(json={"code": 0})
    keys = {"user_key": USER, "sender_key": SENDER}
    for event, sent in (("delivery", keys | {"bot_event": "delivery"}), ("", keys)):
        assert (await consult.end(SENDER, USER, event)).verdict is Verdict.ACCEPTED
        assert orjson.loads(route.calls.last.request.content) == sent


@pytest.mark.parametrize("code", ["200", 200, "0", " 0000 "])
async def test_blocking_where_the_account_says(
    consult: Consult, respx_mock: respx.MockRouter, code: object
) -> None:
    assert consult.blocks
    route = respx_mock.post(url__regex=r".*/v9/(block|un)$").respond(json={"code": code})
    assert (await consult.block(SENDER, USER)).verdict is Verdict.ACCEPTED
    assert route.calls.last.request.url.path == "/api/v9/block"
    assert (await consult.unblock(SENDER, USER)).verdict is Verdict.ACCEPTED
    assert orjson.loads(route.calls.last.request.content) == {
        "user_key": USER,
        "sender_key": SENDER,
    }


async def test_blocking_is_off_without_the_paths() -> None:
    given = {"client_id": "c", "client_secret": "s", "hub_url": "https://h", "block_path": " / "}
    async with plain_client() as client:
        consult = Consult(Config.read(given, None), client)
        assert not consult.blocks
        refused = await consult.block(SENDER, USER)
        assert (refused.verdict, refused.code) == (Verdict.REJECTED, "no_path")
