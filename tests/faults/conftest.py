"""Every fault happens on both databases."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.config import Settings
from app.services.runtime import Runtime, open_runtime
from tests.app.api.shop import Shop
from tests.faults.shop import approved_shop, serving


@pytest.fixture(params=["sqlite", "postgres"])
def app_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of an installation of its own, its store migrated."""
    folder = tmp_path / "var"
    folder.mkdir()
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated"), folder / "naru.db")
        return Settings(data=folder, database_url="")
    return Settings(data=folder, database_url=request.getfixturevalue("postgres"))


@pytest.fixture
async def runtime(app_settings: Settings) -> AsyncIterator[Runtime]:
    """The store as one process sees it."""
    async with open_runtime(app_settings) as opened:
        yield opened


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    """A workspace whose template is approved."""
    return await approved_shop(runtime)


@pytest.fixture
async def client(app_settings: Settings, runtime: Runtime) -> AsyncIterator[httpx.AsyncClient]:
    """A client of another process of the same installation."""
    async with serving(app_settings) as (_, made):
        yield made
