"""What chaos does to a send call: before anything is taken, or to the answer afterwards.

The rules are asked in their order. Delays add up; the first other one that acts decides.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass

from fastapi.responses import Response, StreamingResponse

from sandbox.chaos.rules import Armed, Chaos, Rule
from sandbox.cut import Cut

BODIES = ("html", "cut_json", "charset", "null", "list")
PAGE = b"<!doctype html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
TAKEN = b'{"header": {"resultCode": 0, "isSuccessful": true}, "results": []}'


@dataclass(frozen=True, slots=True)
class Sending:
    """What the rules compare. `refuse` makes the error that tells a code of this provider."""

    provider: str
    account: str
    route: str
    template: str
    numbers: Callable[[], Iterable[object]]
    refuse: Callable[[str], Exception]


async def pass_through(
    chaos: Chaos, sending: Sending, take: Callable[[], Awaitable[Response]]
) -> Response:
    """The answer to a send call whose body has been read. Raises what `take` and `refuse` do.

    A call that the provider itself refuses is told so: nothing of it was taken.
    """
    if not chaos.sends:
        return await take()
    delays, struck = _draw(chaos, sending)
    await _pause(delays, taken=False)
    if struck and not struck.rule.takes:
        return _fail_before(struck, sending)
    response = await take()
    await _pause(delays, taken=True)
    if struck is None or isinstance(response, Cut):
        return response
    return _spoil(struck, response)


def _draw(chaos: Chaos, sending: Sending) -> tuple[list[Rule], Armed | None]:
    delays: list[Rule] = []
    for one in chaos.sends:
        if not _fits(one.rule, sending) or not one.draw():
            continue
        if one.rule.effect != "delay":
            return delays, one
        delays.append(one.rule)
    return delays, None


def _fits(rule: Rule, sending: Sending) -> bool:
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


def _fail_before(struck: Armed, sending: Sending) -> Response:
    """Nothing was taken. Raises what tells a code of the provider's own."""
    rule = struck.rule
    if rule.effect == "error_code":
        raise sending.refuse(rule.code or "")
    return _spoil(struck, Response(TAKEN, media_type="application/json"))


def _spoil(struck: Armed, response: Response) -> Response:
    """What the caller gets in place of the answer."""
    rule, body = struck.rule, bytes(response.body)
    if rule.effect in ("http_status", "throttle"):
        wait = 1 if rule.effect == "throttle" and rule.retry_after_s is None else rule.retry_after_s
        headers = {} if wait is None else {"Retry-After": str(wait)}
        return Response(PAGE, rule.status or 429, headers, media_type="text/html")
    if rule.effect == "drip":
        head = {"Content-Length": str(len(body)), "Content-Type": "application/json"}
        return StreamingResponse(_drops(body, rule.pause_s), response.status_code, head)
    if rule.effect == "garbage":
        return _garbage(rule.body or struck.dice.choice(BODIES), body)
    return Cut(hold_s=rule.pause_s)


async def _drops(body: bytes, pause_s: float) -> AsyncIterator[bytes]:
    for byte in body:
        yield bytes((byte,))
        await asyncio.sleep(pause_s)


def _garbage(kind: str, body: bytes) -> Response:
    """Status 200, and nothing a caller can read."""
    said = {
        "html": PAGE,
        "cut_json": body[: len(body) // 2],
        "charset": body.decode().encode("utf-16"),
        "null": b"null",
        "list": b"[]",
    }[kind]
    return Response(said, media_type="text/html" if kind == "html" else "application/json")
