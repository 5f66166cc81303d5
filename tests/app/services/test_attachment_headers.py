"""Bytes of others leave under headers that let a browser show three kinds and run none."""

import pytest

from app.ids import new_id
from app.services.attachment_headers import SAFE, headers_of
from app.services.attachments import AttachmentView


def file(media_type: str, name: str) -> AttachmentView:
    return AttachmentView(new_id(), "in", name, "file", media_type, 1, "stored", "", "")


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/gif"])
def test_pictures_are_shown(media_type: str) -> None:
    headers = headers_of(file(media_type, "사진.jpg"))
    assert headers["Content-Disposition"].startswith("inline;")
    assert headers["Content-Disposition"].endswith("''%EC%82%AC%EC%A7%84.jpg")
    assert headers.items() >= SAFE.items()


@pytest.mark.parametrize(
    "media_type", ["text/html", "image/svg+xml", "text/plain", "", "video/mp4"]
)
def test_everything_else_is_saved_under_a_name_that_breaks_nothing(media_type: str) -> None:
    headers = headers_of(file(media_type, 'a"\r\nX: y.html'))
    disposition = headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "\r" not in disposition
    assert disposition.count('"') == 2
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
    assert headers.items() >= SAFE.items()
