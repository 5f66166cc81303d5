"""A scheduler process: lanes that come and go, dead predecessors, draining."""

import asyncio
import os
import socket
import sys

import httpx
from sqlalchemy import delete, update
from sqlmodel import select

from app.db.models import Lot, ProviderAccount, Worker, Workspace
from app.ids import new_id
from app.services import accounts
from app.services.credentials import NewAccount
from app.services.runtime import Runtime
from scheduler.worker import SchedulerWorker

NHN = {"app_key": "ak", "secret_key": "sk", "sms_app_key": "sak", "sms_secret_key": "ssk"}


async def add_account(runtime: Runtime) -> ProviderAccount:
    async with runtime.database.write() as tx:
        workspace = Workspace(name="shop")
        tx.session.add(workspace)
        await tx.session.flush()
        new = NewAccount(name="a", adapter="nhn", mode="sandbox", credentials=NHN)
        account, _ = await accounts.add(tx, runtime, workspace.id, new)
    return account


async def test_lanes_follow_the_accounts(runtime: Runtime) -> None:
    """Added, changed, disabled, removed: without a restart."""
    async with httpx.AsyncClient(trust_env=False) as client:
        worker = SchedulerWorker(runtime, client)
        await worker.start()
        assert worker.lanes == {}
        account = await add_account(runtime)
        await worker.refresh()
        lane = worker.lanes[account.id]
        async with runtime.database.write() as tx:
            await tx.session.exec(update(ProviderAccount).values(state="paused"))
        await worker.refresh()
        assert worker.lanes[account.id] is lane
        assert lane.account.state == "paused"
        async with runtime.database.write() as tx:
            await tx.session.exec(update(ProviderAccount).values(state="disabled"))
        await worker.refresh()
        assert worker.lanes[account.id] is lane, "its receipts and doubts still need it"
        async with runtime.database.write() as tx:
            lot = Lot(workspace_id=new_id(), account_id=account.id, route="sms", state="ready")
            tx.session.add(lot)
        assert await lane.pump(0) is False
        async with runtime.database.write() as tx:
            await tx.session.exec(delete(ProviderAccount))
        await worker.refresh()
        assert worker.lanes == {}
        await worker.stop()


async def test_a_dead_predecessor_holds_nothing(runtime: Runtime) -> None:
    """K10: killed on this machine; its lots are free at once, a living one's are not."""
    account = await add_account(runtime)
    gone = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await gone.wait()
    dead = Worker(host=socket.gethostname(), pid=gone.pid)
    alive = Worker(host=socket.gethostname(), pid=os.getpid())
    elsewhere = Worker(host="another-machine", pid=gone.pid)
    async with runtime.database.write() as tx:
        for owner in (dead, alive, elsewhere):
            tx.session.add(owner)
            tx.session.add(
                Lot(
                    workspace_id=new_id(),
                    account_id=account.id,
                    route="sms",
                    state="leased",
                    fence=1,
                    worker_id=owner.id,
                    lease_until=tx.now.replace(year=2100),
                )
            )
    async with httpx.AsyncClient(trust_env=False) as client:
        worker = SchedulerWorker(runtime, client)
        await worker.start()
        await worker.stop()
    async with runtime.database.read() as session:
        states = sorted(await session.exec(select(Lot.state)))
        workers = set(await session.exec(select(Worker.id)))
    assert states == ["done", "leased", "leased"]
    assert workers == {alive.id, elsewhere.id}


async def test_stop_wakes_and_ends_every_loop(runtime: Runtime) -> None:
    """K14: of the loops."""
    await add_account(runtime)
    async with httpx.AsyncClient(trust_env=False) as client:
        worker = SchedulerWorker(runtime, client)
        await worker.start()
        loops = [asyncio.create_task(worker.receive()), asyncio.create_task(worker.answer())]
        await asyncio.sleep(0.1)
        await worker.stop()
        async with asyncio.timeout(60):
            await asyncio.gather(*loops)
