"""Secrets are hidden by name and by value, in headers, addresses and bodies."""

import pytest

from sandbox.accounts import NhnKeys, RelayKeys, put_nhn, put_relay
from sandbox.masks import HIDDEN, Mask, mask_of
from sandbox.store import Store

PLAIN = Mask(None)


def test_of_a_secret_header_it_is_only_said_that_it_was_there() -> None:
    raw = (
        (b"X-Secret-Key", b"s3"), (b"HT-Client-Secret", b"s5"), (b"Cookie", b"lang=ko"),
        (b"Accept", b"*/*"), (b"Authorization", b"Bearer abc"),
    )  # fmt: skip
    assert PLAIN.headers(raw) == {
        "x-secret-key": HIDDEN,
        "ht-client-secret": HIDDEN,
        "cookie": HIDDEN,
        "authorization": f"Bearer {HIDDEN}",
    }


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        (
            "HMAC-SHA256 ApiKey=K, Date=2026-11-22T10:00:00Z, salt=abc, signature=b25ac9",
            f"HMAC-SHA256 ApiKey=K, Date=2026-11-22T10:00:00Z, salt=abc, signature={HIDDEN}",
        ),
        ("HMAC-SHA256 apiKey=K", HIDDEN),
        ("secret", HIDDEN),
        ("Basic dTpw", f"Basic {HIDDEN}"),
    ],
)
def test_of_a_signature_only_whose_it_is(header: str, shown: str) -> None:
    assert PLAIN.headers(((b"authorization", header.encode()),)) == {"authorization": shown}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"apiSecret": "ab\\"c", "text": "글"}', f'{{"apiSecret": "{HIDDEN}", "text": "글"}}'),
        ('{"X-Secret-Key":"abc"}', f'{{"X-Secret-Key":"{HIDDEN}"}}'),
        ('{"password":"abc"}', f'{{"password":"{HIDDEN}"}}'),
        ("secretKey=abc&page=1", f"secretKey={HIDDEN}&page=1"),
        ("/a?x=1&client_secret=abc", f"/a?x=1&client_secret={HIDDEN}"),
        ('{"token":"a1"}', '{"token":"a1"}'),
    ],
)
def test_what_is_called_a_secret_is_hidden(text: str, shown: str) -> None:
    assert PLAIN.text(text) == shown


def test_the_secrets_of_accounts_are_hidden_wherever_they_stand(store: Store) -> None:
    put_nhn(store, NhnKeys("AK9", "kakao/secret+1", "SM9", 'quo"ted-secret'), [], [])
    put_relay(store, RelayKeys("relay-key-123", "sign-secret-1"), [], [])
    mask = mask_of(store)
    for secret in ("kakao/secret+1", "kakao%2Fsecret%2B1", 'quo\\"ted-secret', "relay-key-123"):
        assert mask.text(f"x {secret} y") == f"x {HIDDEN} y"
    assert mask.text("s3 s4") == "s3 s4", "too short to be hidden by value"
    body = b"a" * 8_185 + b"relay-key-123"
    assert "relay" not in mask.body(body), "not even the half that is shown"


def test_a_body_is_cut_and_may_be_no_text() -> None:
    assert PLAIN.body(b"\xff\xfe") == "��"
    shown = PLAIN.body("가".encode() * 5_000)
    assert shown.endswith("가…")
    assert len(shown.encode()) <= 8_192 + 3
