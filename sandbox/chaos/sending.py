"""What chaos does to a provider call: before anything is done, or to the answer afterwards.

The rules are asked in their order. Delays add up; the first other one that acts decides.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

import orjson
from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from sandbox.chaos.rules import Armed, Chaos, Rule
from sandbox.cut import Cut

BODIES = ("html", "cut_json", "charset", "null", "list")
ASKED = "code_type"  # never drawn: it can be read, its code is only of another type
PAGE = b"<!doctype html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
TAKEN = b'{"header": {"resultCode": 0, "isSuccessful": true}, "results": []}'


def nobody() -> Iterable[object]:
    return ()


@dataclass(frozen=True, slots=True)
class Sending:
    """What the rules compare. `refuse` makes the error that tells a code of this provider.

    kind: which call it is, "" for one that only rules for any call hit. acted: effects that hit it
    are written here; `acted_of` gives the list that the request inspector shows.
    """

    provider: str
    account: str
    route: str
    template: str
    numbers: Callable[[], Iterable[object]]
    refuse: Callable[[str], Exception]
    acted: list[str] = field(default_factory=list)
    kind: str = "send"


@dataclass(frozen=True, slots=True)
class Struck:
    """The rule that decides. wait_s: when a rate limit would let the call through."""

    one: Armed
    wait_s: float = 0.0

    @property
    def rule(self) -> Rule:
        return self.one.rule

    @property
    def takes(self) -> bool:
        return self.rule.takes


def acted_of(request: Request) -> list[str]:
    """The list on which the inspector reads what chaos did to this request."""
    acted: list[str] = request.scope.setdefault("sandbox.acted", [])
    return acted


async def pass_through(
    chaos: Chaos, sending: Sending, take: Callable[[], Awaitable[Response]]
) -> Response:
    """The answer to a send call whose body has been read. Raises what `take` and `refuse` do.

    A call that the provider itself refuses is told so: nothing of it was taken.
    """
    return await disturb(chaos.sends, sending, take)


async def disturb(
    rules: Sequence[Armed], sending: Sending, take: Callable[[], Awaitable[Response]]
) -> Response:
    """The answer to a call after these rules. Raises what `take` and `refuse` do."""
    if not rules:
        return await take()
    delays, struck = _draw(rules, sending)
    await _pause(delays, taken=False)
    if struck and not struck.takes:
        return _fail_before(struck, sending)
    response = await take()
    await _pause(delays, taken=True)
    if struck is None or isinstance(response, Cut):
        return response
    return _spoil(struck, response)


def _draw(rules: Sequence[Armed], sending: Sending) -> tuple[list[Rule], Struck | None]:
    delays: list[Rule] = []
    for one in rules:
        struck = _strike(one, sending)
        if struck is None:
            continue
        sending.acted.append(one.rule.effect)
        if one.rule.effect != "delay":
            return delays, struck
        delays.append(one.rule)
    return delays, None


def _strike(one: Armed, sending: Sending) -> Struck | None:
    """Whether a rule acts on this call; a rate limit only on what exceeds it."""
    if not _fits(one.rule, sending):
        return None
    wait_s = 0.0
    if one.rule.effect == "rate_limit":
        recipients = len(list(sending.numbers()))
        wait_s = one.exceeds(f"{sending.provider} {sending.account}", recipients)
        if not wait_s:
            return None
    return Struck(one, wait_s) if one.draw() else None


def _fits(rule: Rule, sending: Sending) -> bool:
    if rule.call not in ("any", sending.kind):
        return False
    if not rule.hits(sending.provider, sending.account, sending.route, sending.template):
        return False
    return rule.number is None or any(ends(one, rule.number) for one in sending.numbers())


def ends(number: object, ending: str) -> bool:
    """Whether a number, however it is written, has this ending."""
    return "".join(filter(str.isdecimal, str(number))).endswith(ending)


async def _pause(delays: list[Rule], taken: bool) -> None:
    seconds = sum(rule.pause_s for rule in delays if rule.takes is taken)
    if seconds:
        await asyncio.sleep(seconds)


def _fail_before(struck: Struck, sending: Sending) -> Response:
    """Nothing was taken. Raises what tells a code of the provider's own."""
    rule = struck.rule
    if rule.effect == "error_code":
        raise sending.refuse(rule.code or "")
    return _spoil(struck, Response(TAKEN, media_type="application/json"))


def _spoil(struck: Struck, response: Response) -> Response:
    """What the caller gets in place of the answer."""
    rule, body = struck.rule, bytes(response.body)
    if rule.effect in ("http_status", "throttle", "rate_limit"):
        return _status(struck)
    if rule.effect == "drip":
        head = {"Content-Length": str(len(body)), "Content-Type": "application/json"}
        return StreamingResponse(_drops(body, rule.pause_s), response.status_code, head)
    if rule.effect == "garbage":
        return _garbage(rule.body or struck.one.dice.choice(BODIES), body)
    return Cut(hold_s=rule.pause_s)


def _status(struck: Struck) -> Response:
    """A status and a page, as whatever stands before the provider's service answers."""
    rule, status = struck.rule, struck.rule.status or 429
    wait = rule.retry_after_s
    if rule.effect == "throttle" and wait is None:
        wait = 1
    if rule.effect == "rate_limit":
        wait = math.ceil(struck.wait_s)
    headers = {} if wait is None else {"Retry-After": str(wait)}
    known = status in {one.value for one in HTTPStatus}
    title = f"{status} {HTTPStatus(status).phrase}" if known else str(status)
    page = PAGE.replace(b"502 Bad Gateway", title.encode())
    return Response(page, status, headers, media_type="text/html")


async def _drops(body: bytes, pause_s: float) -> AsyncIterator[bytes]:
    for byte in body:
        yield bytes((byte,))
        await asyncio.sleep(pause_s)


def _garbage(kind: str, body: bytes) -> Response:
    """Status 200, and nothing a caller can read."""
    said = {
        "html": PAGE,
        "cut_json": body[: len(body) // 2],
        "charset": body.decode("utf-8", "replace").encode("utf-16"),
        "null": b"null",
        "list": b"[]",
        ASKED: _retyped(body),
    }[kind]
    return Response(said, media_type="text/html" if kind == "html" else "application/json")


def _retyped(body: bytes) -> bytes:
    """The same answer with `code` as a text where it was a number, and the other way round."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body
    code = told.get("code") if isinstance(told, dict) else None
    if isinstance(code, str) and code.lstrip("-").isdecimal():
        return orjson.dumps({**told, "code": int(code)})
    if isinstance(code, int) and not isinstance(code, bool):
        return orjson.dumps({**told, "code": str(code)})
    return body
