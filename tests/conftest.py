"""What every test has: nothing leaves this machine, and a store of its own."""

import gc
import os
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from app.config import Settings
from app.services.runtime import Runtime, open_runtime
from tests import statements

pytest_plugins = ["tests.needs", "tests.stores", "tests.trust", "tests.order"]
pytest.register_assert_rewrite("tests.channels.conformance", "tests.channels.listing")

# a slow machine is no fault of the code: no test is timed
hypothesis.settings.register_profile(
    "naru", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("naru")

# many processes share one PostgreSQL here, whose connections are counted
os.environ.setdefault("NARU_DATABASE_KEPT", "2")

LOOPBACK = ("127.", "::1", "localhost")

statements.share()
gc.disable()  # until all is imported and collected: nothing of it is garbage


def pytest_collection_finish() -> None:
    """Garbage is collected from here on; what is there now stays and is not looked through."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection to another machine fails the test that tried it."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(
            LOOPBACK
        ):
            pytest.fail(f"a test wanted to connect to {address[0]}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture
def app_settings(tmp_path: Path) -> Settings:
    """Settings of an installation in a folder of its own, on SQLite."""
    return Settings(data=tmp_path / "var", database_url="")


@pytest.fixture
async def runtime(app_settings: Settings, migrated: Path) -> AsyncIterator[Runtime]:
    """A migrated store on SQLite."""
    app_settings.data.mkdir(parents=True, exist_ok=True)
    shutil.copy(migrated, app_settings.data / "naru.db")
    async with open_runtime(app_settings) as opened:
        yield opened
