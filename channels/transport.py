"""The way out: the one place that decides what HTTP says of a request.

Whether a message may be sent again hangs on one question: did anything leave this machine? Only
a connection that was never made is a sure "no"; every doubt counts as "it may have arrived".
"""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import orjson
from pyreqwest.exceptions import DetailedPyreqwestError, PyreqwestError
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_result,
    stop_after_attempt,
    stop_any,
    stop_before_delay,
    wait_fixed,
)

from channels.contract import Answer, Call, Outcome
from channels.vocabulary import Reason, Verdict

LARGEST_ANSWER = 8 * 1024 * 1024  # bytes, unpacked
LONGEST_RETRY_AFTER_S = 3600.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that was read to its end, whatever its status."""

    status: int
    body: bytes = field(repr=False)
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """No whole answer. ``sent`` is False only when certainly nothing left this machine."""

    sent: bool
    reason: Reason
    what: str  # the name of the error; never an address


@dataclass(frozen=True, slots=True)
class Judged:
    """What HTTP alone says of a request."""

    verdict: Verdict
    reason: Reason
    code: str = ""
    retry_after_s: float | None = None


def deadline_in(seconds: float) -> float:
    """A deadline for requests that come without one."""
    return time.monotonic() + seconds


async def post(
    client: httpx.AsyncClient,
    url: str,
    body: Mapping[str, Any],
    headers: Mapping[str, str],
    deadline: float,
) -> Reply | Trouble:
    """POST ``body`` as JSON. ``deadline`` (monotonic) covers everything, the last byte included."""
    return await call(client, "POST", url, body, headers, deadline)


async def call(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    body: Mapping[str, Any] | None,
    headers: Mapping[str, str],
    deadline: float,
) -> Reply | Trouble:
    """Any method, with ``body`` as JSON where there is one; as :func:`post`."""
    if body is None:
        request = client.build_request(method, url, headers=dict(headers))
    else:
        sent = {"Content-Type": "application/json;charset=UTF-8", **headers}
        request = client.build_request(method, url, content=_encode(body), headers=sent)
    return await exchange(client, request, deadline)


async def get(
    client: httpx.AsyncClient,
    url: str,
    params: Mapping[str, str] | Sequence[tuple[str, str]],
    headers: Mapping[str, str],
    deadline: float,
) -> Reply | Trouble:
    """GET; as :func:`post`. Pairs may repeat a name."""
    query = httpx.QueryParams(tuple(params.items() if isinstance(params, Mapping) else params))
    request = client.build_request("GET", url, params=query, headers=dict(headers))
    return await exchange(client, request, deadline)


def read(answer: Reply | Trouble) -> Any:
    """The answer's JSON; None when there is none or the status already decides (401, 403, 429)."""
    if isinstance(answer, Trouble) or answer.status in (401, 403, 429):
        return None
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None


def judge(answer: Reply | Trouble, now: datetime | None = None) -> Judged:
    """What remains to be said when :func:`read` gave nothing an adapter knows.

    ``now`` is needed only for a Retry-After that names a date.
    """
    if isinstance(answer, Trouble):
        if answer.sent:
            return Judged(Verdict.UNKNOWN, answer.reason, answer.what)
        return Judged(Verdict.DEFERRED, Reason.PROVIDER_DOWN, answer.what)
    code = f"HTTP {answer.status}"
    if answer.status == 429:
        wait = retry_after_s(answer.retry_after, now)
        return Judged(Verdict.DEFERRED, Reason.THROTTLED, code, wait)
    if answer.status in (401, 403):
        return Judged(Verdict.DEFERRED, Reason.MISCONFIGURED, code)
    return Judged(Verdict.UNKNOWN, Reason.UNREADABLE, code)


def one_for_all(call: Call, judged: Judged, answer: Reply | Trouble) -> Answer:
    """The answer of a call whose messages all share one fate."""
    outcomes = tuple(
        Outcome(m.ref, judged.verdict, judged.reason, judged.code, "", "", judged.retry_after_s)
        for m in call.messages
    )
    return with_evidence(outcomes, answer)


def with_evidence(
    outcomes: tuple[Outcome, ...], answer: Reply | Trouble, request_id: str = ""
) -> Answer:
    """An answer with the reply it was read from."""
    if isinstance(answer, Trouble):
        return Answer(outcomes, request_id)
    return Answer(outcomes, request_id, answer.status, answer.body)


def _encode(body: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # half a surrogate pair in a text: let the provider refuse that message
        return json.dumps(body).encode("ascii")


async def exchange(
    client: httpx.AsyncClient, request: httpx.Request, deadline: float
) -> Reply | Trouble:
    """Send once, and once more if the first try certainly never left (no connection was made)."""
    patience_s = max(0.0, min(0.8, deadline - time.monotonic() - 0.2))

    async def once() -> Reply | Trouble:
        return await _try(client, request, deadline)

    retrying = AsyncRetrying(
        retry=retry_if_result(lambda result: isinstance(result, Trouble) and not result.sent),
        stop=stop_any(stop_after_attempt(2), stop_before_delay(patience_s)),
        wait=wait_fixed(0.1),
        retry_error_callback=_keep,
    )
    return await retrying(once)


def _keep(state: RetryCallState) -> Reply | Trouble:
    assert state.outcome is not None  # a try was made
    kept: Reply | Trouble = state.outcome.result()
    return kept


async def _try(
    client: httpx.AsyncClient, request: httpx.Request, deadline: float
) -> Reply | Trouble:
    left = deadline - time.monotonic()
    if left <= 0:
        return Trouble(False, Reason.NO_ANSWER, "deadline")
    # The transport gets the same total time: a cancelled request lives on in its own thread and
    # holds its connection until then (pyreqwest 0.15).
    request.extensions["timeout"] = httpx.Timeout(None, read=left).as_dict()
    try:
        async with asyncio.timeout(left):
            return await _receive(client, request)
    except (httpx.HTTPError, httpx.StreamError, PyreqwestError, OSError) as error:
        if _never_left(error):
            return Trouble(False, Reason.NO_ANSWER, type(error).__name__)
        # the library's own name would say "connect" of a request that was read
        what = "timeout" if isinstance(error, httpx.TimeoutException) else "cut"
        return Trouble(True, Reason.NO_ANSWER, what)


async def _receive(client: httpx.AsyncClient, request: httpx.Request) -> Reply | Trouble:
    response = await client.send(request, stream=True)
    try:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                return Trouble(True, Reason.UNREADABLE, "too large")
    finally:
        await response.aclose()
    return Reply(response.status_code, bytes(body), response.headers.get("Retry-After", ""))


def _never_left(error: Exception) -> bool:
    """Whether the error proves that no byte of the request was written.

    pyreqwest reports a connection that broke *after* the request was read, and a total time-out,
    as connect errors too; only the step named among the causes tells them apart.
    """
    if isinstance(error, httpx.PoolTimeout):
        return True
    if not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return False
    cause = error.__cause__
    if not isinstance(cause, PyreqwestError):
        return True
    causes = cause.details["causes"] if isinstance(cause, DetailedPyreqwestError) else None
    return any(step["message"] == "client error (Connect)" for step in causes or ())


def retry_after_s(value: str, now: datetime | None) -> float | None:
    """Retry-After (RFC 9110 §10.2.3): seconds or a date; None when it is neither."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if now is None:
        return None
    if moment.tzinfo is None:  # "-0000": a date in UTC
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER_S)
