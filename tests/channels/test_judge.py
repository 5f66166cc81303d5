"""What HTTP alone says: the table every adapter shares."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.transport import Judged, Reply, Trouble, deadline_in, judge, read
from channels.vocabulary import Reason, Verdict

NOW = datetime(2026, 11, 22, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize("status", [200, 204, 302, 400, 404, 405, 413, 500, 502, 503, 504])
def test_what_names_no_outcome_is_unknown(status: int) -> None:
    assert judge(Reply(status, b"<html>")) == Judged(
        Verdict.UNKNOWN, Reason.UNREADABLE, f"HTTP {status}"
    )


def test_trouble_is_deferred_only_when_nothing_left() -> None:
    assert judge(Trouble(False, Reason.NO_ANSWER, "ConnectError")) == Judged(
        Verdict.DEFERRED, Reason.PROVIDER_DOWN, "ConnectError"
    )
    assert judge(Trouble(True, Reason.UNREADABLE, "too large")) == Judged(
        Verdict.UNKNOWN, Reason.UNREADABLE, "too large"
    )


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_pauses_whatever_the_body_says(status: int) -> None:
    reply = Reply(status, b'{"header":{"resultCode":0,"isSuccessful":true}}')
    assert read(reply) is None
    assert judge(reply) == Judged(Verdict.DEFERRED, Reason.MISCONFIGURED, f"HTTP {status}")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("9" * 400, 3600.0),
        ("Sun, 22 Nov 2026 01:16:00 GMT", 60.0),
        ("Sun, 22 Nov 2026 01:16:00 -0000", 60.0),
        ("Sun, 22 Nov 2026 01:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2099 01:00:00 GMT", 3600.0),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("1.5", None),
        ("²", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert judge(Reply(429, b"", value), NOW) == Judged(
        Verdict.DEFERRED, Reason.THROTTLED, "HTTP 429", seconds
    )


def test_a_date_needs_a_clock() -> None:
    reply = Reply(429, b"", "Sun, 22 Nov 2026 01:16:00 GMT")
    assert judge(reply).retry_after_s is None


@given(
    st.text(max_size=40) | st.from_regex(r"\w{3}, \d+ \w{3} \d+ [\d:]+ [+-]?\w+", fullmatch=True)
)
def test_no_retry_after_raises(value: str) -> None:
    seconds = judge(Reply(429, b"", value), NOW).retry_after_s
    assert seconds is None or 0 <= seconds <= 3600


@given(st.binary(max_size=60), st.integers(100, 599))
def test_no_body_raises(body: bytes, status: int) -> None:
    read(Reply(status, body))
    assert judge(Reply(status, body)).reason


@pytest.mark.parametrize("body", [b"[" * 100_000, b'"\\ud800"', b"1e999", b"NaN", b"\xff"])
def test_hostile_json_is_unreadable(body: bytes) -> None:
    assert read(Reply(200, body)) is None


def test_a_deadline_lies_ahead() -> None:
    assert 4.0 < deadline_in(5.0) - deadline_in(0.0) < 6.0
