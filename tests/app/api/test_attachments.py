"""Files over HTTP: limits are told, refusals say what to do, no browser runs what comes back."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.db.models import AttachmentData
from tests.app.api.tools import BASE, Desk, opened
from tests.files import HARMLESS, PDF, RUNS
from tests.photos import jpeg

MOST = 200_000


@pytest.fixture
async def desk(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with opened(tmp_path, max_attachment=MOST) as made:
        yield made


async def test_an_upload_comes_back_as_it_was(desk: Desk) -> None:
    path = f"/{desk.thread}/attachments"
    for data, media_type in (HARMLESS["jpeg"], HARMLESS["pdf"]):
        made = await desk.ask("POST", path, 201, files={"file": ("사진 1.dat", data, "text/html")})
        assert (made["media_type"], made["size"], made["state"]) == (
            media_type,
            len(data),
            "stored",
        )
        answer = await desk.client.get(f"{BASE}/attachments/{made['id']}")
        assert answer.content == data
        headers = answer.headers
        assert headers["Content-Type"] == media_type
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
        assert headers["X-Simulated"] == "true"
        shown = headers["Content-Disposition"].partition(";")[0]
        assert shown == ("inline" if media_type == "image/jpeg" else "attachment")
        assert "filename*=UTF-8''%EC%82%AC%EC%A7%84%201" in headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("data", "name", "status", "code"),
    [
        (jpeg(size=MOST + 1), "a.jpg", 413, "attachment_too_large"),
        (jpeg(size=MOST + 100_000), "a.jpg", 413, "attachment_too_large"),
        (RUNS["html"], "a.jpg", 422, "attachment_runs"),
        (PDF, "a.exe", 422, "attachment_runs"),
        (b"", "a.txt", 422, "attachment_empty"),
        (jpeg()[:-2], "a.jpg", 422, "attachment_unreadable"),
    ],
)
async def test_refusals_name_field_limit_and_remedy(
    desk: Desk, data: bytes, name: str, status: int, code: str
) -> None:
    path = f"/{desk.thread}/attachments"
    answer = await desk.client.post(f"{BASE}{path}", files={"file": (name, data)})
    body = answer.json()
    assert (answer.status_code, body["code"], body["field"]) == (status, code, "file")
    if status == 413:
        assert body["data"]["limit"] == MOST
        assert "Save it smaller" in body["detail"]
    assert not await desk.talk.all(AttachmentData)


async def test_what_is_no_form_of_one_file_is_refused(desk: Desk) -> None:
    path = f"/{desk.thread}/attachments"
    form = {"Content-Type": "multipart/form-data"}
    bounded = {"Content-Type": "multipart/form-data; boundary=x"}
    two = [("file", ("a", b"a")), ("file", ("b", b"b"))]
    await desk.ask("POST", path, 400, json={})
    await desk.ask("POST", path, 400, content=b"--x", headers=form)
    await desk.ask("POST", path, 400, content=b"nonsense", headers=bounded)
    await desk.ask("POST", path, 400, files=two)
    missing = await desk.ask("POST", path, 422, files={"other": ("a", b"a")})
    assert missing["code"] == "attachment_missing"
    plain = await desk.ask("POST", path, 422, data={"file": "a"}, files={"x": ("a", b"a")})
    assert plain["code"] == "attachment_missing"
    use = await desk.ask("POST", path, 422, data={"use": "x"}, files={"file": ("a", b"a")})
    assert use["code"] == "bad_use"
    link = await desk.ask(
        "POST", path, 422, data={"use": "link_image"}, files={"file": ("a.pdf", PDF)}
    )
    assert link["code"] == "attachment_unfit"


async def test_limits_are_those_that_are_checked(desk: Desk) -> None:
    limits = await desk.ask("GET", "/limits")
    assert {one["kind"]: one["size"] for one in limits["files"]} == dict.fromkeys(
        ("image", "link_image", "video", "audio", "file"), MOST
    )
    assert (limits["text"], limits["note"], limits["kept_h"]) == (1_000, 4_000, 24)


async def test_lines_list_their_files(desk: Desk) -> None:
    await desk.talk.hear({"url": "https://hub.example/a.jpg"}, type="photo")
    lines = (await desk.ask("GET", f"/{desk.thread}/messages"))["items"]
    assert [len(line["attachments"]) for line in lines] == [0, 1]
    (file,) = lines[1]["attachments"]
    assert (file["state"], file["note"], file["name"]) == (
        "pending", "파일을 받는 중이에요", "a.jpg",
    )  # fmt: skip
    await desk.ask("GET", f"/attachments/{file['id']}", 404)  # it is not here yet


async def test_a_file_whose_key_was_destroyed_is_gone(desk: Desk) -> None:
    path = f"/{desk.thread}/attachments"
    made = await desk.ask("POST", path, 201, files={"file": ("a.jpg", jpeg())})
    await desk.talk.change(AttachmentData, sealed=b"")
    gone = await desk.ask("GET", f"/attachments/{made['id']}", 404)
    assert gone["code"] == "attachment_gone"
