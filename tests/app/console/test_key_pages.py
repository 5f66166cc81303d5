"""API keys in the console: shown once, explained, revoked; never another workspace's."""

import re

import pytest

from app.errors import Unauthorized
from app.services import access, keys
from app.services.runtime import Runtime
from tests.app.api.shop import Shop, open_shop
from tests.app.console.visitors import Visitor, words_of

FORM = {"name": "쇼핑몰 <b>", "kind": "test", "scope:messages:write": "1", "days": "30"}


async def test_a_key_is_shown_once_and_works(owner: Visitor, runtime: Runtime, shop: Shop) -> None:
    page = await owner.post("/console/keys", 200, **FORM)
    (plain,) = set(re.findall(r"naru_test_[0-9a-f]{12}\.[A-Za-z0-9_-]{43}", page.text))
    assert "curl https://naru.test/v1/messages" in page.text.replace("&#39;", "'")
    assert page.headers["cache-control"] == "no-store"
    caller = await keys.authenticate(runtime, plain)
    assert (caller.workspace_id, caller.scopes) == (
        shop.workspace_id,
        frozenset({"messages:write"}),
    )
    listed = await owner.get("/console/keys")
    assert plain.partition(".")[2] not in listed.text
    assert "쇼핑몰 &lt;b&gt;" in listed.text
    assert "까지" in words_of(listed)
    async with runtime.database.read() as session:
        (one,) = await access.entries(session, shop.workspace_id)
    assert one.kind == "key.created"
    assert plain.partition(".")[2] not in one.detail


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "어디에 쓰는 키인지"),
        ({"name": "x" * 101}, "100자까지"),
        ({"kind": "root"}, "목록에서 하나를"),
        ({"scope:messages:write": ""}, "하나 이상 골라"),
        ({"days": "7"}, "목록에서 하나를"),
    ],
)
async def test_what_is_wrong_is_said_and_kept(
    owner: Visitor, wrong: dict[str, str], words: str
) -> None:
    page = await owner.post("/console/keys", 422, **{**FORM, **wrong})
    assert words in words_of(page)
    assert "naru_test_" not in page.text.replace("naru_test_…", "").split("<form")[-1]
    if "name" not in wrong:
        assert 'value="쇼핑몰 &lt;b&gt;"' in page.text


async def test_a_revoked_key_is_over(owner: Visitor, runtime: Runtime, shop: Shop) -> None:
    async with runtime.database.read() as session:
        found = await keys.list_keys(session, shop.workspace_id)
    await owner.post(f"/console/keys/{found[0].id}/revoke")
    assert "폐기함" in words_of(await owner.get("/console/keys"))
    keys._known.clear()
    with pytest.raises(Unauthorized):
        await keys.authenticate(runtime, shop.keys[found[0].kind])


async def test_keys_of_others(owner: Visitor, runtime: Runtime) -> None:
    other = await open_shop(runtime, "other")
    async with runtime.database.read() as session:
        strange = (await keys.list_keys(session, other.workspace_id))[0]
    await owner.post(f"/console/keys/{strange.id}/revoke", 404)
    assert strange.prefix not in (await owner.get("/console/keys")).text
    await owner.post("/console/keys/odd/revoke", 404)
