"""A store whose clock stands still until a test moves it, and a running sandbox."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.seeds import plant
from sandbox.store import Store
from tests.sandbox import solapi_shop
from tests.sandbox.browsing import chromium, page, sandbox
from tests.sandbox.server import Running, open_quiet, serve
from tests.sandbox.shop import settle_in
from tests.sandbox.solapi_shop import Caller

__all__ = ["chromium", "page", "sandbox"]  # fixtures of the browser


@dataclass
class Clock:
    """Milliseconds since 1970."""

    ms: int = 1_795_000_000_000

    def __call__(self) -> int:
        return self.ms

    def pass_s(self, seconds: float) -> None:
        self.ms += int(seconds * 1000)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    """Named phones, one shop, nothing sent."""
    opened = Store(tmp_path / "sandbox.db", clock)
    plant(opened)
    settle_in(opened)
    yield opened
    opened.close()


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    """A sandbox over a real socket, with one shop; results come at once."""
    async with serve(tmp_path / "sandbox.db") as sandbox:
        settle_in(sandbox.store)
        sandbox.store.change_settings({"result_delay_s": 0})
        yield sandbox


@pytest.fixture
async def quiet(tmp_path: Path) -> AsyncIterator[Running]:
    """A sandbox with one shop, in this process: for what is answered at once."""
    async with open_quiet(tmp_path / "sandbox.db") as sandbox:
        settle_in(sandbox.store)
        yield sandbox


@pytest.fixture
async def solapi(store: Store) -> AsyncIterator[Caller]:
    """A caller of SOLAPI, in this process; nothing is delivered but by `deliver`."""
    store.change_settings({"result_delay_s": 0})
    solapi_shop.settle_in(store)
    async with solapi_shop.open_solapi(store) as caller:
        yield caller
