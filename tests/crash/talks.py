"""A round of consultation: customers write numbered lines, staff answer, processes are killed.

Three witnesses: the phones' own list of what was written and what came, the staff's list of answers
they heard a 202 for, and the gateway's threads. Beside them listeners follow the events through
every cut. See docs/crash.md.
"""

import asyncio
import random
import re
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, or_, update
from sqlmodel import col, select

from app.db.models import Case, ChatMessage, InboundEvent, ProviderAccount, Thread
from app.db.session import Database
from tests.crash.installation import MIGRATING
from tests.crash.killer import gone
from tests.crash.nursery import Nursery
from tests.crash.talk_evidence import Evidence
from tests.journeys.town import Process, Town, ready, town
from tests.needs import fresh_database

CUSTOMERS = ("01040007001", "01040007002", "01040007003", "01040000504")  # the last loses answers
WRITES_S, ANSWERS_S = 0.12, 0.15
UNDER_WAY = 30
POINTS = ("C05", "C04", "C06")  # of schedulers, docs/delivery.md
APP_POINTS = ("C07", "K11", "C08", "C14")  # it is the app that applies what has just come
HURRIED = {"answer_delay_s": 0.15, "webhook_pause_s": 0.25}
CLOCK_S = (0.3, 1.5)
PATIENCE_S = 20.0  # until a point is passed
QUIET_S = 400.0  # until everything ended: what was killed three times waits two minutes by itself
NUMBER = re.compile(r"^[CA]-\d{5}$")


