"""People: made once however many make them, read back, forgotten with their devices."""

import asyncio

import pytest

from app.errors import Invalid, NotFound
from app.services import people
from app.services.people import Known
from app.services.runtime import Runtime
from tests.pushing import pushing


async def test_many_makers_make_one(runtime: Runtime) -> None:
    one = await pushing(runtime)
    caller = one.eng.caller

    async def make(n: int) -> None:
        async with runtime.database.write() as tx:
            await people.put(tx, runtime.sealer, caller, "hana", Known(f"이름 {n}", ""))

    await asyncio.gather(*(make(n) for n in range(5)))
    async with runtime.database.read() as session:
        (only,) = await people.page(session, caller, None, 10)
    assert people.read(runtime.sealer, only).name.startswith("이름")


async def test_a_wrong_number_changes_nothing(runtime: Runtime) -> None:
    one = await pushing(runtime)
    await one.person("hana", "010-1234-5678")
    with pytest.raises(Invalid) as refusal:
        await one.person("hana", "12")
    assert refusal.value.field == "number"
    async with runtime.database.read() as session:
        person = await people.get(session, one.eng.caller, "hana")
    assert people.read(runtime.sealer, person).number == "01012345678"


async def test_forgotten_with_everything(runtime: Runtime) -> None:
    one = await pushing(runtime)
    (device,) = await one.person("hana", "010-1234-5678", "fid-1")
    async with runtime.database.write() as tx:
        await people.remove(tx, one.eng.caller, "hana")
    with pytest.raises(NotFound):
        await one.device(device)
    with pytest.raises(NotFound, match="No person"):
        async with runtime.database.write() as tx:
            await people.remove(tx, one.eng.caller, "hana")
    async with runtime.database.read() as session:
        with pytest.raises(Invalid, match="No person has this reference") as refusal:
            await people.named(session, one.eng.caller, "hana")
    assert refusal.value.field == "person"


async def test_pages_and_references(runtime: Runtime) -> None:
    one = await pushing(runtime)
    for name in ("a", "b", "c"):
        await one.person(name)
    async with runtime.database.read() as session:
        first = await people.page(session, one.eng.caller, None, 2)
        rest = await people.page(session, one.eng.caller, first[-1].id, 2)
        assert [p.reference for p in (*first, *rest)] == ["c", "b", "a"]
        found = await people.references(session, {first[0].id, None})
        assert found == {first[0].id: "c"}
        assert await people.references(session, {None}) == {}
