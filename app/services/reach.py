"""What this installation would contact, and whether a closed network lets it.

Said when a process starts, and by ``naru network``. Only places are named, never paths or keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlmodel import col, select

from app.db.models import Bot, ProviderAccount, WebhookEndpoint
from app.log import logger
from app.outbound import Outbound, origins
from app.sealing import Unsealable
from app.services import accounts, bots, webhooks
from app.services.credentials import reached
from app.services.runtime import Runtime

log = logger("network")


@dataclass(frozen=True, slots=True)
class Contact:
    """A place that is contacted: ``what`` says for what, ``name`` for which one."""

    what: str  # database | account | webhook | bot
    name: str
    place: str  # scheme, host and port
    is_allowed: bool


async def contacts(runtime: Runtime) -> list[Contact]:
    """Every place known before anything is sent; files of customers come from where they lie."""
    allowed = Outbound(runtime.settings)
    found = [
        Contact("database", "", place, allowed.allows(place))
        for place in origins([runtime.settings.database_url])
        if runtime.settings.database_url
    ]
    async with runtime.database.read() as session:
        rows = await session.exec(
            select(ProviderAccount)
            .where(col(ProviderAccount.state) != "disabled")
            .order_by(col(ProviderAccount.id))
        )
        for account in rows:
            found += [
                Contact("account", account.name, place, allowed.allows(place))
                for place in _places(runtime, account)
            ]
        endpoints = await session.exec(
            select(WebhookEndpoint)
            .where(col(WebhookEndpoint.state) == "active")
            .order_by(col(WebhookEndpoint.id))
        )
        urls = [("webhook", str(one.id), _hook(runtime, one)) for one in endpoints]
        active = await session.exec(
            select(Bot).where(col(Bot.state) == "active").order_by(col(Bot.id))
        )
        urls += [("bot", one.name, _bot(runtime, one)) for one in active]
    found += [
        Contact(what, name, place, not allowed.closed or allowed.lists(url))
        for what, name, url in urls
        if url
        for place in origins([url])
    ]
    return found


async def report(runtime: Runtime) -> None:
    """Say at the start what a closed network keeps from working."""
    if not runtime.settings.closed_network:
        return
    known = await contacts(runtime)
    missing = [one for one in known if not one.is_allowed]
    for one in missing:
        log.warning("not allowed", what=one.what, name=one.name, place=one.place)
    log.info("closed network", contacts=len(known), not_allowed=len(missing))


def _places(runtime: Runtime, account: ProviderAccount) -> Sequence[str]:
    try:
        given = accounts.credentials(runtime, account)
        return reached(runtime.settings, account.mode, account.adapter, given)
    except (Unsealable, KeyError, ValueError):
        return ()  # nobody can use it


def _hook(runtime: Runtime, endpoint: WebhookEndpoint) -> str:
    try:
        return webhooks.url_of(runtime.sealer, endpoint)
    except Unsealable:
        return ""


def _bot(runtime: Runtime, bot: Bot) -> str:
    try:
        url, _ = bots.reach(runtime.sealer, bot)
    except Unsealable:
        return ""
    return url if urlsplit(url).hostname else ""
