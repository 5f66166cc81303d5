"""How long a customer's line takes to the agents' screens, over what a bare echo takes.

The real app and scheduler, 20 agents with a stream each, 1,000 open threads. The hub posts a
message; the clock stops when one agent's stream has told of it and the agent has fetched the line.
In between lie three commits on the disk: the callback as it came, and the line with its event
(the app's, the scheduler's). Turn about with it the same client posts to a server that only passes
on, with as many streams.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from sqlmodel import col, select

from app.db.models import ProviderAccount, Sender
from app.services import accounts, arrivals, threads
from app.services.runtime import Runtime, open_runtime
from app.services.threads import Line as Words
from benchmarks.end_to_end import postgres_server
from benchmarks.harness import Benchmark, Measures, Number
from benchmarks.streams import Line
from tests.journeys.town import ROOT, Town, free_port, town

AGENTS, THREADS = 20, 1_000
SAMPLES, IN_A_ROW = 200, 10  # of each side; so many, then the other side's turn
PAUSE_S = 0.02  # between two messages
PATIENCE_S = 60.0
STREAM = "/v1/events/stream"


@dataclass
class Screens:
    """What the agents' streams have told, by what to look for."""

    waiting: dict[tuple[int, tuple[bytes, ...]], asyncio.Future[float]] = field(
        default_factory=dict
    )

    def heard(self, agent: int) -> Callable[[bytes], None]:
        def hear(data: bytes) -> None:
            for (who, what), future in list(self.waiting.items()):
                if who == agent and all(one in data for one in what) and not future.done():
                    future.set_result(time.perf_counter())

        return hear

    def expect(self, agent: int, *what: bytes) -> asyncio.Future[float]:
        future = asyncio.get_running_loop().create_future()
        self.waiting[agent, what] = future
        future.add_done_callback(lambda _: self.waiting.pop((agent, what)))
        return future


async def fill(runtime: Runtime, count: int) -> dict[str, str]:
    """Threads with an open chat and a waiting case: thread id by user key."""
    found = {}
    async with runtime.database.write() as tx:
        account = (
            await tx.session.exec(
                select(ProviderAccount).where(col(ProviderAccount.adapter) == "consult")
            )
        ).one()
        sender = (
            await tx.session.exec(select(Sender).where(col(Sender.account_id) == account.id))
        ).one()
        for n in range(count):
            key = f"customer{n}"
            thread = await threads.find_or_open(tx, runtime.sealer, sender, key, tx.now)
            session = await threads.permit(tx, thread, tx.now, "1")
            case = await arrivals.wake(tx, thread, tx.now)
            line = Words("customer", "text", "배송은 언제 되나요?")
            message = threads.add_line(tx, runtime.sealer, thread, line)
            message.case_id, message.chat_session_id = case.id, session.id
            case.due_first_at = tx.now  # received long ago: nothing is left to do for the scheduler
            thread.last_in_at, thread.unread = tx.now, 1
            found[key] = str(thread.id)
    return found


async def callback_path(runtime: Runtime) -> str:
    async with runtime.database.read() as session:
        query = select(ProviderAccount).where(col(ProviderAccount.adapter) == "consult")
        account = (await session.exec(query)).one()
    return accounts.callback_url(runtime, account).partition(runtime.settings.public)[2]


@asynccontextmanager
async def listening(url: str, path: str, headers: Mapping[str, str]) -> AsyncIterator[Screens]:
    """So many streams at once."""
    screens = Screens()
    lines = [await Line.to(url) for _ in range(AGENTS)]
    tasks = [
        asyncio.create_task(line.listen(path, headers, screens.heard(n)))
        for n, line in enumerate(lines)
    ]
    await asyncio.sleep(0.5)
    try:
        yield screens
    finally:
        for task, line in zip(tasks, lines, strict=True):
            task.cancel()
            await line.close()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class Ours:
    """The hub and the agents of the product."""

    place: Town
    path: str  # where the hub posts
    rooms: dict[str, str]
    screens: Screens
    hub: Line
    desk: Line

    async def one(self, n: int) -> tuple[float, float]:
        """Milliseconds until the event is there, and until the line is."""
        key = list(self.rooms)[(n * 37) % len(self.rooms)]
        thread, agent = self.rooms[key], n % AGENTS
        said = {
            "user_key": key,
            "sender_key": self.place.sender_key,
            "serial_number": f"s{n}-{time.time_ns()}",
            "session_id": "1",
            "type": "text",
            "content": f"줄 {n}",
        }
        # the case has events of its own: only the line's is what the agent waits for
        told = self.screens.expect(agent, thread.encode(), b"chat.message_received")
        began = time.perf_counter()
        post = asyncio.create_task(
            self.hub.ask("POST", f"{self.path}/message", JSON, orjson.dumps(said))
        )
        at = await asyncio.wait_for(told, PATIENCE_S)
        path = f"/v1/consultations/{thread}/messages?limit=1"
        found = orjson.loads(await self.desk.ask("GET", path, _auth(self.place)))
        took = time.perf_counter()
        await post
        assert found["items"][-1]["text"] == f"줄 {n}", found
        return (at - began) * 1000, (took - began) * 1000


