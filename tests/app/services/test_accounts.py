"""Provider accounts: sealed, never pointed at the wrong world, limited by their routes."""

import json
from typing import Any

import pytest
from sqlmodel import select

from app.config import Settings
from app.db.models import Event, ProviderAccount
from app.errors import Invalid, NotFound, Refused
from app.services import accounts, workspaces
from app.services.accounts import SECRET
from app.services.credentials import Changes, NewAccount
from app.services.runtime import Runtime
from channels import outlet, registry
from tests.app.api.shop import HUB, NHN, Shop, open_shop


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    return await open_shop(runtime)


async def test_credentials_are_sealed_and_the_callback_address_can_be_printed_again(
    runtime: Runtime, shop: Shop
) -> None:
    account = shop.accounts["sandbox"]
    for secret in (*NHN.values(), shop.secrets["sandbox"]):
        assert secret.encode() not in account.credentials_sealed
    assert accounts.credentials(runtime, account) == NHN
    assert SECRET not in accounts.credentials(runtime, account)
    assert account.callback_hash == runtime.sealer.key_hash(shop.secrets["sandbox"])
    url = accounts.callback_url(runtime, account)
    assert url == (f"http://127.0.0.1:8000/callbacks/nhn/{account.id}/{shop.secrets['sandbox']}")


async def test_the_mode_alone_decides_the_address(runtime: Runtime, shop: Shop) -> None:
    settings = Settings(sandbox_url="http://rehearsal:9000/")
    sandbox, live = shop.accounts["sandbox"], shop.accounts["live"]
    assert accounts.base_url(settings, sandbox) == "http://rehearsal:9000/nhn"
    assert accounts.base_url(settings, live) is None
    strange = live.model_copy(update={"mode": "production"})
    with pytest.raises(ValueError, match="production"):
        accounts.base_url(settings, strange)


async def test_a_live_account_that_came_to_name_the_sandbox_is_not_built(
    runtime: Runtime, shop: Shop
) -> None:
    """The sandbox may move to an address that was a provider's when the account was added."""
    hub = {**HUB, "hub_url": "http://127.0.0.1:7777/consult"}
    new = NewAccount(name="hub", adapter="consult", mode="live", credentials=hub)
    async with runtime.database.write() as tx:
        account, _ = await accounts.add(tx, runtime, shop.workspace_id, new)
    moved = Runtime(
        runtime.settings.model_copy(update={"sandbox_port": 7777}),
        runtime.database,
        runtime.sealer,
    )
    async with outlet.connect() as client:
        assert accounts.adapter_of(runtime, account, client).name == "consult"
        with pytest.raises(ValueError, match="sandbox"):
            accounts.adapter_of(moved, account, client)


async def test_an_adapter_is_built_with_what_was_given(runtime: Runtime, shop: Shop) -> None:
    async with outlet.connect() as client:
        for name, adapter in (("sandbox", "nhn"), ("live", "nhn"), ("chat", "consult")):
            assert accounts.adapter_of(runtime, shop.accounts[name], client).name == adapter


def account(**given: Any) -> ProviderAccount:
    return ProviderAccount(
        name="a",
        mode="sandbox",
        adapter="nhn",
        credentials_sealed=b"",
        callback_hash=b"",
        **given,
    )


@pytest.mark.parametrize(
    ("given", "limits"),
    [
        ({}, (1000, 30.0, 120.0)),
        ({"deadline_s": 1.5, "settle_s": 3.0}, (1000, 1.5, 3.0)),
        ({"batch": 100}, (100, 30.0, 120.0)),
        ({"batch": 5000, "deadline_s": 90.0}, (1000, 30.0, 120.0)),
        ({"settle_s": 600.0}, (1000, 30.0, 600.0)),
        ({"settle_s": 3.0}, (1000, 30.0, 31.0)),  # never before the deadline has passed
    ],
)
def test_limits_stay_within_the_routes(
    given: dict[str, float], limits: tuple[int, float, float]
) -> None:
    route = registry.PROVIDERS["nhn"].routes["alimtalk"]
    assert (route.batch, route.deadline_s, route.settle_s) == (1000, 30.0, 120.0)
    assert accounts.route_limits(account(**given), route) == limits


