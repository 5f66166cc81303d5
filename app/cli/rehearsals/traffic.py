"""Whom a rehearsal writes to, and how fast: numbers that belong to nobody, in batches."""

import asyncio
import math
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import httpx
from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_random_exponential

from app.cli.api import Api, Problem
from app.cli.failures import Failed
from app.cli.mailing import is_passing
from app.ids import new_id
from templates import files

BATCH = 1_000
PATH = "/v1/messages/batch"
# 010-0 and 010-1 are given to nobody (KISA rules on forged caller numbers); 010-0000 is left to
# the sandbox's named phones, and so are the endings by which it decides a phone's fate
BLOCKS = range(1, 2_000)
ENDINGS = frozenset({"3019", "3020", "3005", "0504", "0008"})
_USUAL = [text for n in range(10_000) if (text := f"{n:04}") not in ENDINGS]
ROOM = len(BLOCKS) * len(_USUAL)


@dataclass(frozen=True, slots=True)
class Traffic:
    """``count`` messages of one template, ``per_s`` a second (0: as fast as they are taken)."""

    template: str
    count: int
    per_s: float = 0
    first: int = 0  # place of the first number, of ROOM
    name: str = field(default_factory=lambda: f"rehearse-{new_id()}")  # also their reference

    def numbers(self) -> Iterator[str]:
        """A number for every message, each another one."""
        return (number(self.first + place) for place in range(self.count))

    def batches(self) -> Iterator[list[str]]:
        """Their numbers in the portions they leave in: at most a second's worth."""
        size = min(BATCH, math.ceil(self.per_s)) if self.per_s else BATCH
        numbers = self.numbers()
        while portion := list(islice(numbers, size)):
            yield portion


def number(place: int) -> str:
    """The mobile number at a place below ROOM: 010-0001-0000 is the first."""
    block, ending = divmod(place, len(_USUAL))
    return f"010{BLOCKS[block]:04}{_USUAL[ending]}"


def draw(count: int, seed: int | None) -> int:
    """A place where so many numbers have room; the same seed draws the same."""
    chance = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - no secret
    return chance.randrange(ROOM - count + 1)


async def send(api: Api, traffic: Traffic, sent: "Sent", patience_s: float) -> None:
    """Send all of it, and count in ``sent``.

    A batch without a clear answer is asked again under the same key, so its messages are accepted
    once. Raises Problem for a refusal, Failed where nobody answered for ``patience_s``.
    """
    _, sample = files.load(files.starters()[traffic.template])
    began = time.monotonic()
    for index, portion in enumerate(traffic.batches()):
        if traffic.per_s:
            await asyncio.sleep(began + sent.messages / traffic.per_s - time.monotonic())
        body = _body(traffic, portion, sample)
        told = await _ask(api, body, f"{traffic.name}-{index}", patience_s)
        if told.get("simulated") is not True:  # a test key cannot; the last guard all the same
            raise Failed("이 키는 실제 계정으로 보내요. (The key reaches live accounts.)")
        sent.messages += len(portion)
    sent.done = True


@dataclass
class Sent:
    """How far the sending is."""

    messages: int = 0
    done: bool = False


def _body(traffic: Traffic, portion: Sequence[str], sample: Mapping[str, str]) -> dict[str, Any]:
    """A rehearsal is not put off until morning by the template's window; the law's night holds."""
    return {
        "template": traffic.template,
        "send_window": "any",
        "messages": [
            {"to": to, "variables": dict(sample), "reference": traffic.name} for to in portion
        ],
    }


async def _ask(api: Api, body: Any, key: str, patience_s: float) -> Mapping[str, Any]:
    try:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(is_passing),
            stop=stop_after_delay(patience_s),
            wait=wait_random_exponential(multiplier=0.2, max=5.0),
            reraise=True,
        ):
            with attempt:
                told: Mapping[str, Any] = await api.ask("POST", PATH, body, key=key)
                return told
    except (httpx.TransportError, Problem) as error:
        if not is_passing(error):
            raise
        raise Failed(
            f"나루가 {patience_s:.0f}초 동안 받지 않아요. "
            f"(Naru took nothing for {patience_s:.0f} s: {error or type(error).__name__}.)"
        ) from None
    raise AssertionError("tenacity ended without a result")
