"""The sender: orders over HTTP, repeated until a 202 was heard, and its own list of them."""

import asyncio
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.journeys.town import Town

AT_ONCE = 6
SOME = (10, 25)
PATIENCE_S = 4.0  # for one answer
# share of phones by their last four digits (docs/sandbox.md); the others are plain. One lost answer
# is that of a whole call.
MAGIC = {"3019": 0.10, "3020": 0.05, "3005": 0.05, "0504": 0.015}
TWICE = 0.05  # share of orders that go to the phone of the order before
LATER, LATER_S = 0.3, 8.0  # share of orders to be sent later: work falls due while the app is dead


def phones(dice: random.Random) -> Iterator[str]:
    """Phone numbers without end, some on magic digits, some given twice."""
    number = 0
    while True:
        (tail,) = dice.choices([*MAGIC, ""], [*MAGIC.values(), 1 - sum(MAGIC.values())])
        phone = f"010{2000 + number % 7000:04d}{tail or f'7{number % 1000:03d}'}"
        yield phone
        if dice.random() < TWICE:
            yield phone
        number += 1


class Sender:
    """Keeps ordering and remembers what it was promised; an unheard answer is asked for again."""

    def __init__(self, place: Town, template: str, dice: random.Random) -> None:
        self.accepted: dict[str, str] = {}  # order → phone, each heard with a 202
        self.replayed = self.unheard = self.refused = 0
        self._place, self._template = place, template
        self._phones = phones(dice)
        self._dice = dice
        self._due: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self._made = 0
        self._http = httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S)

    def order(self, count: int | None = None) -> None:
        """So many more orders to send, some when it is not said."""
        for _ in range(count or self._dice.randint(*SOME)):
            order = f"A-{self._made:06d}"
            self._due.put_nowait((order, self._body(order, next(self._phones))))
            self._made += 1

    def _body(self, order: str, phone: str) -> dict[str, Any]:
        """A request; a repeat is the very same."""
        body = {"template": self._template, "to": phone, "reference": order}
        if self._dice.random() < LATER:
            at = datetime.now(UTC) + timedelta(seconds=self._dice.uniform(0, LATER_S))
            body["send_at"] = at.isoformat()
        return {**body, "variables": {"주문번호": order}}

    async def run(self) -> None:
        """Send what is ordered, until cancelled."""
        async with self._http, asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._work())

    async def all_heard(self) -> None:
        """Wait until every order got its 202."""
        await self._due.join()

    def phones(self, count: int) -> list[str]:
        """So many of the next phones, for orders somebody else sends."""
        return [next(self._phones) for _ in range(count)]

    async def _work(self) -> None:
        while True:
            order, body = await self._due.get()
            if not await self._try(order, body):
                self._due.put_nowait((order, body))
                await asyncio.sleep(0.05)
            self._due.task_done()

    async def _try(self, order: str, body: dict[str, Any]) -> bool:
        """One request; True when a 202 was heard. Raises AssertionError for a refusal."""
        headers = {"Authorization": f"Bearer {self._place.key}", "Idempotency-Key": f"key-{order}"}
        try:
            answer = await self._http.post(
                f"{self._place.app_url}/v1/messages", json=body, headers=headers
            )
        except httpx.TransportError:
            self.unheard += 1
            return False
        busy = answer.status_code == 429 or answer.status_code >= 500
        if busy or "idempotency_key_in_use" in answer.text:
            return False
        if "send_at_past" in answer.text:  # nobody was there for a minute: it is not to arrive
            self.refused += 1
            return True
        assert answer.status_code == 202, answer.text
        self.accepted[order] = body["to"]
        self.replayed += answer.headers.get("Idempotent-Replayed") == "true"
        return True
