"""Bots over HTTP: made, changed, switched off, and tried without sending anything."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, status
from pydantic import BaseModel, Field

from app.api.deps import Answer, Body, Line, RuntimeDep, caller_with
from app.api.problems import responses
from app.db.models import Bot
from app.errors import Unavailable
from app.guard import Guard
from app.sealing import Unsealable
from app.services import bot_trials, bots
from app.services.bot_replies import LONGEST
from app.services.bot_trials import Trial
from app.services.callers import Caller
from app.services.rule_files import MAX_BYTES
from app.services.runtime import Runtime

router = APIRouter(prefix="/v1/consultations/bots", tags=["consultations"])
AdminDep = Annotated[Caller, Depends(caller_with("admin"))]
Rules = Annotated[str, Field(max_length=MAX_BYTES, description="a rule bot's file: TOML text")]
Url = Annotated[str, Field(max_length=2_000, description="of a skill server (JSON 2.0)")]
Words = Annotated[str, Field(max_length=1_300)]


class BotIn(Body):
    """A new bot: `rules` or `url`."""

    name: Line = Field(max_length=200, examples=["나루 도우미"], description="customers see it")
    rules: Rules = ""
    url: Url = ""


class BotChange(Body):
    """What changes; what is left out stays."""

    name: Line | None = Field(None, max_length=200)
    rules: Rules | None = None
    url: Url | None = None
    state: Literal["active", "off"] | None = Field(
        None, description="off: its conversations go to people"
    )


class FindingOut(BaseModel):
    """Something about a rule bot's file."""

    line: int | None
    field: str
    rule: str
    severity: str
    message_ko: str
    fix_ko: str
    message_en: str
    fix_en: str


class BotFacts(BaseModel):
    """A bot without its secret."""

    id: UUID
    name: str
    kind: str = Field(description="rules or skill")
    state: str = Field(description="active or off")
    rules: str = Field(description="TOML; empty for a skill")
    url: str = Field(description="of a skill server; empty for rules")
    warnings: list[FindingOut]


class BotOut(BotFacts, Answer):
    """One bot."""


class BotSecretOut(BotOut):
    """A new bot with its secret, shown this once: what it is sent is signed with it."""

    secret: str = Field(examples=["whsec_…"])


class BotsOut(Answer):
    """All bots of the workspace."""

    items: list[BotFacts]


class TryIn(Body):
    """What a customer would say."""

    utterance: str = Field(
        "", max_length=LONGEST, description="nothing: they pressed a notice's button"
    )
    variables: dict[Annotated[str, Field(max_length=100)], Words] = Field(
        default_factory=dict, max_length=100, description="of the notice they come from"
    )
    menu: str = Field("", max_length=40, description="of the voice menu they come from")
    state: dict[str, Any] | None = Field(
        None, max_length=20, description="`state` of the answer before"
    )


class LinkOut(BaseModel):
    """A link button."""

    name: str
    url: str


class SayOut(BaseModel):
    """One chat text."""

    text: str
    links: list[LinkOut]


class TriedOut(Answer):
    """What the bot would say; nothing was sent."""

    says: list[SayOut]
    hand_off: str = Field(description="why a person would take over; empty when the bot goes on")
    promised: bool = Field(description="the skill would answer later, by callback")
    notes: list[str] = Field(description="what of a skill's answer was cut or left out")
    error: str = Field(description="why no usable answer came, such as timeout or bad_version")
    state: dict[str, Any]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Add a bot",
    responses=responses(400, 401, 403, 409, 413, 422),
)
async def add_bot(
    request: Request, runtime: RuntimeDep, caller: AdminDep, body: BotIn
) -> BotSecretOut:
    """A rule bot by its file, or a skill server by its address; it answers where a channel says.

    422 `bad_rules`: `data.findings` names every fault with line and remedy.
    """
    new = bots.NewBot(**body.model_dump())
    await bots.check(_guard(request), new.rules, new.url)
    async with runtime.database.write() as tx:
        bot, secret = await bots.add(tx, runtime.sealer, caller.workspace_id, new)
    return BotSecretOut(**_facts(runtime, bot), secret=secret, simulated=caller.simulated)


@router.get("", summary="List bots", responses=responses(401, 403))
async def list_bots(runtime: RuntimeDep, caller: AdminDep) -> BotsOut:
    """The oldest first; bots have no mode, test and live keys see the same."""
    async with runtime.database.read() as session:
        found = await bots.list_bots(session, caller.workspace_id)
    items = [BotFacts(**_facts(runtime, bot)) for bot in found]
    return BotsOut(items=items, simulated=caller.simulated)


@router.get("/{bot_id}", summary="Show a bot", responses=responses(401, 403, 404))
async def show_bot(runtime: RuntimeDep, caller: AdminDep, bot_id: UUID) -> BotOut:
    """Its rules or address, and what the reader says of the file."""
    async with runtime.database.read() as session:
        bot = await bots.get(session, caller.workspace_id, bot_id)
    return BotOut(**_facts(runtime, bot), simulated=caller.simulated)


@router.put(
    "/{bot_id}", summary="Change a bot", responses=responses(400, 401, 403, 404, 409, 413, 422)
)
async def change_bot(
    request: Request, runtime: RuntimeDep, caller: AdminDep, bot_id: UUID, body: BotChange
) -> BotOut:
    """Its next answer follows the change. Switched off, its conversations go to people."""
    what = bots.Change(**body.model_dump())
    if what.rules or what.url:
        await bots.check(_guard(request), what.rules or "", what.url or "")
    async with runtime.database.write() as tx:
        bot = await bots.change(tx, runtime.sealer, caller.workspace_id, bot_id, what)
    return BotOut(**_facts(runtime, bot), simulated=caller.simulated)


@router.post(
    "/{bot_id}/try", summary="Try a bot", responses=responses(400, 401, 403, 404, 422, 503)
)
async def try_bot(
    request: Request, runtime: RuntimeDep, caller: AdminDep, bot_id: UUID, body: TryIn
) -> TriedOut:
    """What it would say. A skill or a look-up is really called; nothing reaches a customer."""
    async with runtime.database.read() as session:
        bot = await bots.get(session, caller.workspace_id, bot_id)
    try:
        who = bot_trials.who_of(runtime.sealer, bot)
    except Unsealable as error:
        raise _unusable() from error
    tried = await bot_trials.try_out(_guard(request), who, Trial(**body.model_dump()))
    return TriedOut(
        says=[
            SayOut(text=one.text, links=[LinkOut(name=x.name, url=x.url) for x in one.links])
            for one in tried.says
        ],
        hand_off=tried.hand_off,
        promised=tried.promised,
        notes=list(tried.notes),
        error=tried.error,
        state=tried.state,
        simulated=caller.simulated,
    )


def _guard(request: Request) -> Guard:
    guard: Guard = request.app.state.guard
    return guard


def _facts(runtime: Runtime, bot: Bot) -> dict[str, Any]:
    try:
        found = bots.view(runtime.sealer, bot)
    except Unsealable as error:
        raise _unusable() from error
    facts: dict[str, Any] = {name: getattr(found, name) for name in BotFacts.model_fields}
    return facts


def _unusable() -> Unavailable:
    return Unavailable(
        "bot_unusable",
        "The bot's stored address or secret cannot be opened. Is secrets.toml the one it was "
        "stored with? If not, make the bot again.",
    )
