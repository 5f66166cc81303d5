"""Forms about apps: pushes on an open phone, the apps on it, and tablets by the dozen."""

from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from sandbox.fcm import devices
from sandbox.fcm.accounts import has_project
from sandbox.fcm.receipts import WHATS, press
from sandbox.inbox import get_message
from sandbox.pages.forms import PageProblem, PageRoute, from_here, read_form, whole
from sandbox.pages.render import store_of
from sandbox.pages.views import room_address
from sandbox.talks import need_phone

LONGEST_LABEL = 40
MOST_TABLETS = 500

router = APIRouter(
    include_in_schema=False, route_class=PageRoute, dependencies=[Depends(from_here)]
)


@router.post("/phones/{number}/push")
async def press_push(request: Request, number: str) -> Response:
    """Open a push, or confirm it."""
    form, store = await read_form(request), store_of(request)
    what = form.get("what", "")
    if what not in WHATS:
        raise PageProblem("err_value")
    message = get_message(store, whole(form, "message"))
    press(store, number, message, what)
    address = room_address(number, "push", message.sender if message else "")
    return _back(form, address)


@router.post("/phones/{number}/apps")
async def change_apps(request: Request, number: str) -> Response:
    """Install the app of a project, or take one off, or give it new addresses."""
    form, store = await read_form(request), store_of(request)
    need_phone(store, number)
    act, project = form.get("do", ""), form.get("project", "")
    if act == "install":
        if not has_project(store, project):
            raise PageProblem("err_gone_account", 404)
        devices.install(store, number, project, _label(form))
        return _back(form, f"/phones/{number}?app=push")
    device = devices.find_device(store, whole(form, "device"))
    if device is None or device.number != number:
        raise PageProblem("err_gone", 404)
    if act not in ("remove", "renew"):
        raise PageProblem("err_value")
    (devices.remove if act == "remove" else devices.renew)(store, device)
    return _back(form, f"/phones/{number}?app=push")


@router.post("/desk/tablets")
async def make_tablets(request: Request) -> Response:
    """So many phones with the app; the wall then shows them."""
    form, store = await read_form(request), store_of(request)
    count, project = whole(form, "count"), form.get("project", "")
    if not 1 <= count <= MOST_TABLETS:
        raise PageProblem("err_value")
    if not has_project(store, project):
        raise PageProblem("err_gone_account", 404)
    label = _label(form)
    devices.install_tablets(store, count, project, label, devices.FIRST_TABLET)
    return RedirectResponse(f"/?q={quote(label)}", 303)


def _label(form: dict[str, str]) -> str:
    label = form.get("label", "").strip()
    if not label or len(label) > LONGEST_LABEL - len(" 0000"):
        raise PageProblem("err_name")
    return label


def _back(form: dict[str, str], address: str) -> RedirectResponse:
    return RedirectResponse(f"{address}&part=1" if "part" in form else address, 303)
