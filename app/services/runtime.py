"""What every process of the gateway holds: settings, database, sealer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.config import Settings, load_secrets
from app.db.session import Database
from app.sealing import Sealer


@dataclass(frozen=True)
class Runtime:
    """Passed to services that need more than a transaction."""

    settings: Settings
    database: Database
    sealer: Sealer


@asynccontextmanager
async def open_runtime(settings: Settings) -> AsyncIterator[Runtime]:
    """Open the store of this installation, and close it at the end.

    Raises ValueError when ``secrets.toml`` cannot be used.
    """
    sealer = Sealer(load_secrets(settings.data))
    database = Database(settings.database, settings.data, settings.database_kept)
    try:
        yield Runtime(settings, database, sealer)
    finally:
        await database.close()
