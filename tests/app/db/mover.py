"""A process that migrates a store and dies at a given moment."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

from sqlalchemy import event

from app.db import schema
from app.db.session import Database


def _die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def _migrate(url: str, folder: Path, moment: str) -> None:
    database = Database(url, folder)
    left = int(moment) if moment.isdigit() else 0

    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            _die()

    engine = database._writer.sync_engine
    if moment == "commit":
        event.listen(engine, "commit", _die)
    else:
        event.listen(engine, "after_cursor_execute", count)
    await schema.migrate(database)
    await database.close()


def migrate(url: str, folder: Path, moment: str) -> None:
    """Migrate; ``commit`` dies right before the commit is asked for, ``7`` after 7 statements."""
    asyncio.run(_migrate(url, folder, moment))
