"""One caller of every provider, and the rules it is to be hit by."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from sandbox.accounts import Channel, RelayKeys, put_relay
from sandbox.chaos.rules import Rule
from tests.sandbox import solapi_shop
from tests.sandbox.relays import AUTH
from tests.sandbox.server import Running
from tests.sandbox.shop import CALLER, CLIENT_SECRET, KEY, SECRET, SMS, SMS_SECRET
from tests.sandbox.solapi_shop import Caller


@dataclass
class Asker:
    """One caller of every provider."""

    running: Running
    solapi: Caller = field(init=False)

    def __post_init__(self) -> None:
        self.solapi = Caller(self.running.client, self.running.store)

    def arm(self, *rules: dict[str, Any]) -> None:
        self.running.store.chaos.arm([Rule(**rule) for rule in rules], 1)

    async def ask(self, provider: str, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {
            "nhn": SMS_SECRET if path.startswith(SMS) else SECRET,
            "solapi": self.solapi.header(),
            "relay": AUTH,
            "consult": CLIENT_SECRET,
        }[provider]
        return await self.running.client.request(method, path, json=body, headers=headers)

    @property
    def acted(self) -> list[int]:
        return [one.acted for one in self.running.store.chaos.armed]


def meet_all(running: Running) -> Asker:
    """The shop of NHN and the hub has accounts at SOLAPI and a relay, too."""
    solapi_shop.settle_in(running.store)
    put_relay(running.store, RelayKeys("k1", "s1", "look_up"), [Channel(KEY)], [CALLER])
    return Asker(running)
