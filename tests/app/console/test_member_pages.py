"""People in the console: links shown once, roles, nobody locks themselves out, no other tenant."""

import re

import pytest
from fastapi import FastAPI

from app.services import staff, workspaces
from app.services.runtime import Runtime
from tests.app.api.shop import Shop
from tests.app.console.visitors import Visitor, logged_in, somebody, words_of

LINK = re.compile(r"https://naru\.test/console/link/[A-Za-z0-9_-]{43}")
NEW = {"name": "새 <i>사람</i>", "email": "new@naru.test", "role": "agent"}


async def test_a_person_is_added_with_a_link(owner: Visitor, runtime: Runtime) -> None:
    page = await owner.post("/console/members", 200, **NEW)
    (link,) = set(LINK.findall(page.text))
    assert "새 &lt;i&gt;사람" in page.text
    async with runtime.database.write() as tx:
        person = await staff.by_link(tx, runtime.sealer, link.rpartition("/")[2])
    assert person.email == "new@naru.test"
    listed = await owner.get("/console/members")
    assert not LINK.search(listed.text)
    assert "비밀번호를 아직 안 정함" in words_of(listed)
    again = await owner.post(f"/console/members/{person.id}/link", 200)
    (new,) = set(LINK.findall(again.text))
    assert new != link
    await owner.post(f"/console/members/{person.id}/role", role="viewer")
    await owner.post(f"/console/members/{person.id}/remove")
    assert "new@naru.test" not in (await owner.get("/console/members")).text


@pytest.mark.parametrize(
    ("wrong", "words", "status"),
    [
        ({"email": "nobody"}, "이메일 주소가 아니에요", 422),
        ({"name": ""}, "이름은 1자부터", 422),
        ({"role": "captain"}, "그런 역할은 없어요", 422),
        ({"email": "owner@naru.test"}, "이미 이 워크스페이스에", 409),
    ],
)
async def test_what_is_wrong_is_said_and_kept(
    owner: Visitor, wrong: dict[str, str], words: str, status: int
) -> None:
    page = await owner.post("/console/members", status, **{**NEW, **wrong})
    assert words in words_of(page)
    assert 'aria-invalid="true"' in page.text
    kept = {**NEW, **wrong}["email"]
    assert f'value="{kept}"' in page.text


async def test_nobody_locks_themselves_out(owner: Visitor) -> None:
    me = (await owner.visit()).staff_id
    for do in ("role", "link", "remove"):
        page = await owner.post(f"/console/members/{me}/{do}", 409, role="viewer")
        assert "다른 소유자가 바꿔요" in words_of(page)
    assert (await owner.visit()).role == "owner"


async def test_a_person_who_is_removed_is_out_at_once(
    owner: Visitor, agent: Visitor, runtime: Runtime
) -> None:
    await owner.post(f"/console/members/{agent.staff_id}/remove")
    assert (
        (await agent.client.get("/console/inbox")).headers["location"].startswith("/console/login")
    )


async def test_people_of_other_workspaces(
    app: FastAPI, owner: Visitor, runtime: Runtime, shop: Shop
) -> None:
    async with runtime.database.write() as tx:
        place = (await workspaces.create(tx, "other")).id
    strange = await somebody(runtime, place, "owner", email="strange@naru.test")
    for do in ("role", "link", "remove"):
        await owner.post(f"/console/members/{strange.id}/{do}", 404, role="viewer")
    assert "strange@naru.test" not in (await owner.get("/console/members")).text
    added = await owner.post("/console/members", 200, **{**NEW, "email": "strange@naru.test"})
    assert not LINK.search(added.text), "a link would open the other workspace too"
    refused = await owner.post(f"/console/members/{strange.id}/link", 409)
    assert "naru members reset" in words_of(refused)
    visitor = await logged_in(app, runtime, strange)
    async with visitor.client:
        assert (await visitor.visit()).role in ("owner", "agent")
