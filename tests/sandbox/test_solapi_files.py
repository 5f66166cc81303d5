"""Uploads, pictures in text messages, the balance."""

import base64
from typing import Any

import orjson
import pytest

from sandbox.pictures import KEPT, keep_picture
from sandbox.store import Store
from tests.sandbox.images import jpeg, png
from tests.sandbox.solapi_shop import Caller, text

FILES = "/storage/v1/files"


def body(data: bytes, kind: str = "MMS", **more: str) -> dict[str, str]:
    return {"file": base64.b64encode(data).decode(), "type": kind, **more}


async def test_an_upload_has_what_the_python_sdk_insists_on(solapi: Caller) -> None:
    status, said = await solapi.ask("POST", FILES, body(jpeg(10, 10), name="a.jpg"))
    assert status == 200
    assert said["fileId"].startswith("ST01FP")
    assert len(said["fileId"]) == 32
    assert (said["type"], said["originalName"], said["link"]) == ("MMS", "a.jpg", None)
    assert {"name", "url", "accountId", "references", "kakao", "dateCreated"} <= said.keys()
    assert set(said["kakao"]) == {"daou", "biztalk"}


async def test_a_link_is_kept(solapi: Caller) -> None:
    link = "https://shop.example/"
    _, said = await solapi.ask("POST", FILES, body(png(10, 10), "KAKAO", link=link))
    assert (said["link"], said["type"]) == (link, "KAKAO")


async def test_a_picture_goes_out(solapi: Caller, store: Store) -> None:
    _, said = await solapi.ask("POST", FILES, body(jpeg(10, 10)))
    sent = await solapi.send(text(imageId=said["fileId"], subject="제목"))
    solapi.deliver()
    stored = await solapi.stored(sent["messageList"][0]["messageId"])
    assert (stored["type"], stored["statusCode"]) == ("MMS", "4000")
    assert (stored["imageId"], stored["subject"]) == (said["fileId"], "제목")
    row = store.one("SELECT * FROM message WHERE provider = 'solapi'")
    assert row
    assert (row["kind"], row["title"]) == ("mms", "제목")
    (file,) = orjson.loads(row["payload"])["attachFileList"]
    assert said["url"].endswith(file["saveFileName"])


async def test_a_picture_of_another_account_is_none(solapi: Caller, store: Store) -> None:
    keep_picture(store, ("other", "solapi"), "ST01FP1", "image/jpeg", jpeg(10, 10))
    sent = await solapi.send(text(imageId="ST01FP1"))
    assert sent["failedMessageList"][0]["statusCode"] == "1023"


async def test_old_pictures_go(solapi: Caller, store: Store) -> None:
    _, said = await solapi.ask("POST", FILES, body(jpeg(10, 10)))
    for _ in range(KEPT):
        keep_picture(store, ("other", "mms"), "x", "image/jpeg", b"")
    sent = await solapi.send(text(imageId=said["fileId"]))
    assert sent["failedMessageList"][0]["statusCode"] == "1023"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"type": "MMS"},
        {"type": "MMS", "file": "***"},
        {"type": "MMS", "file": 1},
        body(b"no picture"),
        body(png(10, 10)),
        body(jpeg(10, 10), "CAT"),
        body(jpeg(10, 10), "FAX"),
        body(jpeg(10, 10), "DOCUMENT"),
        body(jpeg(10, 10, 200 * 1024 + 1)),
        body(jpeg(10, 10, 500 * 1024 + 1), "KAKAO"),
    ],
)
async def test_what_is_not_taken(solapi: Caller, wrong: dict[str, Any]) -> None:
    status, said = await solapi.ask("POST", FILES, wrong)
    assert (status, said["errorCode"]) == (400, "ValidationError")


@pytest.mark.parametrize(("kind", "size"), [("MMS", 200), ("KAKAO", 500), ("BMS_WIDE", 500)])
async def test_the_largest(solapi: Caller, kind: str, size: int) -> None:
    status, _ = await solapi.ask("POST", FILES, body(jpeg(10, 10, size * 1024), kind))
    assert status == 200


async def test_the_balance(solapi: Caller) -> None:
    _, before = await solapi.ask("GET", "/cash/v1/balance")
    assert (before["balance"], before["point"]) == (1_000_000, 0)
    await solapi.send(text(), text("01000001002"))
    _, after = await solapi.ask("GET", "/cash/v1/balance")
    assert after["balance"] == 1_000_000 - 40
