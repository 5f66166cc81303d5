"""The application for tests: its routes are built once per process, its store is each test's own.

The first request to a new application builds some two hundred routes, which takes longer than
most tests; nothing of a test stays in them.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.config import Settings
from app.main import create_app

_built: dict[str, FastAPI] = {}


@asynccontextmanager
async def application(settings: Settings) -> AsyncIterator[FastAPI]:
    """An application that is started, over the store of these settings; never one in use."""
    key = settings.model_dump_json(exclude={"data", "database_url", "sandbox_url"})
    app = _built.pop(key, None) or create_app(settings)
    app.state.settings = settings
    async with app.router.lifespan_context(app):
        yield app
    _built[key] = app
