"""Bots of a workspace: made, changed, and nobody else's."""

from typing import Any

import pytest

from app.db.models import Bot, Workspace
from app.errors import GatewayError, Invalid
from app.ids import new_id
from app.services import bots
from app.services.bots import Change, NewBot
from app.services.runtime import Runtime
from tests.hooks import guard

RULES = '[menus.start]\ntext = "가"\n'
URL = "https://93.184.215.14/skill"  # a number: no name server is asked


async def home(runtime: Runtime) -> Any:
    async with runtime.database.write() as tx:
        workspace = Workspace(name=f"shop {new_id()}")
        tx.session.add(workspace)
        await tx.session.flush()
    return workspace.id


async def add(runtime: Runtime, workspace_id: Any, **given: Any) -> tuple[Bot, str]:
    new = NewBot(**({"name": "나루봇", "rules": RULES} | given))
    async with runtime.database.write() as tx:
        return await bots.add(tx, runtime.sealer, workspace_id, new)


async def test_address_and_secret_are_sealed(runtime: Runtime) -> None:
    here = await home(runtime)
    bot, secret = await add(runtime, here, rules="", url=URL)
    assert (bot.kind, bot.state) == ("skill", "active")
    assert URL.encode() not in bot.sealed
    assert bots.reach(runtime.sealer, bot) == (URL, secret)
    assert secret.startswith("whsec_")
    view = bots.view(runtime.sealer, bot)
    assert secret not in repr(view) + repr(bot)
    assert URL not in repr(view)


async def test_a_change_is_a_change_and_the_secret_stays(runtime: Runtime) -> None:
    here = await home(runtime)
    skill, secret = await add(runtime, here, rules="", url=URL)
    rules, _ = await add(runtime, here, name="둘째")
    async with runtime.database.write() as tx:
        what = Change(url=URL + "2", state="off", name=" 첫째 ")
        await bots.change(tx, runtime.sealer, here, skill.id, what)
        await bots.change(tx, runtime.sealer, here, rules.id, Change(rules=RULES + "# 새\n"))
    async with runtime.database.read() as session:
        one, two = await bots.list_bots(session, here)
    assert (one.name, one.state, bots.reach(runtime.sealer, one)) == (
        "첫째", "off", (URL + "2", secret),
    )  # fmt: skip
    assert (two.rules, two.state) == (RULES + "# 새\n", "active")


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"name": ""}, "bad_name"),
    ({"name": "가" * 21}, "bad_name"),
    ({"name": "가\n나"}, "bad_name"),
    ({"url": URL}, "bad_bot"),
    ({"rules": ""}, "bad_bot"),
    ({"rules": "x"}, "bad_rules"),
    ({"name": "있음"}, "bot_name_taken"),
)


async def test_refusals(runtime: Runtime) -> None:
    here = await home(runtime)
    await add(runtime, here, name="있음")
    for given, code in REFUSED:
        with pytest.raises(GatewayError) as refused:
            await add(runtime, here, **given)
        assert refused.value.code == code


async def test_every_fault_of_a_file_is_in_the_refusal(runtime: Runtime) -> None:
    here = await home(runtime)
    with pytest.raises(Invalid) as refused:
        await add(runtime, here, rules='[menus.start]\ntext = "#{x}"\ncolour = 1\n')
    found = refused.value.data["findings"]
    assert {(one["line"], one["rule"]) for one in found} == {
        (2, "no_without"), (3, "unknown_field"),
    }  # fmt: skip
    assert refused.value.detail.startswith("Line ")


async def test_a_bot_does_not_change_its_kind(runtime: Runtime) -> None:
    here = await home(runtime)
    bot, _ = await add(runtime, here)
    async with runtime.database.write() as tx:
        with pytest.raises(Invalid, match="kind rules"):
            await bots.change(tx, runtime.sealer, here, bot.id, Change(url=URL))


async def test_another_workspace_sees_nothing(runtime: Runtime) -> None:
    here, there = await home(runtime), await home(runtime)
    bot, _ = await add(runtime, here)
    await add(runtime, there)  # the same name, elsewhere
    async with runtime.database.write() as tx:
        for id_ in (bot.id, new_id()):
            with pytest.raises(GatewayError, match="No bot of this workspace"):
                await bots.change(tx, runtime.sealer, there, id_, Change(state="off"))


@pytest.mark.parametrize(
    ("rules", "url", "field"),
    [
        ("", "https://10.0.0.1/x", "url"),
        ("", "ftp://x.example", "url"),
        (RULES + 'lookup = "l"\n[lookups.l]\nurl = "https://169.254.169.254/"\n', "", "rules"),
    ],
)
async def test_addresses_inside_are_refused(rules: str, url: str, field: str) -> None:
    async with guard() as open_guard:
        with pytest.raises(Invalid) as refused:
            await bots.check(open_guard, rules, url)
        assert refused.value.field == field
        await bots.check(open_guard, RULES, "")
