"""Routes of the phones: the wall, one open phone, and what a person does with it."""

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

from sandbox import phone as acts
from sandbox import phones, photos, talks
from sandbox.fcm.accounts import list_fcm
from sandbox.fcm.devices import list_devices
from sandbox.inbox import get_message, list_rooms
from sandbox.pages import apps, desk, desk_top, dial_forms, requests, reviews, scenario_forms
from sandbox.pages.forms import (
    PageProblem,
    PageRoute,
    flag,
    from_here,
    maybe_whole,
    read_form,
    whole,
)
from sandbox.pages.last_got import last_got
from sandbox.pages.render import FILE_HEADERS, ROOT, own_address, page, say_for, store_of
from sandbox.pages.views import (
    SLOWEST_S,
    Asked,
    Wall,
    card_of,
    open_phone,
    room_address,
    wall_of,
)
from sandbox.phone import Traits
from sandbox.store import Store

MOST_CARDS = 120
LONGEST_NAME = 40
FILES = StaticFiles(directory=ROOT / "static")
router = APIRouter(include_in_schema=False, route_class=PageRoute)
acts_here = APIRouter(
    include_in_schema=False, route_class=PageRoute, dependencies=[Depends(from_here)]
)


def add_pages(app: FastAPI) -> None:
    """Put the pages on an app whose `state.store` is a Store."""
    for part in (
        router,
        acts_here,
        apps.router,
        desk.router,
        desk_top.router,
        dial_forms.router,
        scenario_forms.router,
        reviews.router,
        requests.router,
    ):
        app.include_router(part)


@router.get("/static/{name}")
async def show_file(request: Request, name: str) -> Response:
    response = await FILES.get_response(name, request.scope)
    response.headers.update(FILE_HEADERS)
    return response


@router.get("/")
async def show_wall(request: Request) -> HTMLResponse:
    return page(
        request,
        "phones.html",
        {"here": "phones", "wall": _wall(request, "/"), "open": None},
    )


@router.get("/phones/{number}")
async def show_phone(request: Request, number: str) -> HTMLResponse:
    """The wall with one phone open; `?part=1` leaves the wall out."""
    store, say = store_of(request), say_for(request)
    found = phones.get_phone(store, number)
    if found is None:
        raise PageProblem("err_no_phone", 404)
    opened = open_phone(store, found, _asked(request), say)
    values = {
        "here": "phones",
        "open": opened,
        "last": last_got(store, number, say),
        "devices": list_devices(store, number),
        "projects": list_fcm(store),
        "slowest_s": SLOWEST_S,
        "url": own_address(request, "part"),
        "wall_query": _wall_query(request),
    }
    if "part" in request.query_params:
        return page(request, "part.html", {**values, "cards": [opened.card], "query": ""})
    return page(request, "phones.html", {**values, "wall": _wall(request, opened.base)})


@router.get("/parts")
async def show_parts(request: Request) -> HTMLResponse:
    """Cards of the named phones (`number`, at most 120) and the counts of the top bar."""
    store, say = store_of(request), say_for(request)
    numbers = request.query_params.getlist("number")[:MOST_CARDS]
    found = [phones.get_phone(store, number) for number in numbers]
    cards = [card_of(store, phone, say) for phone in found if phone]
    query = request.query_params.get("query", "")
    return page(request, "part.html", {"open": None, "cards": cards, "query": query})


@acts_here.post("/phones")
async def add_phone(request: Request) -> Response:
    form = await read_form(request)
    number, name = phones.normal_number(form.get("number", "")), form.get("name", "").strip()
    if number is None:
        raise PageProblem("err_bad_number")
    if not name or len(name) > LONGEST_NAME:
        raise PageProblem("err_name")
    store = store_of(request)
    with store.tx():
        phones.name_phone(store, number, name)
    return RedirectResponse(f"/phones/{number}", 303)


@acts_here.post("/phones/{number}/press")
async def press(request: Request, number: str) -> Response:
    """Press a button: what it leads to is shown, words it says are sent."""
    form = await read_form(request)
    message_id, index = whole(form, "message"), whole(form, "button")
    done = acts.press(store_of(request), number, message_id, index)
    message = get_message(store_of(request), message_id)
    room = room_address(number, "chat", message.sender if message else "")
    if done.kind in ("BK", "MD", "BC", "BT"):
        return _back(form, room)
    return _back(form, f"{room}&message={message_id}&button={index}")


