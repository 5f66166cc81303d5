"""How long searching consultations takes: ``python -m benchmarks.consultation_search [URL]``.

200,000 lines of made-up Korean are stored as the product stores them, in a throwaway SQLite or in
the empty PostgreSQL database of the URL; then each query is asked many times through the service.
The figures are in docs/consultation-search.md. Not one of ``make bench``: storing takes minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from pathlib import Path

from app.config import Settings
from app.db.models import ProviderAccount, Sender, Thread, Workspace
from app.db.schema import migrate
from app.ids import new_id
from app.services import grams, search, threads
from app.services.callers import SCOPES, Caller
from app.services.runtime import Runtime, open_runtime
from app.services.threads import Line

LINES, CHUNK, THREADS, ROUNDS = 200_000, 10_000, 500, 60
COLUMNS = (
    *("id", "workspace_id", "thread_id", "seq", "author_kind", "author", "kind", "sealed"),
    *("link_how", "status", "code", "tries", "created_at"),
)
GRAMS = ("workspace_id", "gram", "line_id")
SYLLABLES = "가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허고노도로모보소오조초"
QUERIES = {
    "배송": "common: every third line",
    "환불": "common: every third line",
    "예약": "1 line in 100",
    "특이": "5 lines of all, inside a word",
    "없음": "nowhere",
    "배송 예약": "common and rarer together",
    "배송 특이": "common and rare together",
    "교환반품": "four syllables, 1 line in 100",
    "배송 환불": "two common words never in one line: the worst",
}


def text_of(random_: random.Random, words: list[str], number: int) -> str:
    """A line of 3 to 9 words."""
    chosen = random_.choices(words, weights=range(len(words), 0, -1), k=random_.randint(3, 9))
    if number % 3 < 2:
        chosen.append(("배송은", "환불을")[number % 3])
    if number % 100 == 7:
        chosen.append("예약했어요")
    if number % 100 == 8:
        chosen.append("교환반품")
    if number % (LINES // 5) == 11:
        chosen.append("이상특이점")
    random_.shuffle(chosen)
    return " ".join(chosen)


async def store(runtime: Runtime) -> Caller:
    """The lines, as the product stores them."""
    random_ = random.Random(7)
    words = ["".join(random_.choices(SYLLABLES, k=random_.randint(2, 4))) for _ in range(3_000)]
    workspace = Workspace(name="bench")
    account = ProviderAccount(
        workspace_id=workspace.id,
        name="a",
        mode="live",
        adapter="consult",
        credentials_sealed=b"",
        callback_hash=b"",
    )
    sender = Sender(workspace_id=workspace.id, account_id=account.id, kind="chat", value="k")
    rooms = [
        Thread(
            workspace_id=workspace.id,
            account_id=account.id,
            sender_id=sender.id,
            user_key_hash=bytes([n % 256, n // 256]),
            sealed=b"",
        )
        for n in range(THREADS)
    ]
    async with runtime.database.write() as tx:
        for row in (workspace, account, sender, *rooms):
            tx.session.add(row)
            await tx.session.flush()
    for first in range(0, LINES, CHUNK):
        lines, pairs = [], []
        async with runtime.database.write() as tx:
            for number in range(first, first + CHUNK):
                id_, text = new_id(), text_of(random_, words, number)
                value = {"text": text, "content": {}}
                sealed = runtime.sealer.seal(threads.LINES, workspace.id, id_, value)
                where = (rooms[number % THREADS].id, number // THREADS + 1)
                line = (id_, workspace.id, *where, "customer", "", "text", sealed)
                lines.append((*line, "", "stored", "", 0, tx.now))
                found = grams.hashes(runtime.sealer, workspace.id, grams.of_text(text))
                pairs += [(workspace.id, one, id_) for one in found]
            await tx.sql.insert(tx.conn, "chat_message", COLUMNS, lines)
            await tx.sql.insert(tx.conn, "chat_gram", GRAMS, sorted(pairs, key=lambda p: p[1]))
        print(f"\r{first + CHUNK:,} lines", end="", flush=True)
    return Caller(workspace.id, new_id(), "live", frozenset(SCOPES))


async def write_one(runtime: Runtime, caller: Caller) -> tuple[float, float]:
    """The same of one transaction with a line of some forty characters."""
    async with runtime.database.read() as session:
        thread = (await search.search(session, runtime, caller, "배송", limit=1)).hits[0].thread_id
    began, busy = time.perf_counter(), time.process_time()
    async with runtime.database.write() as tx:
        held = await threads.lock(tx, caller.workspace_id, thread)
        held.last_seq = max(held.last_seq, LINES)
        line = Line(
            "customer", "text", "주문한 상품이 아직 도착하지 않았는데 언제쯤 받을 수 있을까요?"
        )
        threads.add_line(tx, runtime.sealer, held, line)
    return time.perf_counter() - began, time.process_time() - busy


async def ask(runtime: Runtime, caller: Caller, query: str) -> tuple[float, float]:
    """Seconds of one first page: by the clock, and of this process's processor time."""
    began, busy = time.perf_counter(), time.process_time()
    async with runtime.database.read() as session:
        await search.search(session, runtime, caller, query)
    return time.perf_counter() - began, time.process_time() - busy


def size_of(folder: Path) -> int:
    """Bytes of a SQLite store."""
    return sum(path.stat().st_size for path in folder.glob("naru.db*"))


def told(name: str, seconds: list[tuple[float, float]], says: str) -> None:
    """One line of the table, in milliseconds: p50 and p95 by the clock, then processor time."""
    cells = []
    for side in zip(*seconds, strict=True):
        ms = sorted(1000 * one for one in side)
        cells += [f"{statistics.median(ms):.1f}", f"{ms[int(0.95 * len(ms))]:.1f}"]
    print(f"| {name} | {says} | {' | '.join(cells)} |", flush=True)


async def main(url: str) -> None:
    """Store, then measure."""
    with tempfile.TemporaryDirectory(prefix="naru-search-") as folder:
        async with open_runtime(Settings(data=Path(folder), database_url=url)) as runtime:
            await migrate(runtime.database)
            began = time.perf_counter()
            caller = await store(runtime)
            print(f" in {time.perf_counter() - began:.0f} s")
            print(f"{size_of(Path(folder)):,} bytes")
            for query, says in QUERIES.items():
                await ask(runtime, caller, query)
                told(query, [await ask(runtime, caller, query) for _ in range(ROUNDS)], says)
            told("(write)", [await write_one(runtime, caller) for _ in range(ROUNDS)], "one line")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.consultation_search")
    parser.add_argument("url", nargs="?", default="", help="postgresql://… of an empty database")
    asyncio.run(main(parser.parse_args().url))
