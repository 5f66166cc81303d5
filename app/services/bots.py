"""Bots of a workspace: made, changed, switched off. What answers is in their rules or outside.

A bot's address and the secret it is signed with are sealed; a secret is shown once. Requests are
signed as webhooks are (Standard Webhooks 1.0.0).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app import guard
from app.db.models import Bot
from app.db.session import Tx
from app.errors import Invalid, NotFound, Refused
from app.ids import new_id
from app.sealing import Sealer
from app.services import rule_files, webhooks
from app.services.rule_bots import Rules
from app.services.rule_files import BadRules
from templates.findings import Finding

TABLE = "bot"
KINDS = ("rules", "skill")
STATES = ("active", "off")
MOST = 50
LONGEST_NAME = 20
MOST_FINDINGS = 50


@dataclass(frozen=True, slots=True)
class NewBot:
    """What is given: ``rules`` (TOML) for a rule bot, ``url`` for a skill server."""

    name: str
    rules: str = field(default="", repr=False)
    url: str = field(default="", repr=False)

    @property
    def kind(self) -> str:
        """``rules`` or ``skill``."""
        return "skill" if self.url else "rules"


@dataclass(frozen=True, slots=True)
class Change:
    """What changes; None stays."""

    name: str | None = None
    rules: str | None = field(default=None, repr=False)
    url: str | None = field(default=None, repr=False)
    state: str | None = None


@dataclass(frozen=True, slots=True)
class BotView:
    """A bot without its secret. ``warnings`` are findings of its file, in words."""

    id: UUID
    name: str
    kind: str
    state: str
    rules: str = field(repr=False)
    url: str = field(repr=False)
    warnings: tuple[dict[str, Any], ...] = ()


async def check(client: guard.Guard, rules: str, url: str) -> None:
    """Raises Invalid ``bad_rules``, ``bad_url``, ``no_public_address``. Asks the network."""
    addresses = [url] if url else list(_rules(rules).lookups.values()) if rules else []
    for address in addresses:
        try:
            await client.check(address)
        except guard.Refused as refused:
            raise Invalid(
                refused.code,
                f"{refused} Bots are reached at public https addresses, port 443 or 8443.",
                field="url" if url else "rules",
            ) from None


def _rules(text: str) -> Rules:
    try:
        return rule_files.load(text)
    except BadRules as bad:
        first = bad.findings[0]
        place = f"Line {first.line}, " if first.line else ""
        raise Invalid(
            "bad_rules",
            f"{place}{first.field or 'the file'}: {first.message_en} — {first.fix_en} "
            "`data.findings` has all of them.",
            field="rules",
            data={"findings": [shown(one) for one in bad.findings[:MOST_FINDINGS]]},
        ) from None


def shown(one: Finding) -> dict[str, Any]:
    """A finding as programs get it."""
    found = asdict(one)
    names = ("line", "field", "rule", "severity", "message_ko", "fix_ko", "message_en", "fix_en")
    return {name: found[name] for name in names}


async def add(tx: Tx, sealer: Sealer, workspace_id: UUID, new: NewBot) -> tuple[Bot, str]:
    """A new bot and its secret. What it reaches is checked before: see :func:`check`.

    Raises Invalid ``bad_name``, ``bad_bot``, ``bad_rules``, Refused ``bot_name_taken``,
    ``too_many_bots``.
    """
    if bool(new.rules) == bool(new.url):
        raise Invalid(
            "bad_bot", "Give either `rules` (TOML) or the `url` of a skill server.", field="rules"
        )
    if new.rules:
        _rules(new.rules)
    name = await _free_name(tx, workspace_id, new.name)
    count = await tx.session.scalar(select(func.count()).select_from(_own(workspace_id).subquery()))
    if (count or 0) >= MOST:
        raise Refused(
            "too_many_bots", f"A workspace may have {MOST} bots. Change one.", data={"limit": MOST}
        )
    id_, secret = new_id(), webhooks.new_secret()
    bot = Bot(
        id=id_,
        workspace_id=workspace_id,
        name=name,
        kind=new.kind,
        rules=new.rules,
        sealed=sealer.seal(TABLE, workspace_id, id_, {"url": new.url, "secret": secret}),
        created_at=tx.now,
    )
    await _store(tx, bot)
    return bot, secret


async def change(tx: Tx, sealer: Sealer, workspace_id: UUID, bot_id: UUID, what: Change) -> Bot:
    """Change a bot; its next answer follows. Switched off, its conversations go to people.

    Raises NotFound ``unknown_bot``, as :func:`add`, Unsealable.
    """
    bot = await get(tx.session, workspace_id, bot_id, lock=True)
    if what.name is not None and what.name.strip() != bot.name:
        bot.name = await _free_name(tx, workspace_id, what.name)
    if (what.rules if bot.kind == "skill" else what.url) is not None:
        raise Invalid(
            "bad_bot", f"This bot is of kind {bot.kind}. Make another for the other.", field="rules"
        )
    if what.rules is not None:
        _rules(what.rules)
        bot.rules = what.rules
    if what.url is not None:
        kept = {"url": what.url, "secret": reach(sealer, bot)[1]}
        bot.sealed = sealer.seal(TABLE, workspace_id, bot.id, kept)
    bot.state = what.state or bot.state
    await _store(tx, bot)
    return bot


async def get(
    session: AsyncSession, workspace_id: UUID, bot_id: UUID, *, lock: bool = False
) -> Bot:
    """One bot. Raises NotFound, the same for another workspace's."""
    query = _own(workspace_id).where(col(Bot.id) == bot_id)
    found: Bot | None = (await session.exec(query.with_for_update() if lock else query)).first()
    if found is None:
        raise NotFound("unknown_bot", "No bot of this workspace has this id. List them.")
    return found


async def list_bots(session: AsyncSession, workspace_id: UUID) -> Sequence[Bot]:
    """All of a workspace, the oldest first."""
    return list(await session.exec(_own(workspace_id).order_by(col(Bot.id))))


def reach(sealer: Sealer, bot: Bot) -> tuple[str, str]:
    """Address (empty for rules) and secret. Raises Unsealable."""
    opened = sealer.open(TABLE, bot.workspace_id, bot.id, bot.sealed)
    return str(opened["url"]), str(opened["secret"])


def view(sealer: Sealer, bot: Bot) -> BotView:
    """A bot as its owner sees it. Raises Unsealable."""
    found = rule_files.examine(bot.rules)[1] if bot.rules else ()
    return BotView(
        id=bot.id,
        name=bot.name,
        kind=bot.kind,
        state=bot.state,
        rules=bot.rules,
        url=reach(sealer, bot)[0],
        warnings=tuple(shown(one) for one in found[:MOST_FINDINGS]),
    )


async def _free_name(tx: Tx, workspace_id: UUID, given: str) -> str:
    name = given.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise Invalid(
            "bad_name",
            f"A bot needs a name of 1 to {LONGEST_NAME} printable characters.",
            field="name",
            data={"limit": LONGEST_NAME, "count": len(name)},
        )
    taken = await tx.session.exec(_own(workspace_id).where(col(Bot.name) == name))
    if taken.first() is not None:
        raise _taken()
    return name


async def _store(tx: Tx, bot: Bot) -> None:
    tx.session.add(bot)
    try:
        await tx.session.flush()
    except IntegrityError:  # somebody was faster
        raise _taken() from None


def _taken() -> Refused:
    return Refused("bot_name_taken", "A bot has this name. Choose another.", field="name")


def _own(workspace_id: UUID) -> Any:
    return select(Bot).where(col(Bot.workspace_id) == workspace_id)
