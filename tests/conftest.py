"""What every test has: nothing leaves this machine, and a store of its own."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.db import schema
from app.services.runtime import Runtime, open_runtime

pytest_plugins = ["tests.needs"]
pytest.register_assert_rewrite("tests.channels.conformance")

LOOPBACK = ("127.", "::1", "localhost")


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
async def runtime(app_settings: Settings) -> AsyncIterator[Runtime]:
    """A migrated store on SQLite."""
    async with open_runtime(app_settings) as opened:
        await schema.migrate(opened.database)
        yield opened
