"""Images of templates: what is taken, and the code of what is not."""

from typing import Any

import pytest

from tests.sandbox.images import jpeg, png
from tests.sandbox.server import Running
from tests.sandbox.shop import ALIMTALK, SECRET

PLAIN, BESIDE = "/template-image", "/template-image/item-highlight"


async def upload(running: Running, path: str, name: str, data: bytes) -> dict[str, Any]:
    answer = await running.client.post(
        ALIMTALK + path, files={"file": (name, data)}, headers=SECRET
    )
    found: dict[str, Any] = answer.json()
    return found


async def test_a_picture_is_shown_at_its_address(running: Running) -> None:
    answer = await upload(running, PLAIN, "alimtalk-template-image.jpeg", jpeg(800, 400))
    assert answer["templateImage"]["templateImageName"] == "alimtalk-template-image.jpeg"
    shown = await running.client.get(answer["templateImage"]["templateImageUrl"])
    assert (shown.content, shown.headers["content-type"]) == (jpeg(800, 400), "image/jpeg")


@pytest.mark.parametrize(
    ("path", "name", "data", "expected"),
    [
        (PLAIN, "a.png", png(500, 250), 0),
        (PLAIN, "a.png", png(499, 249), -8001),
        (PLAIN, "a.png", png(501, 250), 0),
        (PLAIN, "a.png", png(502, 250), -8001),
        (PLAIN, "a.gif", png(500, 250), -4009),
        (PLAIN, "a.png", b"no picture", -8001),
        (PLAIN, "a.jpg", jpeg(500, 250, 500 * 1024), 0),
        (PLAIN, "a.jpg", jpeg(500, 250, 500 * 1024 + 1), -4007),
        (BESIDE, "a.png", png(108, 108), 0),
        (BESIDE, "a.png", png(107, 107), -8001),
        (BESIDE, "a.png", png(109, 108), -8001),
    ],
)
async def test_measures_and_sizes(
    quiet: Running, path: str, name: str, data: bytes, expected: int
) -> None:
    assert (await upload(quiet, path, name, data))["header"]["resultCode"] == expected


async def test_requests_without_a_file(quiet: Running) -> None:
    answer = await quiet.client.post(ALIMTALK + PLAIN, json={}, headers=SECRET)
    assert answer.json()["header"]["resultCode"] == -9996
    answer = await quiet.client.post(ALIMTALK + PLAIN, files={"x": b"1"}, headers=SECRET)
    assert answer.json()["header"]["resultCode"] == -4010
    broken = {**SECRET, "Content-Type": "multipart/form-data; boundary=x"}
    answer = await quiet.client.post(ALIMTALK + PLAIN, content=b"--x\r\nbroken", headers=broken)
    assert answer.json()["header"]["resultCode"] == -4010
    answer = await quiet.client.post(ALIMTALK + PLAIN, files={"file": b"1"})
    assert answer.json()["header"]["resultCode"] == -1001
