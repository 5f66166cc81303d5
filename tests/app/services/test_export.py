"""Export: every message once, whatever the page; nothing personal unless asked by who may."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from app.db.models.fields import now as clock
from app.errors import Forbidden, Invalid
from app.services import export
from app.services.callers import Caller
from app.services.export import COLUMNS, Export, csv_lines, edge, json_lines
from app.services.runtime import Runtime
from tests.engine import Engine, engine

NUMBERS = [f"0101234{i:04d}" for i in range(23)]


def today(**more: Any) -> Export:
    return Export(clock() - timedelta(hours=1), clock() + timedelta(hours=1), **more)


async def everything(eng: Engine, asked: Export) -> list[dict[str, Any]]:
    return [row async for page in export.pages(eng.runtime, eng.caller, asked) for row in page]


@pytest.mark.parametrize("size", [1, 7, 23, 500])
async def test_every_message_once(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(export, "PAGE", size)
    eng = await engine(runtime)
    ids = await eng.accept(*NUMBERS)
    await eng.run()
    rows = await everything(eng, today())
    assert [row["id"] for row in rows] == [str(id_) for id_ in sorted(ids)]
    assert {row["status"] for row in rows} == {"sent"}
    assert {(row["route"], row["cost"], row["attempts"]) for row in rows} == {("alimtalk", 6.5, 1)}
    assert all(row["sent_at"] and row["simulated"] for row in rows)
    assert set(NUMBERS) & set(orjson.dumps(rows).decode().split('"')) == set()
    whole = await everything(eng, today(whole_numbers=True))
    assert [row["to"] for row in whole] == NUMBERS


async def test_only_what_was_asked_for(runtime: Runtime) -> None:
    eng = await engine(runtime)
    await eng.accept(NUMBERS[0])
    await eng.run()
    await eng.accept(NUMBERS[1], reference="later")
    assert [r["reference"] for r in await everything(eng, today(status="queued"))] == ["later"]
    long_ago = Export(clock() - timedelta(days=2), clock() - timedelta(days=1))
    assert await everything(eng, long_ago) == []
    live = Caller(eng.workspace_id, eng.caller.key_id, "live", eng.caller.scopes)
    assert [page async for page in export.pages(runtime, live, today())] == []


async def test_nobody_holds_a_session_between_pages(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow reader of a long file keeps no old snapshot alive."""
    monkeypatch.setattr(export, "PAGE", 2)
    eng = await engine(runtime)
    await eng.accept(*NUMBERS[:4])
    seen = []
    async for page in export.pages(runtime, eng.caller, today()):
        assert runtime.database._reader.pool.checkedout() == 0  # type: ignore[attr-defined]
        seen += page
        if len(seen) == 2:
            await eng.accept(NUMBERS[10])
    assert len(seen) == 5, "what came meanwhile is in a later page"


async def pages(*rows: dict[str, Any]) -> AsyncIterator[list[dict[str, Any]]]:
    yield list(rows)


async def whole(lines: AsyncIterator[bytes]) -> str:
    return b"".join([line async for line in lines]).decode()


async def test_the_file_as_csv() -> None:
    row = dict.fromkeys(COLUMNS) | {"id": "1", "reference": '=cmd|"x"', "cost": 6.5}
    text = await whole(csv_lines(pages(row), bom=True, trailer=True))
    assert text[0] == "\ufeff"
    heading, first, last = csv.reader(io.StringIO(text[1:], newline=""))
    assert tuple(heading) == COLUMNS
    told = dict(zip(heading, first, strict=True))
    assert (told["id"], told["reference"], told["cost"]) == ("1", '\'=cmd|"x"', "6.5")
    assert last == ["end", "1"]
    bare = await whole(csv_lines(pages(), bom=False, trailer=False))
    assert bare.count("\r\n") == 1


async def test_the_file_as_json_lines() -> None:
    text = await whole(json_lines(pages({"id": "1"}, {"id": "2"}), trailer=True, simulated=True))
    assert [orjson.loads(line) for line in text.splitlines()] == [
        {"id": "1"},
        {"id": "2"},
        {"end": True, "rows": 2, "simulated": True},
    ]


def test_edges() -> None:
    assert edge("2026-11-23", "from", ends=False) == datetime(2026, 11, 22, 15, tzinfo=UTC)
    assert edge("2026-11-23", "to", ends=True) == datetime(2026, 11, 23, 15, tzinfo=UTC)
    nine = datetime(2026, 11, 23, tzinfo=UTC)
    assert edge("2026-11-23T09:00:00+09:00", "to", ends=True) == nine
    assert edge("2026-11-23T09:00:00 09:00", "to", ends=True) == nine  # `+` nobody encoded


@pytest.mark.parametrize(
    "text", ["", "today", "2026-13-01", "2026-11-23T09:00:00", "0001-01-01T00:00:00+09:00"]
)
def test_times_that_are_none(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        edge(text, "from", ends=False)
    assert (refused.value.code, refused.value.field) == ("bad_time", "from")


@pytest.mark.parametrize(
    ("days", "code"), [(0, "bad_range"), (-1, "bad_range"), (32, "range_too_long")]
)
def test_ranges(days: int, code: str) -> None:
    now = clock()
    with pytest.raises(Invalid) as refused:
        Export(now, now + timedelta(days=days))
    assert refused.value.code == code


async def test_whole_numbers_are_for_administrators(runtime: Runtime) -> None:
    eng = await engine(runtime)
    today(whole_numbers=True).check(eng.caller)
    reader = Caller(eng.workspace_id, eng.caller.key_id, "test", frozenset({"messages:read"}))
    today().check(reader)
    with pytest.raises(Forbidden):
        today(whole_numbers=True).check(reader)
