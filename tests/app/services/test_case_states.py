"""What the scheduler asks four times a second, and the inbox each time, reads open cases only."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Presence
from app.db.models.fields import now as clock
from app.ids import new_id
from app.services import presence, queues, routing, snoozes, transfers
from app.services.callers import SCOPES, Caller
from app.services.cases import Agent
from app.services.runtime import Runtime

ME = Agent("김나루", new_id())
CALLER = Caller(new_id(), new_id(), "test", frozenset(SCOPES))


async def plans(runtime: Runtime, work: Callable[[AsyncSession], Awaitable[Any]]) -> list[str]:
    """How SQLite finds the cases in each statement of the work."""
    seen: list[tuple[str, Any]] = []

    def note(conn: Any, cursor: Any, sql: str, values: Any, *rest: Any) -> None:
        if '"case"' in sql and not sql.startswith("EXPLAIN"):
            seen.append((sql, values))

    async with runtime.database.read() as session:
        conn = await session.connection()
        event.listen(conn.sync_connection, "before_cursor_execute", note)
        await work(session)
        found = []
        for sql, values in seen:
            rows = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
            steps = [str(row.detail) for row in rows]
            found += [step for step in steps if step.split()[1] == "case"]
    return found


async def test_only_open_cases_are_read(runtime: Runtime, tmp_path: Path) -> None:
    now, home = clock(), CALLER.workspace_id
    free = routing.Free(Presence(workspace_id=home, staff_id=new_id()), "", frozenset(), 0)

    async def queue(session: AsyncSession) -> None:
        await session.exec(routing._queue(home, "live", [free], frozenset()))

    expected: list[tuple[Callable[[AsyncSession], Awaitable[Any]], set[str]]] = [
        (routing.unreceived, {"ix_case_unclocked"}),
        (lambda s: routing.workspaces(s, now), {"ix_case_queue"}),
        (queue, {"ix_case_queue"}),
        (lambda s: snoozes.due(s, now), {"ix_case_snoozed"}),
        (lambda s: presence.loads(s, home, "live"), {"ix_case_owner", "ix_case_state"}),
        (lambda s: transfers.holding(s, home, new_id()), {"ix_case_owner"}),
        (
            lambda s: queues.counts(s, CALLER, ME),
            {"ix_case_owner", "ix_case_queue", "ix_case_state", "ix_case_snoozed"},
        ),
    ]
    for work, indexes in expected:
        found = await plans(runtime, work)
        assert found
        for plan in found:
            assert any(name in plan for name in indexes), plan
