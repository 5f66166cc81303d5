"""What a form offers: only what may be sent now, in this mode, found by name or code."""

import pytest

from app.services import choices
from app.services.callers import SCOPES, Caller
from app.services.runtime import Runtime
from tests.app.api.shop import approve, open_shop
from tests.app.services.stored import change, create


async def test_only_what_may_be_sent_is_offered(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = await open_shop(runtime)
    for code, name in (("one", "배송 시작"), ("two", "100% 할인"), ("three", "배송 끝")):
        await create(runtime, shop, code=code, name=name)
    test = Caller(shop.workspace_id, shop.workspace_id, "test", frozenset(SCOPES))

    async def offered(words: str = "") -> list[str]:
        async with runtime.database.read() as session:
            return [one.code for one in (await choices.find(session, test, words)).found]

    assert await offered() == []
    await approve(runtime, shop)
    assert await offered() == ["three", "two", "one"]
    assert await offered("배송") == ["three", "one"]
    assert await offered("TW") == ["two"]
    assert await offered("%") == ["two"]  # a character, no pattern
    assert await offered("_") == []
    monkeypatch.setattr(choices, "MOST", 1)
    monkeypatch.setattr(choices, "PAGE", 1)
    assert await offered() == ["three"]
    await change(runtime, shop, usage="stopped")
    assert await offered() == []
