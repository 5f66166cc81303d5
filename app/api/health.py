"""Health: whether this process lives, and whether it can work."""

import asyncio
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import func, select

from app.api.deps import RuntimeDep
from app.api.problems import responses
from app.db import revision
from app.db.models import Worker, fields
from app.errors import Unavailable
from app.services.runtime import Runtime

PATIENCE_S = 3.0

router = APIRouter(prefix="/health", tags=["health"])


class Live(BaseModel):
    """The process answers."""

    status: str = "ok"


class Ready(BaseModel):
    """Database and schema are as they must be."""

    status: str = "ok"
    schema_revision: str
    scheduler_beat_age_s: float | None = Field(
        description="seconds since a scheduler last showed that it lives, null if none ever did"
    )


@router.get("/live", summary="Is the process alive?")
async def live() -> Live:
    """Answers without looking at anything else."""
    return Live()


@router.get("/ready", summary="Can it work?", responses=responses(503))
async def ready(runtime: RuntimeDep) -> Ready:
    """Looks at the database and its schema. A scheduler that is away does not make this fail:
    messages are still accepted and wait."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            await revision.check(runtime.database)
            beat = await _newest_beat(runtime)
    except revision.WrongSchema as error:
        raise Unavailable("wrong_schema", str(error), retry_after_s=5) from error
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise Unavailable(
            "database_unavailable",
            f"The database does not answer ({type(error).__name__}). Is it running, and does "
            "NARU_DATABASE_URL name it?",
            retry_after_s=5,
        ) from error
    age_s = None if beat is None else max((fields.now() - beat).total_seconds(), 0.0)
    return Ready(schema_revision=revision.head(), scheduler_beat_age_s=age_s)


async def _newest_beat(runtime: Runtime) -> datetime | None:
    async with runtime.database.read() as session:
        return (await session.exec(select(func.max(Worker.beat_at)))).one()
