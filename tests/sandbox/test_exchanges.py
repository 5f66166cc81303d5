"""Secrets are masked."""

from sandbox.exchanges import shown_body, shown_headers


def test_a_secret_is_only_said_to_be_there() -> None:
    raw = [(b"X-Secret-Key", b"s3"), (b"HT-Client-Secret", b"s5"), (b"Accept", b"*/*")]
    assert shown_headers(raw) == {"x-secret-key": "•••", "ht-client-secret": "•••"}


def test_a_body_that_is_no_text() -> None:
    assert shown_body(b"\xff\xfe") == "��"
