"""Health: alive without a look, ready only with database and schema."""

from datetime import timedelta
from pathlib import Path

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from app.db import schema
from app.db.models import Worker, fields
from app.db.session import Database
from app.services.runtime import Runtime


async def test_alive_and_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"status": "ok"}
    ready = await client.get("/health/ready")
    assert ready.status_code == 200
    assert ready.json() == {
        "status": "ok",
        "schema_revision": schema.head(),
        "scheduler_beat_age_s": None,
    }


async def test_the_newest_heartbeat_counts(client: httpx.AsyncClient, runtime: Runtime) -> None:
    async with runtime.database.write() as tx:
        for seconds in (90, 5):
            beat = fields.now() - timedelta(seconds=seconds)
            tx.session.add(Worker(host="h", pid=1, beat_at=beat))
    age_s = (await client.get("/health/ready")).json()["scheduler_beat_age_s"]
    assert 5 <= age_s < 60


async def test_another_schema_is_not_ready(client: httpx.AsyncClient, runtime: Runtime) -> None:
    async with runtime.database.schema_change() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'other'"))
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "wrong_schema")
    assert "other" in answer.json()["detail"]
    assert answer.headers["Retry-After"] == "5"
    assert (await client.get("/health/live")).status_code == 200


async def test_a_database_that_is_gone_is_not_ready(
    client: httpx.AsyncClient, app: FastAPI, runtime: Runtime, tmp_path: Path
) -> None:
    gone = Database("postgresql+asyncpg://me:planted@127.0.0.1:1/naru", tmp_path)
    app.state.runtime = Runtime(runtime.settings, gone, runtime.sealer)
    answer = await client.get("/health/ready")
    await gone.close()
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert "planted" not in answer.text
