"""Labels are a workspace's own, unique by name, and on a case or not."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.db.models import Case, CaseLabel, Label
from app.errors import GatewayError, NotFound
from app.ids import new_id
from app.services import labels
from app.services.callers import SCOPES, Caller
from tests.app.services.talks import Talk, talking


@pytest.fixture
async def talk(
    request: pytest.FixtureRequest, tmp_path: Path, migrated: Path
) -> AsyncIterator[Talk]:
    """On SQLite, or on what the test was parametrized with."""
    url = ""
    if getattr(request, "param", "sqlite") == "postgres":
        url = request.getfixturevalue("postgres")
    else:
        shutil.copy(migrated, tmp_path / "naru.db")
    async with talking(tmp_path, database_url=url) as made:
        await made.hear()
        yield made


async def create(talk: Talk, name: str) -> Label:
    async with talk.runtime.database.write() as tx:
        return await labels.create(tx, talk.workspace.id, name)


async def put(
    talk: Talk, label: Label, *, on: bool = True, caller: Caller | None = None
) -> list[str]:
    case = await talk.only(Case)
    async with talk.runtime.database.write() as tx:
        found = await labels.put(tx, caller or talk.caller(), case.id, label.id, on=on)
    return [one.name for one in found]


async def test_on_and_off_a_case(talk: Talk) -> None:
    refund, delivery = await create(talk, "환불"), await create(talk, " 배송   지연 ")
    assert await put(talk, refund) == ["환불"]
    assert await put(talk, delivery) == ["배송 지연", "환불"]
    assert await put(talk, delivery) == ["배송 지연", "환불"]
    assert await put(talk, refund, on=False) == ["배송 지연"]
    assert await put(talk, refund, on=False) == ["배송 지연"]
    told = [(data["label_id"], data["on"]) for _, data in await talk.events("case.label")]
    assert told == [(str(refund.id), True), (str(delivery.id), True), (str(refund.id), False)]


@pytest.mark.parametrize("talk", ["sqlite", "postgres"], indirect=True)
async def test_names_are_unique_and_short(talk: Talk) -> None:
    refund, delivery = await create(talk, "환불"), await create(talk, "배송")
    for code, name in (("label_exists", "환불"), ("bad_label", ""), ("bad_label", "가" * 31)):
        with pytest.raises(GatewayError) as error:
            await create(talk, name)
        assert (error.value.code, error.value.field) == (code, "name")
    with pytest.raises(GatewayError) as error:
        async with talk.runtime.database.write() as tx:
            await labels.rename(tx, talk.workspace.id, delivery.id, "환불")
    assert error.value.code == "label_exists"
    await put(talk, refund)
    async with talk.runtime.database.write() as tx:
        await labels.rename(tx, talk.workspace.id, delivery.id, "늦음")
        await labels.remove(tx, talk.workspace.id, refund.id)
    async with talk.runtime.database.read() as session:
        assert [one.name for one in await labels.list_labels(session, talk.workspace.id)] == [
            "늦음"
        ]
        assert await labels.list_labels(session, new_id()) == []
    assert not await talk.all(CaseLabel)


async def test_another_workspace_has_its_own(talk: Talk) -> None:
    mine = await create(talk, "내 것")
    stranger = Caller(new_id(), new_id(), "live", frozenset(SCOPES))
    with pytest.raises(NotFound) as missing:
        await put(talk, mine, caller=stranger)
    assert missing.value.code == "case_not_found"
    with pytest.raises(NotFound):
        async with talk.runtime.database.write() as tx:
            await labels.remove(tx, new_id(), mine.id)
    assert len(await talk.all(Label)) == 1


async def test_there_are_not_endlessly_many(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "MOST", 1)
    await create(talk, "하나")
    with pytest.raises(GatewayError) as error:
        await create(talk, "둘")
    assert error.value.code == "too_many_labels"
