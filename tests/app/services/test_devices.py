"""Devices: registered, moved, taken over, gone, and where a push to somebody goes."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.errors import Invalid, NotFound, Refused
from app.services import devices, people
from app.services.devices import NewDevice
from app.services.people import Known
from app.services.runtime import Runtime
from tests.pushing import APP_NAME, Pushing, pushing


async def targets(one: Pushing, reference: str) -> list[UUID]:
    async with one.eng.runtime.database.read() as session:
        person = await people.get(session, one.eng.caller, reference)
        found = await devices.targets(
            session, one.eng.workspace_id, "sandbox", person.id, b"nobody's"
        )
    return [target.device_id for target in found]


async def register(one: Pushing, reference: str, new: NewDevice) -> tuple[UUID, bool]:
    async with one.eng.runtime.database.write() as tx:
        device, made = await devices.register(
            tx, one.eng.runtime.sealer, one.eng.caller, reference, new
        )
    return device.id, made


async def test_an_address_belongs_to_one_device(runtime: Runtime) -> None:
    one = await pushing(runtime)
    (first,) = await one.person("hana", "", "fid-1")
    await one.person("duri", "")
    assert await register(one, "hana", NewDevice("fid-1", label="새 이름")) == (first, False)
    assert (await one.device(first)).label == "새 이름"
    assert await register(one, "duri", NewDevice("fid-1")) == (first, False)  # logged in anew
    assert (await targets(one, "hana"), await targets(one, "duri")) == ([], [first])


async def test_a_new_address_keeps_the_device(runtime: Runtime) -> None:
    one = await pushing(runtime)
    (first,) = await one.person("hana", "", "token-1")
    new = NewDevice("fid-1", replaces="token-1")
    assert await register(one, "hana", new) == (first, False)
    assert await register(one, "hana", new) == (first, False)  # said again
    second, made = await register(one, "hana", NewDevice("token-2", "token"))
    assert made
    merged = NewDevice("token-2", "token", replaces="fid-1")  # both were known
    assert await register(one, "hana", merged) == (first, False)
    assert await targets(one, "hana") == [first]
    with pytest.raises(NotFound):
        await one.device(second)
    async with runtime.database.read() as session:
        addresses = await devices.addresses(session, runtime.sealer, [first])
    assert addresses == {first: ("token", "token-2")}


async def test_moving_takes_nobody_else_s_address(runtime: Runtime) -> None:
    one = await pushing(runtime)
    first, second = await one.person("hana", "", "fid-1", "fid-2")
    sealer, caller = runtime.sealer, one.eng.caller
    with pytest.raises(Refused, match="Another device") as refusal:
        async with runtime.database.write() as tx:
            await devices.move(tx, sealer, caller, first, "fid-2", "fid")
    assert (refusal.value.code, refusal.value.field) == ("address_taken", "address")
    async with runtime.database.write() as tx:
        await devices.move(tx, sealer, caller, first, "token-9", "token")
        await devices.move(tx, sealer, caller, second, "fid-2", "fid")  # its own
    assert (await one.device(first)).address_kind == "token"


async def test_what_is_gone_comes_back_when_it_registers(runtime: Runtime) -> None:
    one = await pushing(runtime)
    (first,) = await one.person("hana", "", "fid-1")
    message_id = await one.accept(person="hana", plan=[{"channel": "push"}])
    (attempt,) = await one.eng.attempts(message_id)
    device = await one.device(first)
    async with runtime.database.write() as tx:  # asked before it registered: not this address
        early = device.registered_at - timedelta(seconds=1)
        await devices.retire(tx, {attempt.id: "UNREGISTERED"}, early)
    assert (await one.device(first)).state == "active"
    async with runtime.database.write() as tx:
        await devices.retire(tx, {attempt.id: "UNREGISTERED"}, device.registered_at)
    gone = await one.device(first)
    assert (gone.state, gone.code) == ("gone", "UNREGISTERED")
    assert await targets(one, "hana") == []
    assert await register(one, "hana", NewDevice("fid-1")) == (first, False)
    assert ((await one.device(first)).state, await targets(one, "hana")) == ("active", [first])


async def test_a_rehearsal_and_another_workspace_see_none(runtime: Runtime) -> None:
    one, other = await pushing(runtime), await pushing(runtime)
    (first,) = await one.person("hana", "010-1234-5678", "fid-1")
    for caller in (other.eng.caller,):
        with pytest.raises(NotFound, match="No device"):
            async with runtime.database.write() as tx:
                await devices.remove(tx, caller, first)
    number = runtime.sealer.number_hash(one.eng.workspace_id, "01012345678")
    async with runtime.database.read() as session:
        place = session, one.eng.workspace_id
        assert [t.device_id for t in await devices.targets(*place, "sandbox", None, number)] == [
            first
        ]
        assert await devices.targets(*place, "live", None, number) == []
        assert await devices.targets(session, other.eng.workspace_id, "sandbox", None, number) == []


async def test_a_disabled_account_or_blocked_app_is_left_out(runtime: Runtime) -> None:
    one = await pushing(runtime)
    await one.person("hana", "", "fid-1")
    async with runtime.database.write() as tx:
        account = await tx.session.merge(one.account)
        account.state = "disabled"
    assert await targets(one, "hana") == []
    with pytest.raises(Invalid) as refusal:
        await register(one, "hana", NewDevice("fid-2"))
    assert refusal.value.code == "unknown_app"


@pytest.mark.parametrize(
    ("new", "code", "field"),
    [
        (NewDevice("a", app="com.other"), "unknown_app", "app"),
        (NewDevice("a", address_kind="number"), "bad_address_kind", "address_kind"),
    ],
)
async def test_refusals_name_the_field(
    runtime: Runtime, new: NewDevice, code: str, field: str
) -> None:
    one = await pushing(runtime)
    await one.person("hana", "", "fid-1")
    with pytest.raises(Invalid) as refusal:
        await register(one, "hana", new)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert APP_NAME not in str(refusal.value)


async def test_nobody_has_more_devices_than_one_push_goes_to(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "MOST", 2)
    one = await pushing(runtime)
    await one.person("hana", "", "fid-1", "fid-2")
    with pytest.raises(Refused, match="2 devices"):
        await register(one, "hana", NewDevice("fid-3"))
    assert (await register(one, "hana", NewDevice("fid-4", replaces="fid-2")))[1] is False


async def test_addresses_are_sealed(runtime: Runtime) -> None:
    one = await pushing(runtime)
    (first,) = await one.person("hana", "010-1234-5678", "secret-address")
    device = await one.device(first)
    assert b"secret-address" not in device.sealed
    assert devices.address_of(runtime.sealer, device) == "secret-address"
    async with runtime.database.read() as session:
        person = await people.get(session, one.eng.caller, "hana")
    assert people.read(runtime.sealer, person) == Known("김나루", "01012345678")
    assert b"01012345678" not in person.sealed
