"""A messenger's store of files, a talk whose hub it is, and the fetcher over it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from app.db.models import Attachment
from app.guard import Guard
from scheduler.attachments import Fetcher
from tests.app.services.talks import Talk, talking
from tests.channels.sockets import Behave, write
from tests.hooks import Clock


class Store:
    """The messenger's own store: what it answers by path; 404 for the rest."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[int, bytes]] = {}
        self.hold = asyncio.Event()
        self.hold.set()
        self.asked = asyncio.Event()
        self.open = 0
        self.most_open = 0

    def behave(self, requests: list[bytes]) -> Behave:
        async def answer(number: int, writer: asyncio.StreamWriter) -> bool:
            path = requests[number - 1].split(b" ")[1].decode()
            self.open += 1
            self.asked.set()
            self.most_open = max(self.most_open, self.open)
            await self.hold.wait()
            self.open -= 1
            status, data = self.files.get(path, (404, b""))
            head = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(data))
            await write(writer, head + data)
            return False

        return answer


class Desk:
    """A talk whose hub is also the store of files, and the fetcher."""

    def __init__(self, talk: Talk, store: Store, guard: Guard) -> None:
        self.talk, self.store, self.guard, self.clock = talk, store, guard, Clock()
        self.fetcher = Fetcher(talk.runtime, guard, self.clock)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.talk.hub.port}{path}"

    async def photo(self, path: str, data: bytes | None = None, status: int = 200) -> None:
        if data is not None:
            self.store.files[path] = (status, data)
        await self.talk.hear({"url": self.url(path)}, type="photo")

    async def run(self, fetcher: Fetcher | None = None) -> None:
        """Until nothing is due."""
        mine = fetcher or self.fetcher
        idle = 0
        while idle < 2:  # one that ends during a turn leaves its place for the next
            idle = 0 if await mine.turn() else idle + 1
            if mine.running:
                await asyncio.wait(list(mine.running))

    async def row(self) -> Attachment:
        return await self.talk.only(Attachment)

    async def told(self) -> list[str]:
        return [data["state"] for _, data in await self.talk.events("chat.attachment_state")]

    def asked(self) -> int:
        return len(self.talk.hub.requests)


async def opened(tmp_path: Path, database_url: str = "") -> AsyncIterator[Desk]:
    store = Store()
    requests: list[bytes] = []
    async with talking(tmp_path, store.behave(requests), database_url) as talk:
        talk.hub.requests = requests
        settings = talk.runtime.settings
        async with Guard(settings) as guard:
            desk = Desk(talk, store, guard)
            yield desk
            store.hold.set()
            await desk.fetcher.stop()
