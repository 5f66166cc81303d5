"""A store of each kind for services whose own SQL must mean the same on both."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.config import Settings
from app.services.runtime import Runtime, open_runtime
from tests import stores


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Runtime]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres")
    async with open_runtime(Settings(data=tmp_path / "var", database_url=url)) as opened:
        await stores.migrate(opened.database)
        yield opened