JSON = {"Content-Type": "application/json"}


def _auth(place: Town) -> dict[str, str]:
    return {"Authorization": f"Bearer {place.key}"}


async def echo_one(line: Line, screens: Screens, n: int) -> float:
    """Milliseconds from a post to the agent's stream, with nothing in between."""
    what = f"echo-{n}-".encode()
    told = screens.expect(n % AGENTS, what)
    began = time.perf_counter()
    post = asyncio.create_task(line.ask("POST", "/", JSON, what + b"x" * 300))
    at = await asyncio.wait_for(told, PATIENCE_S)
    await post
    return (at - began) * 1000


def start_echo(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """The bare server, as the product runs its own: uvicorn in a process."""
    words = ["-m", "uvicorn", "benchmarks.echo:app", "--port", str(port), "--log-level", "error"]
    with (folder / "echo.log").open("wb") as log:
        return subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=log, stderr=log)


@asynccontextmanager
async def echo_server(folder: Path) -> AsyncIterator[str]:
    """Its address, once it answers."""
    port = free_port()
    process = start_echo(folder, port)
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + PATIENCE_S
        while not await _answers(url):
            assert process.poll() is None, "the echo ended"
            assert time.monotonic() < end, "no echo"
            await asyncio.sleep(0.05)
        yield url
    finally:
        process.kill()
        process.wait()


async def _answers(url: str) -> bool:
    try:
        line = await Line.to(url)
    except OSError:
        return False
    await line.close()
    return True


async def one_round(
    folder: Path, database_url: str = "", samples: int = SAMPLES, rooms: int = THREADS
) -> Measures:
    """Start everything and measure both sides turn about."""
    async with town(folder, database_url=database_url) as place:
        async with open_runtime(place.settings()) as runtime:
            found, path = await fill(runtime, rooms), await callback_path(runtime)
        async with echo_server(folder) as echo_url:
            lines = [await Line.to(url) for url in (place.app_url, place.app_url, echo_url)]
            async with (
                listening(place.app_url, STREAM, _auth(place)) as screens,
                listening(echo_url, "/", {}) as echoes,
            ):
                ours = Ours(place, path, found, screens, lines[0], lines[1])
                try:
                    return await _turns(ours, lines[2], echoes, samples)
                finally:
                    for line in lines:
                        await line.close()


async def _turns(ours: Ours, echo: Line, echoes: Screens, samples: int) -> Measures:
    took: dict[str, list[float]] = {"event": [], "screen": [], "echo": []}
    for n in range(-IN_A_ROW, samples):  # the first are not counted
        event, screen = await ours.one(n)
        await asyncio.sleep(PAUSE_S)
        bare = await echo_one(echo, echoes, n)
        await asyncio.sleep(PAUSE_S)
        if n >= 0:
            for name, figure in (("event", event), ("screen", screen), ("echo", bare)):
                took[name].append(figure)
    return {
        f"{name} {share}, ms": statistics.quantiles(figures, n=100)[percent - 1]
        for name, figures in took.items()
        for share, percent in (("p50", 50), ("p95", 95))
    }


def over_echo(name: str, share: str) -> Callable[[Measures], float]:
    return lambda measures: measures[f"{name} {share}, ms"] / measures[f"echo {share}, ms"]


def on_sqlite(samples: int, rooms: int) -> Callable[[Path], Measures]:
    """The side of a machine without a database server."""
    return lambda folder: asyncio.run(one_round(folder, "", samples, rooms))


def on_postgres(samples: int, rooms: int) -> Callable[[Path], Measures]:
    """The side with a PostgreSQL of its own, which writes to the disk before it says so."""

    def side(folder: Path) -> Measures:
        with postgres_server() as (url, _):
            return asyncio.run(one_round(folder, url, samples, rooms))

    return side


def benchmarks(samples: int = SAMPLES, rooms: int = THREADS) -> list[Benchmark]:
    """One of each database."""
    about = f"a customer's line on an agent's screen, {AGENTS} agents and {rooms:,} threads"
    made: dict[str, Any] = {"": ("SQLite", on_sqlite), "_postgres": ("PostgreSQL", on_postgres)}
    return [
        Benchmark(
            key=f"screen{suffix}_p95_over_echo",
            says=f"{about}, over a bare echo, on {database}",
            unit="",
            sides={database: side(samples, rooms)},
            value=over_echo("screen", "p95"),
            target=3,
            more={
                f"screen{suffix}_p50_over_echo": Number(over_echo("screen", "p50")),
                f"event{suffix}_p95_over_echo": Number(over_echo("event", "p95")),
            },
        )
        for suffix, (database, side) in made.items()
    ]


BENCHMARKS = benchmarks()
