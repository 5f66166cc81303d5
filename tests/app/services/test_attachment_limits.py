"""Limits stand in one place, and a file over them is refused with the limit and what to do."""

from typing import Any

import pytest

from app.config import Settings
from app.errors import GatewayError
from app.services import attachment_limits
from app.services.attachment_limits import MB, MOST, insist, served
from tests.files import GIF, HEIC, M4A, MOV, MP4, PDF, RUNS
from tests.photos import jpeg, png


def refused(data: bytes, name: str = "a", **more: Any) -> GatewayError:
    with pytest.raises(GatewayError) as error:
        insist(data, name, **more)
    return error.value


def test_clients_are_told_what_this_installation_takes() -> None:
    sizes = {limit.kind: limit.size for limit in served(Settings())}
    assert sizes == {
        "image": 5 * MB,
        "link_image": 500_000,
        "video": 20 * MB,
        "audio": 10 * MB,
        "file": 20 * MB,
    }
    assert {limit.size for limit in served(Settings(max_attachment=100_000))} == {100_000}
    most = {limit.kind: limit.size for limit in served(Settings(max_attachment=MOST))}
    assert (most["video"], most["file"], most["image"]) == (300 * MB, 300 * MB, 5 * MB)


@pytest.mark.parametrize("data", [jpeg(size=5 * MB), png(), GIF, MP4, M4A, PDF, HEIC])
def test_what_fits_is_taken(data: bytes) -> None:
    assert insist(data, "a").name in ("image", "video", "audio", "file")


@pytest.mark.parametrize(
    ("data", "kind", "limit"),
    [
        (jpeg(size=5 * MB + 1), "image", 5 * MB),
        (M4A + bytes(10 * MB), "audio", 10 * MB),
    ],
)
def test_a_file_over_the_messenger_s_limit_is_refused(data: bytes, kind: str, limit: int) -> None:
    error = refused(data)
    assert (error.code, error.status, error.field) == ("attachment_too_large", 413, "file")
    assert error.data == {"kind": kind, "limit": limit, "count": len(data)}
    assert f"{limit:,}" in error.detail


def test_the_installation_s_own_limit_comes_first() -> None:
    assert refused(MP4 + bytes(100), most=100).data["limit"] == 100


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.txt", "attachment_empty"),
        (RUNS["svg"], "a.png", "attachment_runs"),
        (b"alert(1)", "a.js", "attachment_runs"),
        (jpeg()[:-2], "a.jpg", "attachment_unreadable"),
        (MOV, "a.mov", "attachment_unfit"),
    ],
)
def test_what_cannot_be_sent_is_refused(data: bytes, name: str, code: str) -> None:
    error = refused(data, name)
    assert (error.code, error.status, error.field) == (code, 422, "file")


def test_the_picture_of_a_bubble_with_buttons_is_smaller_and_still() -> None:
    assert insist(jpeg(size=500_000), "a", use="link_image").name == "image"
    assert refused(jpeg(size=500_001), use="link_image").data["limit"] == 500_000
    assert refused(GIF, use="link_image").code == "attachment_unfit"


def test_what_is_too_large_by_what_it_says_has_no_count() -> None:
    assert "count" not in attachment_limits.too_large("file", 1).data
