"""Apps on phones: installed, removed, given new addresses; and what people do with pushes."""

from typing import Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from sandbox.desk.deps import need_number, shows, store_of
from sandbox.desk.shapes import Body, Times
from sandbox.fcm.accounts import has_project
from sandbox.fcm.devices import (
    FIRST_TABLET,
    Device,
    find_device,
    install,
    install_tablets,
    list_devices,
    remove,
    renew,
)
from sandbox.fcm.receipts import press
from sandbox.inbox import get_message
from sandbox.problems import Problem, not_found, refusals
from sandbox.store import Store

MOST_TABLETS = 500
LAST_TABLET = 1_099_999_999 - MOST_TABLETS

router = APIRouter(prefix="/desk/api/push", tags=["desk"])


class DeviceIn(Body):
    number: str = Field(examples=["010-0000-1001"])
    project_id: str = Field(examples=["my-app"])
    label: str = Field("앱", min_length=1, max_length=40, description="what the app is called")


class TabletsIn(Body):
    """count phones, each with the app, on free numbers from `first_number` on."""

    count: int = Field(ge=1, le=MOST_TABLETS, examples=[30])
    project_id: str = Field(examples=["my-app"])
    label: str = Field("태블릿", min_length=1, max_length=30)
    first_number: str = Field(f"{FIRST_TABLET:011d}", examples=["010-0005-0001"])


class DeviceOut(BaseModel):
    """fid and token: the addresses of the app now; either is a target of a message."""

    id: int = Field(examples=[1])
    number: str = Field(examples=["01000001001"])
    project_id: str = Field(examples=["my-app"])
    label: str = Field(examples=["한빛상회"])
    fid: str = Field(examples=["cXk2bW9iaWxlLWFwcDE_a4"])
    token: str = Field(examples=["cXk2bW9iaWxlLWFwcDE_a4:APA91bH…"])
    installed_at: Times = Field(examples=[1_795_000_000_000])


class DevicesOut(BaseModel):
    devices: list[DeviceOut]


class ActIn(Body):
    what: Literal["read", "acknowledged"] = Field(examples=["read"])


@router.post("/devices", status_code=201, responses=refusals("not_found", "invalid"))
async def add_device(body: DeviceIn, store: Store = Depends(store_of)) -> DeviceOut:
    """Install the app of a project on a phone; where it is already, only its label changes."""
    number = need_number(body.number)
    _need_project(store, body.project_id)
    return _out(install(store, number, body.project_id, body.label))


@router.post("/tablets", status_code=201, responses=refusals("not_found", "invalid"))
async def add_tablets(body: TabletsIn, store: Store = Depends(store_of)) -> DevicesOut:
    """Make many phones with the app at once, each with a name of its own."""
    first = int(need_number(body.first_number, "first_number"))
    if not 1_000_000_000 <= first <= LAST_TABLET:
        raise Problem(422, "invalid", "010으로 시작하는 11자리 번호여야 합니다", "first_number")
    _need_project(store, body.project_id)
    made = install_tablets(store, body.count, body.project_id, body.label, first)
    return DevicesOut(devices=[_out(one) for one in made])


@router.get("/devices", responses=refusals("invalid"))
async def get_devices(
    number: str = Query("", description="a number in any spelling"),
    project_id: str = "",
    store: Store = Depends(store_of),
) -> DevicesOut:
    """The apps that are installed, the oldest first."""
    digits = need_number(number) if number else ""
    return DevicesOut(devices=[_out(one) for one in list_devices(store, digits, project_id)])


@router.post("/devices/{device_id}/renew", responses=refusals("not_found"))
async def renew_device(device_id: int, store: Store = Depends(store_of)) -> DeviceOut:
    """Give an app new addresses; to the old ones nothing can be sent any more."""
    return _out(renew(store, _need(store, device_id)))


@router.delete("/devices/{device_id}", status_code=204, responses=refusals("not_found"))
async def remove_device(device_id: int, store: Store = Depends(store_of)) -> None:
    """Take the app off its phone; what is on its way to it never arrives."""
    remove(store, _need(store, device_id))


@router.post(
    "/messages/{message_id}/press",
    responses=refusals("no_message", "no_button", "off", "invalid") | shows({"told": ["read"]}),
)
async def press_push(
    message_id: int, body: ActIn, store: Store = Depends(store_of)
) -> dict[str, Any]:
    """Open a push (`read`), or confirm it; `told`: what the app reports now, once each."""
    message = get_message(store, message_id)
    if message is None:
        raise Problem(404, "no_message", "그런 알림이 없습니다")
    return {"told": press(store, message.number, message, body.what)}


def _need_project(store: Store, project: str) -> None:
    if not has_project(store, project):
        raise not_found("프로젝트가")


def _need(store: Store, device_id: int) -> Device:
    found = find_device(store, device_id)
    if found is None:
        raise not_found("앱이")
    return found


def _out(device: Device) -> DeviceOut:
    return DeviceOut(
        id=device.id,
        number=device.number,
        project_id=device.project,
        label=device.label,
        fid=device.fid,
        token=device.token,
        installed_at=device.installed_at,
    )