async def test_a_check_against_nobody_finds_a_problem(runtime: Runtime, shop: Shop) -> None:
    nowhere = Runtime(
        runtime.settings.model_copy(update={"sandbox_url": "http://127.0.0.1:1"}),
        runtime.database,
        runtime.sealer,
    )
    health = await accounts.check(nowhere, shop.accounts["sandbox"])
    assert not health.ok
    assert health.problems


async def test_a_provider_without_a_check_says_so(runtime: Runtime, shop: Shop) -> None:
    health = await accounts.check(runtime, shop.accounts["chat"])
    assert health.ok
    assert health.details


async def test_pause_and_resume_are_told(runtime: Runtime, shop: Shop) -> None:
    id_ = shop.accounts["live"].id
    async with runtime.database.write() as tx:
        paused = await accounts.pause(tx, shop.workspace_id, id_, "wrong key")
        assert (paused.state, paused.paused_reason) == ("paused", "wrong key")
    async with runtime.database.write() as tx:
        resumed = await accounts.resume(tx, shop.workspace_id, id_)
        assert (resumed.state, resumed.paused_reason) == ("active", None)
        assert tx.wake
    async with runtime.database.write() as tx:
        await accounts.resume(tx, shop.workspace_id, id_)
    async with runtime.database.read() as session:
        events = list(await session.exec(select(Event).order_by("seq")))
    said = [(e.kind, json.loads(e.data)) for e in events if e.subject_id == id_]
    assert said[1:] == [("account.paused", {"reason": "wrong key"}), ("account.resumed", {})]


async def test_a_name_is_taken_once_per_workspace(runtime: Runtime, shop: Shop) -> None:
    new = NewAccount(name="live", adapter="nhn", mode="live", credentials=NHN)
    with pytest.raises(Refused) as refused:
        async with runtime.database.write() as tx:
            await accounts.add(tx, runtime, shop.workspace_id, new)
    assert refused.value.code == "account_exists"
    async with runtime.database.write() as tx:
        other = await workspaces.create(tx, "other")
        await accounts.add(tx, runtime, other.id, new)


async def test_accounts_of_others_are_not_there(runtime: Runtime, shop: Shop) -> None:
    async with runtime.database.write() as tx:
        other = (await workspaces.create(tx, "other")).id
    async with runtime.database.read() as session:
        assert await accounts.list_accounts(session, other) == []
        with pytest.raises(NotFound):
            await accounts.get(session, other, shop.accounts["live"].id)
        with pytest.raises(NotFound):
            await accounts.get(session, shop.workspace_id, shop.accounts["live"].id, mode="sandbox")
        names = [a.name for a in await accounts.list_accounts(session, shop.workspace_id)]
        assert names == ["sandbox", "live", "chat"]
        of_live = await accounts.list_accounts(session, shop.workspace_id, "live")
        assert [a.name for a in of_live] == ["live"]


async def test_a_change_keeps_what_it_does_not_name(runtime: Runtime, shop: Shop) -> None:
    """A corrected key resumes the account; callback address and other credentials stay."""
    async with runtime.database.write() as tx:
        account = await accounts.get(tx.session, shop.workspace_id, shop.accounts["live"].id)
        before = accounts.callback_url(runtime, account)
        await accounts.pause(tx, shop.workspace_id, account.id, "401")
        changes = Changes(credentials={"secret_key": "right"}, batch=50)
        changed = await accounts.change(tx, runtime, account, changes)
    assert accounts.credentials(runtime, changed) == {**NHN, "secret_key": "right"}
    assert accounts.callback_url(runtime, changed) == before
    assert (changed.state, changed.batch, changed.settle_s) == ("active", 50, None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (Changes(credentials={"colour": "blue"}), "unknown_credential"),
        (Changes(settle_s=1.0), "settle_too_short"),
        (Changes(batch=0), "bad_limit"),
    ],
)
async def test_a_change_is_checked_like_a_new_account(
    runtime: Runtime, shop: Shop, changes: Changes, code: str
) -> None:
    async with runtime.database.write() as tx:
        account = await accounts.get(tx.session, shop.workspace_id, shop.accounts["live"].id)
        with pytest.raises(Invalid) as refused:
            await accounts.change(tx, runtime, account, changes)
    assert refused.value.code == code
