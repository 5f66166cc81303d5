"""Scenes played by a process that is about to be killed: ``python -m tests.faults.child SCENE``."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import orjson
from sqlalchemy import event
from sqlmodel import select

from app.cli import lists, mailing
from app.cli.api import Api
from app.config import settings
from app.db.models import ProviderAccount
from app.db.session import Database, Tx
from app.ids import new_id
from app.main import create_app
from app.services import accounts
from app.services.runtime import Runtime, open_runtime
from scheduler import inbound, recovery, results
from scheduler.dispatch import Lane
from tests.app.api.shop import bearer
from tests.faults.witness import ANSWERS, Witness, ledger_of

BATCH = 5


def die() -> None:
    """As if the power went: no handler, no tidying up."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_before_commit(database: Database) -> None:
    """Everything is written, and not yet committed."""
    event.listen(database._writer.sync_engine, "commit", lambda _: die())


def die_with_events(kind: str) -> None:
    """Die when a transaction that tells ``kind`` has written everything but its commit."""
    write_events = Tx.write_events

    async def write_and_die(self: Tx) -> None:
        await write_events(self)
        if any(one == kind for told in self._events.values() for one, _, _ in told):
            die()

    Tx.write_events = write_and_die  # type: ignore[method-assign]


async def lane_of(runtime: Runtime, answer: str, wait_s: float = 0.0) -> Lane:
    """A lane on the only account, its provider the one with the ledger."""
    async with runtime.database.read() as session:
        account = (await session.exec(select(ProviderAccount))).one()
    ledger = ledger_of(runtime.settings)
    provider = Witness(ledger=ledger, answer=ANSWERS[answer], wait_s=wait_s, batch=BATCH)
    return Lane(runtime, account, provider, new_id())


async def turn(answer: str = "accepts", wait_s: str = "0", dies_telling: str = "") -> None:
    """One turn of a lane; dies at ``NARU_CRASH_AT``, or with an event of that kind."""
    if dies_telling:
        die_with_events(dies_telling)
    async with open_runtime(settings()) as runtime:
        lane = await lane_of(runtime, answer, float(wait_s))
        await lane.turn()


async def apply_receipts() -> None:
    """Apply the inbox; dies when it is all written and not committed."""
    die_with_events("attempt.delivered")
    async with open_runtime(settings()) as runtime:
        lane = await lane_of(runtime, "accepts")
        await results.apply_inbox(runtime, {lane.account.id: lane})


async def converse() -> None:
    """Apply what customers wrote; dies at ``NARU_CRASH_AT``."""
    async with open_runtime(settings()) as runtime, httpx.AsyncClient(trust_env=False) as client:
        await inbound.apply_due(runtime, lambda one: accounts.adapter_of(runtime, one, client))


async def work() -> None:
    """Like a scheduler: turns, recovery and look-ups, until somebody kills it."""
    async with open_runtime(settings()) as runtime:
        lane = await lane_of(runtime, "accepts", wait_s=0.05)
        lanes = {lane.account.id: lane}
        while True:
            await lane.turn()
            await recovery.recover_leases(runtime, lanes)
            await recovery.look_up_unknown(runtime, lanes)
            await asyncio.sleep(0.01)


async def post(moment: str, key: str, path: str, body: str, *headers: str) -> None:
    """POST to the application; dies before the commit, after it, or when it has the answer."""
    app = create_app(settings())
    async with app.router.lifespan_context(app):
        database: Database = app.state.runtime.database
        if moment == "before commit":
            die_before_commit(database)
        elif moment == "after commit":  # the first thing that follows it

            async def send(*_: Any) -> None:
                die()

            database.hints.send = send  # type: ignore[method-assign]
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://naru"
        ) as client:
            named = dict(zip(headers[::2], headers[1::2], strict=True))
            given = {**(bearer(key) if key else {}), **named, "Content-Type": "application/json"}
            answer = await client.post(path, content=body.encode(), headers=given)
            sys.stdout.write(f"{orjson.dumps([answer.status_code, answer.text]).decode()}\n")
            sys.stdout.flush()
        die()


async def mail(key: str, path: str) -> None:
    """``naru send --csv`` without its screen, against an application in this process."""
    layout = lists.open_list(Path(path), None, None)
    app = create_app(settings())
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://naru", headers=bearer(key)
        ) as client,
    ):
        rows = lists.recipients(layout, ["이름", "상품"])
        send = mailing.sender(Api(client), "order_shipped", 5.0)
        with mailing.RefusedRows(layout.path.with_name("refused.csv")) as refused:
            await mailing.mail(rows, send, Counter(), refused, lambda: None)


SCENES: dict[str, Callable[..., Coroutine[Any, Any, None]]] = {
    "turn": turn,
    "apply receipts": apply_receipts,
    "converse": converse,
    "work": work,
    "post": post,
    "mail": mail,
}

if __name__ == "__main__":
    asyncio.run(SCENES[sys.argv[1]](*sys.argv[2:]))