async def run(database: str, kills: int, seed: int, nursery: Nursery) -> Evidence:
    """One round; a fifth of the kills are the app's."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="naru-talks-")))
        url = stack.enter_context(fresh_database()) if database == "postgres" else ""
        async with MIGRATING:
            place = await stack.enter_async_context(town(folder, database_url=url, scheduler=False))
        round_ = _Round(place, nursery, random.Random(seed))
        await round_.all(max(2, kills // 5), kills - max(2, kills // 5))
        return round_.seen


class _Round:
    def __init__(self, place: Town, nursery: Nursery, dice: random.Random) -> None:
        self.seen = Evidence()
        self._place, self._nursery, self._dice = place, nursery, dice
        self._database = Database(place.settings().database, place.folder)
        self._http = httpx.AsyncClient(trust_env=False, timeout=5.0)
        self._count = 0
        self._received = 0  # customers' lines the first listener has heard of
        self._ended = asyncio.Event()

    async def all(self, apps: int, schedulers: int) -> None:
        """Kills and talks at the same time; then everything runs until all has ended."""
        try:
            await self._hurry()
            async with asyncio.TaskGroup() as group:
                talks = [group.create_task(self._write(one)) for one in CUSTOMERS]
                talks += [group.create_task(self._answer()) for _ in range(2)]
                listeners = [group.create_task(self._listen()) for _ in range(2)]
                self._start("scheduler", "")
                async with asyncio.TaskGroup() as killing:
                    killing.create_task(self._kill("app", self._points("app", apps)))
                    killing.create_task(self._kill("scheduler", self._points("", schedulers)))
                for talk in talks:
                    talk.cancel()
                await self._all_ended()
                await self._read()
                self._ended.set()
                await asyncio.wait(listeners, timeout=PATIENCE_S)
                for listener in listeners:
                    listener.cancel()
        finally:
            await self._database.close()
            await self._http.aclose()

    async def _hurry(self) -> None:
        """A lost answer is unknown after seconds, and calls are open long enough to be met."""
        async with self._database.write() as tx:
            hub = update(ProviderAccount).where(col(ProviderAccount.adapter) == "consult")
            await tx.session.exec(hub.values(deadline_s=1.0, settle_s=1.0))
        await self._place.desk("PATCH", "/settings", json=HURRIED)
        for number in CUSTOMERS:
            await self._place.desk("POST", "/phones", json={"number": number, "name": number[-4:]})

    # ---- who talks ------------------------------------------------------------------------

    async def _write(self, phone: str) -> None:
        """A customer writes; the sandbox keeps every line until the gateway has it.

        Not more than the machine can follow: some are always on their way.
        """
        mine = self.seen.written.setdefault(phone, [])
        while True:
            await asyncio.sleep(WRITES_S * self._dice.uniform(0.5, 1.5))
            if sum(map(len, self.seen.written.values())) - self._received >= UNDER_WAY:
                continue
            self._count += 1
            line = f"C-{self._count:05d}"
            body = {"sender_key": self._place.sender_key, "text": line}
            await self._place.desk("POST", f"/phones/{phone}/say", json=body)
            mine.append(line)

    async def _answer(self) -> None:
        """Staff answer threads in turn; an unheard answer is sent again with its client_key."""
        while True:
            await asyncio.sleep(ANSWERS_S)
            page = await self._api("GET", "/v1/consultations")
            rooms = [one for one in page.get("items", []) if one["case"]]
            if not rooms:
                continue
            room = self._dice.choice(rooms)
            self._count += 1
            text = f"A-{self._count:05d}"
            await self._say(room["id"], room["case"]["epoch"], text)

    async def _say(self, thread: str, epoch: int, text: str) -> None:
        body = {"text": text, "agent": "김나루", "epoch": epoch, "client_key": text}
        while True:
            answer = await self._api("POST", f"/v1/consultations/{thread}/messages", json=body)
            if answer.get("message"):
                self.seen.answered[text] = thread
            if answer:
                return  # accepted, or refused because the case moved on
            await asyncio.sleep(0.05)

    async def _api(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        """The JSON of an answer, {} when none was heard."""
        headers = {"Authorization": f"Bearer {self._place.key}"}
        try:
            url = self._place.app_url + path
            answer = await self._http.request(method, url, headers=headers, **more)
            found: dict[str, Any] = answer.json() if answer.status_code < 500 else {}
        except httpx.TransportError:
            return {}
        return found

    async def _listen(self) -> None:
        """Follow the events through every cut, from the first to the last there is."""
        heard: list[int] = []
        self.seen.heard.append(heard)
        url, last = f"{self._place.app_url}/v1/events/stream?after=0", ""
        while not (self._ended.is_set() and heard[-1:] == self.seen.events[-1:]):
            headers = {"Authorization": f"Bearer {self._place.key}", "Last-Event-ID": last}
            with suppress(httpx.TransportError):
                async with self._http.stream("GET", url, headers=headers) as answer:
                    async for kind, id_ in _events(answer):
                        last = id_ or last
                        if kind == "hello":
                            self.seen.cuts += 1
                        elif kind not in ("", "end", "gap"):
                            heard.append(int(last))
                        if heard is self.seen.heard[0] and kind == "chat.message_received":
                            self._received += 1
            await asyncio.sleep(0.05)

    # ---- who kills ------------------------------------------------------------------------

    def _points(self, who: str, count: int) -> Sequence[str]:
        if who == "app":
            return [APP_POINTS[n // 2 % len(APP_POINTS)] if n % 2 else "" for n in range(count)]
        named = [POINTS[n % len(POINTS)] for n in range(max(len(POINTS), count * 2 // 3))]
        chosen = named[:count] + [""] * (count - len(named))
        self._dice.shuffle(chosen)
        return chosen

    def _start(self, name: str, point: str) -> Process:
        armed = {"NARU_CRASH_AT": f"{point}:{self._dice.randint(1, 3)}"} if point else {}
        environment = {**self._place.environment, **armed}
        child = self._nursery.start(name, self._place.folder / f"{name}.log", environment)
        self._place.processes[name] = child
        return child

    async def _kill(self, name: str, points: Sequence[str]) -> None:
        """Each point on a new process; at the end one that lives."""
        for point in points:
            await self._end(name)
            child = self._start(name, point)
            if name == "app":
                await ready(self._http, self._place.app_url + "/health/live", child)
            await gone(child, PATIENCE_S if point else self._dice.uniform(*CLOCK_S))
            passed = child.poll() is not None
            assert not passed or child.returncode == -9, f"{name} ended with {child.returncode}"
            self.seen.kills[f"{name} {point if passed else 'by the clock'}"] += 1
        await self._end(name)
        child = self._start(name, "")
        if name == "app":
            await ready(self._http, self._place.app_url + "/health/live", child)

    async def _end(self, name: str) -> None:
        process = self._place.processes.get(name)
        if process is not None and process.poll() is None:
            process.kill()
            await gone(process, PATIENCE_S)

    # ---- what became of it ----------------------------------------------------------------

    async def _all_ended(self) -> None:
        """Every callback is applied and every answer has an end."""
        end = time.monotonic() + QUIET_S
        written = sum(map(len, self.seen.written.values()))
        while True:
            async with self._database.read() as session:
                due = select(func.count()).where(col(InboundEvent.due_at).is_not(None))
                going = or_(
                    col(ChatMessage.status) == "queued", col(ChatMessage.status) == "sending"
                )
                open_ = await session.scalar(due)
                open_ = (open_ or 0) + (
                    await session.scalar(select(func.count()).where(going)) or 0
                )
                customers = select(func.count()).where(col(ChatMessage.author_kind) == "customer")
                there = await session.scalar(customers) or 0
            if not open_ and there >= written:
                return
            if time.monotonic() > end:
                return  # the judge says what is missing
            await asyncio.sleep(0.1)

    async def _loose(self) -> int:
        """Customers' lines that hang in the air."""
        async with self._database.read() as session:
            statement = (
                select(func.count())
                .select_from(ChatMessage)
                .outerjoin(Thread, col(Thread.id) == col(ChatMessage.thread_id))
                .outerjoin(Case, col(Case.id) == col(ChatMessage.case_id))
                .where(col(ChatMessage.author_kind) == "customer")
                .where(
                    or_(col(Thread.id).is_(None), col(Case.thread_id).is_distinct_from(Thread.id))
                )
            )
            return int(await session.scalar(statement) or 0)

    async def _read(self) -> None:
        self.seen.loose = await self._loose()
        for room in (await self._api("GET", "/v1/consultations?limit=100"))["items"]:
            lines = await self._lines(room["id"])
            told = [line["text"] for line in lines if line["author_kind"] == "customer"]
            self.seen.lines[room["id"]] = told
            agents = [line for line in lines if line["author_kind"] == "agent"]
            self.seen.statuses |= {line["text"]: line["status"] for line in agents}
        for row in await self._place.received():
            if NUMBER.match(row["text"]) and row["text"].startswith("A"):
                self.seen.arrived[row["text"]] += 1
        body: dict[str, Any] = {"next": 0, "more": True}
        while body["more"]:
            body = await self._api("GET", f"/v1/events?after={body['next']}&limit=500")
            self.seen.events += [one["sequence"] for one in body["items"]]

    async def _lines(self, thread: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            after = found[-1]["seq"] if found else 0
            path = f"/v1/consultations/{thread}/messages?after={after}"
            page = (await self._api("GET", path))["items"]
            if not page:
                return found
            found += page


async def _events(answer: httpx.Response) -> AsyncIterator[tuple[str, str]]:
    """Kind and id of each event of a stream; of a comment the id alone."""
    kind = id_ = ""
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "id":
            id_ = value
        elif not line:
            yield kind, id_
            kind = id_ = ""
