"""People over HTTP: whom messages may name, and their devices."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, Field

from app.api.deps import Answer, Body, Line, PagingDep, RuntimeDep, caller_with
from app.api.problems import responses
from app.db.models import Device, Person
from app.services import devices, numbers, people
from app.services.callers import Caller
from app.services.runtime import Runtime

router = APIRouter(prefix="/v1", tags=["people"])
Reader = Annotated[Caller, Depends(caller_with("people:read"))]
Writer = Annotated[Caller, Depends(caller_with("people:write"))]
PersonRef = Annotated[
    str,
    Path(
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="your own word for the person, such as a customer number",
    ),
]
Platform = Literal["android", "ios", "web", "other"]
Address = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[\x21-\x7e]+$")]
Kind = Annotated[
    Literal["fid", "token"],
    Field("fid", description="what the address is: a Firebase installation id, or a token"),
]


class PersonIn(Body):
    """Who somebody is. Without a number they are reached by their devices only."""

    name: Line = Field("", max_length=100, examples=["김나루"])
    number: str = Field("", max_length=40, examples=["010-0000-1001"])


class DeviceOut(BaseModel):
    """An app on a device. Its address is never shown."""

    id: UUID
    account_id: UUID
    address_kind: str
    label: str
    platform: str
    capabilities: dict[str, Any]
    state: str = Field(description="`active`, or `gone`: the provider says the address is dead")
    code: str = Field(description="the provider's word for that")
    registered_at: datetime
    seen_at: datetime | None = Field(description="when its app last reported something")
    gone_at: datetime | None


class PersonOut(BaseModel):
    """A person; the number is masked."""

    reference: str
    name: str
    number: str | None
    devices: list[DeviceOut]
    created_at: datetime
    updated_at: datetime


class PersonAnswer(PersonOut, Answer):
    """One person."""


class PeopleOut(Answer):
    """One page, the newest first."""

    items: list[PersonOut]
    next: str | None


class DeviceIn(Body):
    """What your app's server knows of a device."""

    address: Address
    address_kind: Kind
    app: Line = Field(
        "", max_length=200, description="a push sender's value; needed where there are several"
    )
    label: Line = Field("", max_length=100, examples=["순찰 태블릿 3"])
    platform: Platform = "other"
    capabilities: dict[str, bool | int | Line] = Field(default_factory=dict, max_length=20)
    replaces: Address | None = Field(
        None, description="its address until now, where the installation has got another"
    )


class AddressIn(Body):
    """A device's new address."""

    address: Address
    address_kind: Kind


class DeviceAnswer(DeviceOut, Answer):
    """One device."""


class PersonRemoved(Answer):
    """Who is forgotten."""

    reference: str


class DeviceRemoved(Answer):
    """What is forgotten."""

    id: UUID


@router.get("/people", summary="List people", responses=responses(400, 401, 403))
async def list_people(runtime: RuntimeDep, caller: Reader, paging: PagingDep) -> PeopleOut:
    """The newest first. A test key sees the rehearsal's."""
    async with runtime.database.read() as session:
        rows = await people.page(session, caller, paging.after, paging.limit + 1)
        page, following = paging.cut(rows, lambda person: person.id)
        theirs = await devices.of_people(session, [person.id for person in page])
    items = [
        PersonOut(**_person(runtime, one, [d for d in theirs if d.person_id == one.id]))
        for one in page
    ]
    return PeopleOut(items=items, next=following, simulated=caller.simulated)


@router.put(
    "/people/{person}", summary="Make or replace a person", responses=responses(401, 403, 422)
)
async def put_person(
    runtime: RuntimeDep, caller: Writer, person: PersonRef, body: PersonIn
) -> PersonAnswer:
    """The same reference is the same person: name and number are replaced, devices stay."""
    known = people.Known(body.name, body.number)
    async with runtime.database.write() as tx:
        row = await people.put(tx, runtime.sealer, caller, person, known)
        theirs = await devices.of_people(tx.session, [row.id])
    return PersonAnswer(**_person(runtime, row, theirs), simulated=caller.simulated)


@router.get("/people/{person}", summary="Show a person", responses=responses(401, 403, 404))
async def show_person(runtime: RuntimeDep, caller: Reader, person: PersonRef) -> PersonAnswer:
    """With all devices, those that are gone included."""
    async with runtime.database.read() as session:
        row = await people.get(session, caller, person)
        theirs = await devices.of_people(session, [row.id])
    return PersonAnswer(**_person(runtime, row, theirs), simulated=caller.simulated)


@router.delete("/people/{person}", summary="Forget a person", responses=responses(401, 403, 404))
async def remove_person(runtime: RuntimeDep, caller: Writer, person: PersonRef) -> PersonRemoved:
    """Their devices too; a push that waits for one of them ends as not reachable."""
    async with runtime.database.write() as tx:
        row = await people.remove(tx, caller, person)
    return PersonRemoved(reference=row.reference, simulated=caller.simulated)


@router.post(
    "/people/{person}/devices",
    summary="Register a device",
    responses=responses(401, 403, 404, 409, 422),
)
async def register_device(
    runtime: RuntimeDep, caller: Writer, person: PersonRef, body: DeviceIn, response: Response
) -> DeviceAnswer:
    """201 for a new one. A known address moves to this person, and its device keeps its id."""
    new = devices.NewDevice(**body.model_dump() | {"replaces": body.replaces or ""})
    async with runtime.database.write() as tx:
        device, made = await devices.register(tx, runtime.sealer, caller, person, new)
    response.status_code = 201 if made else 200
    return DeviceAnswer(**_device(device), simulated=caller.simulated)


@router.get("/devices/{device_id}", summary="Show a device", responses=responses(401, 403, 404))
async def show_device(runtime: RuntimeDep, caller: Reader, device_id: UUID) -> DeviceAnswer:
    """Whether it can be reached, and when its app was last heard of."""
    async with runtime.database.read() as session:
        device = await devices.get(session, caller, device_id)
    return DeviceAnswer(**_device(device), simulated=caller.simulated)


@router.put(
    "/devices/{device_id}/address",
    summary="Give a device another address",
    responses=responses(401, 403, 404, 409, 422),
)
async def move_device(
    runtime: RuntimeDep, caller: Writer, device_id: UUID, body: AddressIn
) -> DeviceAnswer:
    """A token becomes an installation id, or is renewed; a device that was gone is back."""
    async with runtime.database.write() as tx:
        device = await devices.move(
            tx, runtime.sealer, caller, device_id, body.address, body.address_kind
        )
    return DeviceAnswer(**_device(device), simulated=caller.simulated)


@router.delete(
    "/devices/{device_id}", summary="Forget a device", responses=responses(401, 403, 404)
)
async def remove_device(runtime: RuntimeDep, caller: Writer, device_id: UUID) -> DeviceRemoved:
    """A push that waits for it ends as not reachable."""
    async with runtime.database.write() as tx:
        device = await devices.remove(tx, caller, device_id)
    return DeviceRemoved(id=device.id, simulated=caller.simulated)


def _person(runtime: Runtime, person: Person, theirs: Sequence[Device]) -> dict[str, Any]:
    known = people.read(runtime.sealer, person)
    return {
        "reference": person.reference,
        "name": known.name,
        "number": numbers.mask(known.number) if known.number else None,
        "devices": [_device(device) for device in theirs],
        "created_at": person.created_at,
        "updated_at": person.updated_at,
    }


def _device(device: Device) -> dict[str, Any]:
    return {name: getattr(device, name) for name in DeviceOut.model_fields}
