"""Files of MMS: uploaded, sent with, listed, forgotten after seven days."""

import base64
from typing import Any

import pytest

from sandbox.inbox import list_received
from sandbox.nhn.attachments import KEPT_MS
from tests.sandbox.images import jpeg, png
from tests.sandbox.server import Running
from tests.sandbox.shop import CALLER, HANA, SMS, SMS_SECRET

PICTURE = jpeg(1_000, 1_000)
FORM: dict[str, Any] = {
    "fileName": "a.jpg",
    "createUser": "gw",
    "fileBody": base64.b64encode(PICTURE).decode(),
}


async def upload(running: Running, **change: Any) -> dict[str, Any]:
    answer = await running.client.post(
        f"{SMS}/attachfile/binaryUpload", json={**FORM, **change}, headers=SMS_SECRET
    )
    found: dict[str, Any] = answer.json()
    return found


async def send(running: Running, *files: object) -> dict[str, Any]:
    body = {
        "title": "사진", "body": "본문", "sendNo": CALLER, "attachFileIdList": list(files),
        "recipientList": [{"recipientNo": HANA, "recipientGroupingKey": "m"}],
    }  # fmt: skip
    answer = await running.client.post(f"{SMS}/sender/mms", json=body, headers=SMS_SECRET)
    found: dict[str, Any] = answer.json()
    return found


async def test_an_upload_is_sent_and_listed_as_mms(running: Running) -> None:
    uploaded = await upload(running)
    file_id = uploaded["body"]["data"]["fileId"]
    sent = await send(running, file_id)
    assert sent["header"]["resultCode"] == 0
    await running.until(lambda: list_received(running.store))
    (message,) = list_received(running.store)
    assert (message.kind, message.payload["attachFileList"][0]["fileId"]) == ("mms", file_id)
    request = {"requestId": sent["body"]["data"]["requestId"]}
    listed = await running.client.get(f"{SMS}/sender/mms", params=request, headers=SMS_SECRET)
    (item,) = listed.json()["body"]["data"]
    assert (item["messageType"], item["sendType"]) == ("MMS", "1")
    day = {"startUpdateDate": item["resultDate"][:19], "endUpdateDate": item["resultDate"][:19]}
    day["endUpdateDate"] = day["endUpdateDate"][:11] + "23:59:59"
    answer = await running.client.get(f"{SMS}/message-results", params=day, headers=SMS_SECRET)
    assert [one["messageType"] for one in answer.json()["body"]["data"]] == ["MMS"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, 0),
        ({"fileBody": [*jpeg(10, 10)]}, 0),
        ({"fileName": "a" * 41 + ".jpg"}, 0),
        ({"fileName": "a" * 42 + ".jpg"}, -2002),
        ({"fileName": ""}, -2002),
        ({"fileName": None}, -2002),
        ({"fileName": "a.png"}, -2003),
        ({"fileName": "jpg"}, -2003),
        ({"fileBody": ""}, -2005),
        ({"fileBody": base64.b64encode(jpeg(9, 9, 300 * 1024)).decode()}, 0),
        ({"fileBody": base64.b64encode(jpeg(9, 9, 300 * 1024 + 1)).decode()}, -2005),
        ({"fileBody": base64.b64encode(jpeg(1_001, 9)).decode()}, -2009),
        ({"fileBody": base64.b64encode(png(9, 9)).decode()}, -2009),
        ({"fileBody": "no base64"}, -9997),
        ({"fileBody": [256]}, -9997),
        ({"fileBody": 7}, -9997),
        ({"createUser": ""}, -9997),
    ],
)
async def test_what_is_taken(quiet: Running, change: dict[str, Any], expected: int) -> None:
    assert (await upload(quiet, **change))["header"]["resultCode"] == expected


async def test_what_may_be_attached(quiet: Running) -> None:
    def body(size: int) -> str:
        return base64.b64encode(jpeg(9, 9, size)).decode()

    files = [
        (await upload(quiet, fileBody=body(size)))["body"]["data"]["fileId"]
        for size in (300 * 1024, 300 * 1024, 200 * 1024, 200 * 1024 + 1)
    ]
    for attached, expected in (
        (files[:3], 0),
        ([files[0], files[1], files[3]], -2005),
        (files[:2], 0),
        (files, -9997),
        ([files[0], 99_999], -2004),
        (["1"], -9997),
        ([True], -9997),
    ):
        assert (await send(quiet, *attached))["header"]["resultCode"] == expected, attached
    quiet.store.run("UPDATE picture SET created_at = created_at - ?", (KEPT_MS,))
    assert (await send(quiet, files[0]))["header"]["resultCode"] == -2004
