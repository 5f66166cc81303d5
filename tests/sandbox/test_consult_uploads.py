"""The hub's uploads: pictures and files, and that only what was uploaded is written."""

from typing import Any

import pytest

from sandbox.inbox import list_messages
from sandbox.pages.attachments import file_of
from sandbox.talks import say
from tests.photos import jpeg, png
from tests.sandbox.server import Running
from tests.sandbox.shop import CLIENT_SECRET, HANA, KEY
from tests.sandbox.test_consult import letter, post

IMAGE, FILE = "/consult/v1/image/upload", "/consult/kakaoWebhook/v3/bzc/file/upload"


async def upload(
    running: Running, path: str, data: bytes, name: str = "a.jpg", **fields: str
) -> dict[str, Any]:
    part = "image" if path == IMAGE else "file"
    answer = await running.client.post(
        path,
        data={"sender_key": KEY, **fields},
        files={part: (name, data, "application/octet-stream")},
        headers=CLIENT_SECRET,
    )
    found: dict[str, Any] = answer.json()
    return found


async def test_a_picture_is_kept_shown_and_written(quiet: Running) -> None:
    data = jpeg()
    told = await upload(quiet, IMAGE, data)
    assert told["code"] == "0000"
    assert (await quiet.client.get(told["image"])).content == data
    say(quiet.store, HANA, KEY, "안녕하세요")
    line = letter(quiet, message_type="IM", image_url=told["image"])
    assert (await post(quiet, "write", line))["code"] == 0
    assert list_messages(quiet.store, HANA)[-1].payload["image_url"] == told["image"]
    page = (await quiet.client.get(f"/phones/{HANA}?app=chat&room={KEY}")).text
    assert told["image"].rsplit("/", 1)[-1] in page


async def test_a_file_comes_back_as_a_download(quiet: Running) -> None:
    told = await upload(quiet, FILE, b"<script>1</script>", "../약관.html", file_type="file")
    assert (told["code"], told["name"], told["size"]) == ("0000", "약관.html", 18)
    got = await quiet.client.get(told["file"])
    assert got.content == b"<script>1</script>"
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    say(quiet.store, HANA, KEY, "안녕하세요")
    line = letter(quiet, message_type="FI", file_url=told["file"], file_name="약관.html")
    assert (await post(quiet, "write", line))["code"] == -400  # file_size is required
    assert (await post(quiet, "write", line | {"file_size": 18}))["code"] == 0
    shown = file_of(list_messages(quiet.store, HANA)[-1])
    assert shown is not None
    assert shown.name == "약관.html"


async def test_only_what_was_uploaded_is_written(quiet: Running) -> None:
    say(quiet.store, HANA, KEY, "안녕하세요")
    for url in ("https://elsewhere.example/a.jpg", "x", "http://h/consult/files/no/a.pdf"):
        line = letter(quiet, message_type="IM", image_url=url)
        refused = await post(quiet, "write", line)
        assert (refused["code"], refused["message"]) == (-400, "NotUploadedException")


@pytest.mark.parametrize(
    ("path", "data", "fields", "code"),
    [
        (IMAGE, b"no picture", {}, "-505"),
        (IMAGE, jpeg(size=5 * 1024 * 1024 + 1), {}, "-505"),
        (IMAGE, jpeg(), {"sender_key": "f" * 40}, -501),
        (IMAGE, png(100, 100), {"image_type": "link"}, "-505"),
        (IMAGE, png(720, 720), {"image_type": "link"}, "0000"),
        (FILE, b"", {}, -505),
        (FILE, b"a", {"file_type": "poem"}, -400),
        (FILE, b"a", {"file_type": "audio"}, "0000"),
    ],
)
async def test_codes_of_uploads(
    quiet: Running, path: str, data: bytes, fields: dict[str, str], code: object
) -> None:
    assert (await upload(quiet, path, data, **fields))["code"] == code


async def test_strangers_and_other_forms(quiet: Running) -> None:
    assert (await quiet.client.post(IMAGE)).status_code == 401
    plain = await quiet.client.post(IMAGE, json={}, headers=CLIENT_SECRET)
    assert plain.json()["code"] == -400
    empty = await quiet.client.post(FILE, files={"x": b"1"}, headers=CLIENT_SECRET)
    assert empty.json()["code"] == -400
    assert (await quiet.client.get("/consult/files/none/a.pdf")).status_code == 404
