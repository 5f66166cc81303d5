"""The queue of consultations, moved: cases received and given out, snoozed ones woken.

Runs after every hint (a new case, a presence, a capacity, a team) and by the poll, so that nothing
waits for an event that was missed.
"""

from collections.abc import Awaitable, Callable
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from app.db.models.fields import now as clock
from app.db.session import Tx
from app.errors import GatewayError
from app.log import logger
from app.services import routing, snoozes
from app.services.runtime import Runtime

log = logger("routing")


async def route_due(runtime: Runtime) -> int:
    """Receive new cases, then give out what waits; how many cases moved."""
    return await receive_new(runtime) + await drain(runtime)


async def receive_new(runtime: Runtime) -> int:
    """Deadlines and automatic texts of cases a person is needed for."""
    async with runtime.database.read() as session:
        found = await routing.unreceived(session)
    done = 0
    for where in found:
        work = partial(routing.receive, sealer=runtime.sealer, where=where)
        done += await _one(runtime, work, case=str(where.case_id))
    return done


async def drain(runtime: Runtime) -> int:
    """Give waiting cases to free people until nothing more can be given."""
    given = 0
    async with runtime.database.read() as session:
        found = await routing.workspaces(session, clock())
    for workspace_id in found:
        async with runtime.database.read() as session:
            if not await routing.is_due(session, workspace_id, clock()):
                continue
        work = partial(routing.give, workspace_id=workspace_id)
        given += await _one(runtime, work, workspace=str(workspace_id))
    return given


async def wake_snoozed(runtime: Runtime) -> int:
    """Cases whose time has come; how many. A periodic job."""
    async with runtime.database.read() as session:
        found = await snoozes.due(session, clock())
    return sum(
        [
            await _one(runtime, partial(snoozes.end, where=one), case=str(one.case_id))
            for one in found
        ]
    )


async def _one(runtime: Runtime, work: Callable[[Tx], Awaitable[int]], **about: str) -> int:
    """One piece of work in its own transaction: what cannot be done holds up nothing else."""
    try:
        return await runtime.database.transact(work)
    except (GatewayError, SQLAlchemyError, LookupError, ValueError) as error:
        log.error("a case was not moved", error=type(error).__name__, **about)
        return 0