@acts_here.post("/phones/{number}/say")
async def say_something(request: Request, number: str) -> Response:
    form = await read_form(request)
    talks.say(store_of(request), number, form.get("room", ""), form.get("text", ""))
    return _back(form, room_address(number, "chat", form.get("room", "")))


@acts_here.post("/phones/{number}/photo")
async def send_photo(request: Request, number: str) -> Response:
    form, chosen = await photos.read(request)
    room = form.get("room", "")
    photos.send(store_of(request), number, room, chosen, str(request.base_url))
    return _back(form, room_address(number, "chat", room))


@acts_here.post("/phones/{number}/unsent")
async def decide_unsent(request: Request, number: str) -> Response:
    """A line that could not go: `act` again, or away with it."""
    form, store = await read_form(request), store_of(request)
    message_id = whole(form, "message")
    if form.get("act") == "again":
        talks.send_again(store, number, message_id)
    elif form.get("act") == "take_back":
        talks.take_back(store, number, message_id)
    else:
        raise PageProblem("err_value")
    return _back(form, room_address(number, "chat", form.get("room", "")))


@acts_here.post("/phones/{number}/reset")
async def reset(request: Request, number: str) -> Response:
    form = await read_form(request)
    acts.reset_phone(store_of(request), number)
    return _back(form, room_address(number, form.get("app", ""), form.get("room", "")))


@acts_here.post("/phones/{number}/state")
async def change_state(request: Request, number: str) -> Response:
    """Switches and the slider of the open phone; the fields that are there change."""
    form, store = await read_form(request), store_of(request)
    acts.set_traits(store, number, _traits(form))
    _set_room(store, number, form)
    return _back(form, room_address(number, form.get("app", ""), form.get("room", "")))


# reading what was asked ---------------------------------------------------------------------------


def _wall(request: Request, base: str) -> Wall:
    asked = request.query_params
    try:
        return wall_of(
            store_of(request),
            say_for(request),
            asked.get("q", ""),
            asked.get("only", ""),
            asked.get("after", ""),
            base,
        )
    except ValueError as wrong:
        raise PageProblem("err_value", 400) from wrong


def _wall_query(request: Request) -> str:
    """The filter of the wall, as it stands in the address of an open phone."""
    asked = request.query_params
    kept = {key: asked[key] for key in ("q", "only", "after") if asked.get(key)}
    return f"?{urlencode(kept)}" if kept else ""


def _asked(request: Request) -> Asked:
    asked = request.query_params
    return Asked(
        app=asked.get("app", ""),
        room=asked.get("room"),
        read=maybe_whole(asked, "read"),
        message=maybe_whole(asked, "message"),
        button=maybe_whole(asked, "button"),
        elsewhere=asked.get("device") == "other",
    )


def _traits(form: Mapping[str, str]) -> Traits:
    slow_s = maybe_whole(form, "slow_s")
    if "slow_s" in form and (slow_s is None or slow_s > SLOWEST_S):
        raise PageProblem("err_value")
    return Traits(
        on=flag(form, "power"),
        kakao=flag(form, "kakao"),
        slow_s=slow_s,
        answer_lost=flag(form, "answer_lost"),
        blocks_all=flag(form, "blocks_all"),
    )


def _set_room(store: Store, number: str, form: Mapping[str, str]) -> None:
    """Block and friend of the channel whose room is open."""
    blocked, friend = flag(form, "blocked"), flag(form, "friend")
    if blocked is None and friend is None:
        return
    sender = form.get("room", "")
    if sender not in {room.sender for room in list_rooms(store, number) if room.app == "chat"}:
        raise PageProblem("err_gone", 404)
    if blocked is not None:
        change = acts.block if blocked else acts.unblock
        change(store, number, sender)
    if friend is not None:
        acts.befriend(store, number, sender, friend)


def _back(form: Mapping[str, str], address: str) -> RedirectResponse:
    """After a form: see the phone again, the part alone when the script asked."""
    return RedirectResponse(f"{address}&part=1" if "part" in form else address, 303)
