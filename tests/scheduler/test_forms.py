"""Approved wordings: read once per version, never again, and one that is broken harms no other."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine as AnyEngine

from app.db.models import Message, TemplateRegistration, TemplateVersion
from app.ids import new_id
from app.services.runtime import Runtime
from scheduler import forms as module
from scheduler.batches import read_lot
from scheduler.forms import forms
from tests.engine import FORM, Engine, engine
from tests.scheduler.test_batches import NOW, change, one_lot


@pytest.fixture
async def eng(runtime: Runtime) -> Engine:
    return await engine(runtime)


@contextmanager
def questions() -> Iterator[list[str]]:
    """What the database is asked meanwhile about versions."""
    asked: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM template_version" in statement:
            asked.append(statement)

    event.listen(AnyEngine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(AnyEngine, "before_cursor_execute", note)


async def ask(eng: Engine, *version_ids: UUID) -> set[UUID]:
    async with eng.runtime.database.read() as session:
        return set(await forms(session, version_ids))


async def test_a_version_is_read_once(eng: Engine) -> None:
    with questions() as asked:
        assert await ask(eng, eng.version_id) == {eng.version_id}
        assert await ask(eng, eng.version_id) == {eng.version_id}
        assert await ask(eng) == set()
    assert len(asked) == 1


async def test_a_lot_of_known_versions_asks_for_nothing_more(eng: Engine) -> None:
    _, lot = await one_lot(eng)
    with questions() as asked:
        for _ in range(3):
            assert len((await read_lot(eng.runtime, lot, NOW)).ready) == 2
    assert len(asked) == 1


async def test_text_messages_need_no_wording(eng: Engine) -> None:
    _, lot = await one_lot(eng, plan=[{"channel": "sms"}])
    with questions() as asked:
        assert len((await read_lot(eng.runtime, lot, NOW)).ready) == 2
    assert asked == []


async def test_nothing_leaves_by_a_wording_that_cannot_be_read(eng: Engine) -> None:
    ids, lot = await one_lot(eng)
    template_id = (await eng.message(ids[0])).template_id
    body = FORM | {"content": "#{"}
    broken = TemplateVersion(
        workspace_id=eng.workspace_id, template_id=template_id, number=9, body=body
    )
    async with eng.runtime.database.write() as tx:
        tx.session.add(broken)
    assert await ask(eng, eng.version_id, broken.id, new_id()) == {eng.version_id}
    await change(eng, Message, version_id=broken.id)
    await change(eng, TemplateRegistration, version_id=broken.id)
    cargo = await read_lot(eng.runtime, lot, NOW)
    assert cargo.ready == []
    assert list(cargo.differing.values()) == ["template", "template"]


async def test_only_so_many_are_kept(eng: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await ask(eng, eng.version_id) == {eng.version_id}
    monkeypatch.setattr(module, "MOST", 0)
    with questions() as asked:
        assert await ask(eng, eng.version_id) == {eng.version_id}
    assert len(asked) == 1
    assert len(module._kept) == 1
