"""What is changed at the desk; a refused form comes back with what was typed."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.console.deps import RuntimeDep, visit
from app.console.desk.pages import Opened, desk_page, read_hours, read_ids
from app.console.forms import PageRoute, read_form, see
from app.db.session import Tx
from app.errors import GatewayError, Invalid
from app.guard import Guard
from app.services import bots, canned, consult_channels, labels, teams
from app.services.consult_channels import ChannelSettings
from app.services.logins import Visit
from app.services.runtime import Runtime

router = APIRouter(prefix="/console/desk", include_in_schema=False, route_class=PageRoute)
Writer = Annotated[Visit, Depends(visit("consultations:write"))]
Admin = Annotated[Visit, Depends(visit("admin"))]
Do = Callable[[Tx], Awaitable[object]]


async def _done(request: Request, runtime: Runtime, who: Visit, tab: str, do: Do) -> Response:
    """Do it and see the tab; refused: the tab with the form as it was."""
    fields = await read_form(request)
    try:
        async with runtime.database.write() as tx:
            await do(tx)
    except GatewayError as error:
        edit = fields.get("edit", "new")
        return await desk_page(request, runtime, who, tab, Opened(edit, fields, error))
    return see(f"/console/desk?tab={tab}")


@router.post("/canned")
async def add_reply(request: Request, runtime: RuntimeDep, who: Writer) -> Response:
    """A new canned reply."""
    form = await read_form(request)

    async def do(tx: Tx) -> object:
        return await canned.create(tx, who.workspace_id, form.get("shortcut", ""), _text(form))

    return await _done(request, runtime, who, "canned", do)


@router.post("/canned/{reply_id}")
async def change_reply(
    request: Request, runtime: RuntimeDep, who: Writer, reply_id: UUID
) -> Response:
    """Another shortcut and text, or (``remove``) none."""
    form = await read_form(request)

    async def do(tx: Tx) -> object:
        if form.get("remove"):
            await canned.remove(tx, who.workspace_id, reply_id)
            return None
        shortcut = form.get("shortcut", "")
        return await canned.change(tx, who.workspace_id, reply_id, shortcut, _text(form))

    return await _done(request, runtime, who, "canned", do)


@router.post("/labels")
async def add_label(request: Request, runtime: RuntimeDep, who: Writer) -> Response:
    """A new label."""
    form = await read_form(request)

    async def do(tx: Tx) -> object:
        return await labels.create(tx, who.workspace_id, form.get("name", ""))

    return await _done(request, runtime, who, "labels", do)


@router.post("/labels/{label_id}")
async def change_label(
    request: Request, runtime: RuntimeDep, who: Writer, label_id: UUID
) -> Response:
    """Another name, or (``remove``) none, on every case."""
    form = await read_form(request)

    async def do(tx: Tx) -> object:
        if form.get("remove"):
            await labels.remove(tx, who.workspace_id, label_id)
            return None
        return await labels.rename(tx, who.workspace_id, label_id, form.get("name", ""))

    return await _done(request, runtime, who, "labels", do)


@router.post("/teams")
async def add_team(request: Request, runtime: RuntimeDep, who: Admin) -> Response:
    """A new team and its people."""
    form, people = await read_form(request), await _people(request)

    async def do(tx: Tx) -> object:
        return await teams.create(tx, who.caller, form.get("name", ""), people)

    return await _done(request, runtime, who, "teams", do)


@router.post("/teams/{team_id}")
async def change_team(request: Request, runtime: RuntimeDep, who: Admin, team_id: UUID) -> Response:
    """Its name and people, or (``remove``) none."""
    form, people = await read_form(request), await _people(request)

    async def do(tx: Tx) -> object:
        if form.get("remove"):
            await teams.remove(tx, who.caller, team_id)
            return None
        return await teams.change(tx, who.caller, team_id, form.get("name", ""), people)

    return await _done(request, runtime, who, "teams", do)


@router.post("/channels/{sender_id}")
async def change_channel(
    request: Request, runtime: RuntimeDep, who: Admin, sender_id: UUID
) -> Response:
    """Hours, automatic texts, reopening, the aim, the bot."""
    form = await read_form(request)

    async def do(tx: Tx) -> object:
        return await consult_channels.change(tx, who.caller, sender_id, settings_of(form))

    return await _done(request, runtime, who, "channels", do)


def settings_of(form: dict[str, str]) -> ChannelSettings:
    """A channel's settings from its form. Raises Invalid for numbers that are none."""
    weekly, dates = read_hours(form)
    bot = read_ids([form.get("bot", "")])
    return ChannelSettings(
        weekly=weekly,
        exceptions=dates,
        automatic=form.get("automatic", ""),
        greeting=_text(form, "greeting"),
        away=_text(form, "away"),
        reopen_h=_number(form, "reopen_h"),
        first_reply_s=round(_number(form, "first_reply_min") * 60),
        bot_id=bot[0] if bot else None,
    )


@router.post("/bots")
async def add_bot(request: Request, runtime: RuntimeDep, who: Admin) -> Response:
    """A new bot: its rules, or the address of a skill server."""
    form = await read_form(request)
    new = bots.NewBot(form.get("name", ""), _text(form, "rules"), form.get("url", "").strip())

    async def do(tx: Tx) -> object:
        return await bots.add(tx, runtime.sealer, who.workspace_id, new)

    refused = await _checked(request, runtime, who, form, (new.rules, new.url))
    return refused or await _done(request, runtime, who, "bots", do)


@router.post("/bots/{bot_id}")
async def change_bot(request: Request, runtime: RuntimeDep, who: Admin, bot_id: UUID) -> Response:
    """On or off; or its name, rules and address."""
    form = await read_form(request)
    rules = _text(form, "rules") if "rules" in form else None
    url = form["url"].strip() if "url" in form else None
    what = bots.Change(form.get("name"), rules, url, form.get("state"))

    async def do(tx: Tx) -> object:
        return await bots.change(tx, runtime.sealer, who.workspace_id, bot_id, what)

    needs = rules is not None or url is not None
    refused = (
        await _checked(request, runtime, who, form, (rules or "", url or "")) if needs else None
    )
    return refused or await _done(request, runtime, who, "bots", do)


async def _checked(
    request: Request, runtime: Runtime, who: Visit, form: dict[str, str], what: tuple[str, str]
) -> Response | None:
    """The tab with what is wrong about a bot's rules or addresses, else None."""
    guard: Guard = request.app.state.guard
    try:
        await bots.check(guard, *what)
    except GatewayError as error:
        edit = form.get("edit", "new")
        return await desk_page(request, runtime, who, "bots", Opened(edit, form, error))
    return None


def _text(form: dict[str, str], name: str = "text") -> str:
    """A text area's text; browsers send its line ends as two characters."""
    return form.get(name, "").replace("\r\n", "\n")


def _number(form: dict[str, str], name: str) -> float:
    try:
        found = float(form.get(name, ""))
    except ValueError:
        found = float("nan")
    if found != found or abs(found) > 1e9:
        raise Invalid("bad_figure", "Give a number.", field=name)
    return found


async def _people(request: Request) -> list[UUID]:
    form = await request.form()
    return read_ids([value for value in form.getlist("staff") if isinstance(value, str)])
