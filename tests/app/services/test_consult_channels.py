"""Settings of a channel: defaults, what is refused and where, and whose they are."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.db.models import ProviderAccount
from app.errors import GatewayError
from app.ids import new_id
from app.services import consult_channels
from app.services.callers import SCOPES, Caller
from app.services.consult_channels import ChannelSettings, ChannelView
from tests.app.services.desks import Desk, desk

PLAIN = ChannelSettings()


@pytest.fixture
async def here(tmp_path: Path, migrated: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path, migrated) as made:
        yield made


async def change(
    here: Desk, settings: ChannelSettings, caller: Caller | None = None
) -> ChannelView:
    async with here.talk.runtime.database.write() as tx:
        by = caller or here.talk.caller()
        return await consult_channels.change(tx, by, here.talk.sender.id, settings)


async def listed(here: Desk, caller: Caller) -> list[ChannelView]:
    async with here.talk.runtime.database.read() as session:
        return await consult_channels.list_channels(session, caller)


async def test_defaults_then_what_was_set(here: Desk) -> None:
    (before,) = await listed(here, here.talk.caller())
    assert (before.settings, before.is_open, before.updated_at) == (PLAIN, True, None)
    assert (before.closes_at, before.opens_at is not None, before.mode) == (None, True, "sandbox")
    bot = await here.bot()
    settings = ChannelSettings(
        weekly={"mon": [["09:00", "18:00"]]},
        exceptions={"2026-12-25": []},
        automatic="hub",
        greeting="안녕하세요",
        away="#{여는시각}에 열어요",
        reopen_h=0.5,
        first_reply_s=60,
        bot_id=bot.id,
    )
    made = await change(here, settings)
    assert made.settings == settings
    assert made.updated_at is not None
    assert (await listed(here, here.talk.caller()))[0].settings == settings
    await change(here, PLAIN)
    assert (await here.talk.events("consult.channel_changed"))[0][1] == {}
    assert (await listed(here, here.talk.caller()))[0].settings == PLAIN


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"weekly": {"mon": [["18:00", "09:00"]]}}, "bad_hours", "weekly.mon[0]"),
    ({"exceptions": {"x": []}}, "bad_hours", "exceptions.x"),
    ({"automatic": "both"}, "bad_automatic", "automatic"),
    ({"greeting": "가" * 1_001}, "too_long", "greeting"),
    ({"greeting": "#{이름}님"}, "unknown_variable", "greeting"),
    ({"away": "#{여는시각}" + "가" * 993}, "too_long", "away"),
    ({"away": "#{시각}"}, "unknown_variable", "away"),
    ({"away": "a\x07"}, "bad_text", "away"),
    ({"away": "\ud800"}, "bad_text", "away"),
    ({"reopen_h": -1}, "bad_reopen", "reopen_h"),
    ({"reopen_h": float("nan")}, "bad_reopen", "reopen_h"),
    ({"reopen_h": 721}, "bad_reopen", "reopen_h"),
    ({"first_reply_s": 29}, "bad_aim", "first_reply_s"),
    ({"first_reply_s": 86_401}, "bad_aim", "first_reply_s"),
    ({"bot_id": new_id()}, "bot_not_found", "bot_id"),
]


async def test_what_is_wrong_names_its_field_and_nothing_is_kept(here: Desk) -> None:
    for wrong, code, field in WRONG:
        with pytest.raises(GatewayError) as refused:
            await change(here, replace(PLAIN, **wrong))
        assert (refused.value.code, refused.value.field) == (code, field)
    (kept,) = await listed(here, here.talk.caller())
    assert (kept.settings, kept.updated_at) == (PLAIN, None)


async def test_other_workspaces_and_modes(here: Desk) -> None:
    stranger = Caller(new_id(), new_id(), "live", frozenset(SCOPES))
    assert await listed(here, stranger) == []
    with pytest.raises(GatewayError) as refused:
        await change(here, PLAIN, stranger)
    assert refused.value.code == "channel_not_found"
    await here.talk.change(ProviderAccount, mode="live")
    assert await listed(here, here.talk.caller()) == []
    with pytest.raises(GatewayError) as live:
        await change(here, PLAIN)
    assert live.value.problem() == refused.value.problem()
    assert (await change(here, PLAIN, here.talk.caller("live"))).mode == "live"
