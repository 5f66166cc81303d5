"""Senders: of the right form, of an account that carries them, one picked for each channel."""

import pytest
from sqlmodel import col, update

from app.db.models import ProviderAccount, Sender
from app.errors import Invalid, Refused
from app.services import accounts, senders, templates
from app.services.runtime import Runtime
from app.services.senders import NewSender
from tests.app.api.shop import NOTICE, Shop, open_shop, registrations
from tests.pushing import pushing


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    return await open_shop(runtime)


async def add(runtime: Runtime, account: ProviderAccount, kind: str, value: str) -> Sender:
    async with runtime.database.write() as tx:
        return await senders.add(tx, account, NewSender(kind=kind, value=value))


async def test_a_caller_number_is_kept_as_digits(runtime: Runtime, shop: Shop) -> None:
    sender = await add(runtime, shop.accounts["live"], "sms", "02-312-3456")
    assert sender.value == "023123456"


@pytest.mark.parametrize(
    ("account", "kind", "value", "code"),
    [
        ("live", "sms", "010-1234-5678", "bad_caller_number"),
        ("live", "alimtalk", "", "bad_sender_key"),
        ("live", "alimtalk", "two words", "bad_sender_key"),
        ("live", "alimtalk", "k" * 101, "bad_sender_key"),
        ("live", "fax", "1", "unknown_kind"),
        ("live", "chat", "key", "route_unavailable"),
        ("chat", "sms", "02-312-3456", "route_unavailable"),
    ],
)
async def test_what_cannot_be_a_sender(
    runtime: Runtime, shop: Shop, account: str, kind: str, value: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await add(runtime, shop.accounts[account], kind, value)
    assert refused.value.code == code


async def test_an_app_is_named_by_its_package(runtime: Runtime, shop: Shop) -> None:
    one = await pushing(runtime)
    assert (await add(runtime, one.account, "push", " com.example.other ")).value == (
        "com.example.other"
    )
    for bad in ("", "내 앱", "a b", "x" * 101):
        with pytest.raises(Invalid) as refused:
            await add(runtime, one.account, "push", bad)
        assert refused.value.code == "bad_app"


async def test_a_sender_is_added_once(runtime: Runtime, shop: Shop) -> None:
    with pytest.raises(Refused) as refused:
        await add(runtime, shop.accounts["live"], "sms", "15881234")
    assert refused.value.code == "sender_exists"


async def test_a_new_channel_has_the_templates_that_are_there_reviewed(
    runtime: Runtime, shop: Shop
) -> None:
    async with runtime.database.write() as tx:
        await templates.create(tx, shop.workspace_id, NOTICE)
    sender = await add(runtime, shop.accounts["live"], "alimtalk", "second")
    rows = await registrations(runtime, shop)
    assert [(row.sender_id, row.inspection) for row in rows][-1] == (sender.id, "draft")
    assert len(rows) == 3
    assert rows[-1].due_at is not None


async def test_one_is_picked_for_the_mode_and_kind(runtime: Runtime, shop: Shop) -> None:
    async with runtime.database.read() as session:
        for mode, kind, name in (
            ("sandbox", "alimtalk", "sandbox"),
            ("live", "sms", "live"),
            ("sandbox", "chat", "chat"),
        ):
            picked = await accounts.pick(session, shop.workspace_id, mode, kind)
            assert picked is not None
            sender, account = picked
            assert (sender.kind, account.name) == (kind, name)
        assert await accounts.pick(session, shop.workspace_id, "live", "chat") is None
        assert await accounts.pick(session, shop.workspace_id, "live", "push") is None
        other = shop.accounts["sandbox"].id
        assert await accounts.pick(session, shop.workspace_id, "live", "sms", other) is None


async def test_accounts_at_work_come_first_and_disabled_ones_never(
    runtime: Runtime, shop: Shop
) -> None:
    async def set_state(table: type[ProviderAccount] | type[Sender], id_: object, to: str) -> None:
        async with runtime.database.write() as tx:
            await tx.session.exec(update(table).where(col(table.id) == id_).values(state=to))

    async def picked() -> str | None:
        async with runtime.database.read() as session:
            found = await accounts.pick(session, shop.workspace_id, "live", "sms")
        return found[1].state if found else None

    live = shop.accounts["live"].id
    await set_state(ProviderAccount, live, "paused")
    assert await picked() == "paused"
    await set_state(ProviderAccount, live, "disabled")
    assert await picked() is None
    await set_state(ProviderAccount, live, "active")
    await set_state(Sender, shop.senders["live sms"].id, "blocked")
    assert await picked() is None


async def test_senders_of_others_are_not_there(runtime: Runtime, shop: Shop) -> None:
    other = await open_shop(runtime, "other")
    async with runtime.database.read() as session:
        mine = await senders.list_senders(session, shop.workspace_id)
        theirs = await senders.list_senders(session, other.workspace_id)
        of_live = await senders.list_senders(session, shop.workspace_id, "live")
    assert len(mine) == len(theirs) == 5
    assert not {s.id for s in mine} & {s.id for s in theirs}
    assert {s.account_id for s in of_live} == {shop.accounts["live"].id}
