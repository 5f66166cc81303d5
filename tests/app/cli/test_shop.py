"""The demonstration's shop: made once, found again, mended when a part of it is gone."""

import re

import pytest

from app.cli.api import DEMO_FILE, find_key
from app.cli.failures import Failed
from app.cli.shop import CALLER_NUMBER, NAME, open_shop
from app.errors import Unauthorized
from app.services import keys, senders, workspaces
from app.services.runtime import Runtime


async def test_it_is_made_once(runtime: Runtime) -> None:
    first = await open_shop(runtime)
    assert await open_shop(runtime) == first
    async with runtime.database.read() as session:
        owner = await workspaces.find(session, NAME)
        assert owner is not None
        found = [(one.kind, one.value) for one in await senders.list_senders(session, owner.id)]
        assert len(await keys.list_keys(session, owner.id)) == 1
    assert re.fullmatch("[0-9a-f]{40}", first.sender_key)
    assert found == [
        ("alimtalk", first.sender_key),
        ("sms", CALLER_NUMBER),
        ("chat", first.sender_key),
    ]
    assert f"{runtime.settings.public}/callbacks/nhn/" in first.nhn.callback


async def test_its_key_can_do_everything_in_the_sandbox(runtime: Runtime) -> None:
    shop = await open_shop(runtime)
    caller = await keys.authenticate(runtime, shop.key)
    assert caller.simulated
    assert "admin" in caller.scopes


async def test_the_key_is_kept_for_its_owner_alone(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NARU_KEY", raising=False)
    folder = runtime.settings.data
    with pytest.raises(Failed, match="NARU_KEY"):
        find_key(folder)
    shop = await open_shop(runtime)
    assert find_key(folder) == shop.key
    assert (folder / DEMO_FILE).stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("NARU_KEY", "naru_test_mine")
    assert find_key(folder) == "naru_test_mine"


@pytest.mark.parametrize("kept", [None, "", 'key = "naru_test_000000000000.gone"\n', "not toml ["])
async def test_a_lost_key_is_replaced_and_no_longer_valid(
    runtime: Runtime, kept: str | None
) -> None:
    first = await open_shop(runtime)
    path = runtime.settings.data / DEMO_FILE
    path.unlink()
    if kept is not None:
        path.write_text(kept)
    second = await open_shop(runtime)
    assert second.key != first.key
    assert second.sender_key == first.sender_key
    assert second.nhn == first.nhn
    assert find_key(runtime.settings.data) == second.key
    with pytest.raises(Unauthorized):
        await keys.authenticate(runtime, first.key)


async def test_no_secret_is_in_what_logs_print(runtime: Runtime) -> None:
    shop = await open_shop(runtime)
    words = repr(shop)
    assert shop.key not in words
    assert all(value not in words for value in shop.nhn.credentials.values())
