"""What an installation contacts, and what a closed network keeps from working."""

from typing import Any

import pytest
import structlog

from app.errors import Invalid
from app.services import accounts, bots, reach, webhooks
from app.services.callers import Caller
from app.services.credentials import NewAccount
from app.services.runtime import Runtime
from tests.app.api.shop import NHN, open_shop

RULES: dict[str, Any] = {"name": "나루봇", "url": "https://bot.outside/skill?key=secret"}


def closed(runtime: Runtime, allowed: str) -> Runtime:
    settings = runtime.settings.model_copy(
        update={"closed_network": True, "allowed_hosts": allowed}
    )
    return Runtime(settings, runtime.database, runtime.sealer)


async def filled(runtime: Runtime) -> None:
    shop = await open_shop(runtime)
    async with runtime.database.write() as tx:
        await bots.add(tx, runtime.sealer, shop.workspace_id, bots.NewBot(**RULES))
        new = webhooks.NewWebhook("https://hook.outside:8443/secret", ())
        caller = Caller(shop.workspace_id, shop.workspace_id, "live", frozenset(("admin",)))
        await webhooks.add(tx, runtime.sealer, caller, new)


async def test_everything_is_listed_and_nothing_secret(runtime: Runtime) -> None:
    await filled(runtime)
    known = await reach.contacts(runtime)
    places = {(one.what, one.place) for one in known}
    assert places == {
        ("account", "http://127.0.0.1:8001"),
        ("account", "https://kakaotalk-bizmessage.api.nhncloudservice.com"),
        ("account", "https://sms.api.nhncloudservice.com"),
        ("webhook", "https://hook.outside:8443"),
        ("bot", "https://bot.outside"),
    }
    assert all(one.is_allowed for one in known)
    assert "secret" not in str(known)


async def test_a_closed_network_names_what_it_keeps_from_working(runtime: Runtime) -> None:
    await filled(runtime)
    inside = closed(runtime, "bot.outside")
    refused = {one.place for one in await reach.contacts(inside) if not one.is_allowed}
    assert refused == {
        "https://kakaotalk-bizmessage.api.nhncloudservice.com",
        "https://sms.api.nhncloudservice.com",
        "https://hook.outside:8443",
    }
    with structlog.testing.capture_logs() as said:
        await reach.report(inside)
        await reach.report(runtime)  # an open one has nothing to say
    warned = [one["place"] for one in said if one["event"] == "not allowed"]
    assert set(warned) == refused
    assert (said[-1]["event"], said[-1]["not_allowed"]) == ("closed network", 3)


@pytest.mark.parametrize(("allowed", "is_refused"), [("", True), ("*", True), (
    "kakaotalk-bizmessage.api.nhncloudservice.com,sms.api.nhncloudservice.com", False)],
)  # fmt: skip
async def test_an_account_outside_is_refused_when_it_is_added(
    runtime: Runtime, allowed: str, is_refused: bool
) -> None:
    shop = await open_shop(runtime)
    new = NewAccount(name="more", adapter="nhn", mode="live", credentials=NHN)
    if allowed == "*":
        with pytest.raises(ValueError, match="NARU_ALLOWED_HOSTS"):
            await add(closed(runtime, allowed), shop.workspace_id, new)
    elif is_refused:
        with pytest.raises(Invalid, match=r"sms\.api") as refusal:
            await add(closed(runtime, allowed), shop.workspace_id, new)
        assert (refusal.value.code, refusal.value.field) == ("outside_closed_network", "adapter")
        sandbox = NewAccount(name="more", adapter="nhn", mode="sandbox", credentials=NHN)
        await add(closed(runtime, allowed), shop.workspace_id, sandbox)
    else:
        await add(closed(runtime, allowed), shop.workspace_id, new)


async def add(runtime: Runtime, workspace_id: Any, new: NewAccount) -> None:
    async with runtime.database.write() as tx:
        await accounts.add(tx, runtime, workspace_id, new)
