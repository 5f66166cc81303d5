"""One's own page: every role has it; a new password ends the other log-ins."""

from fastapi import FastAPI

from app.db.models import Staff
from app.services import logins
from app.services.runtime import Runtime
from tests.app.api.shop import Shop
from tests.app.console.visitors import HOME, Visitor, logged_in, words_of
from tests.app.services.lobby import PASSWORD, cheap

NEW = "강 건너 불빛이 곱다"


async def with_password(runtime: Runtime, visitor: Visitor) -> Staff:
    async with runtime.database.write() as tx:
        person = await tx.session.get_one(Staff, visitor.staff_id)
        person.password_hash = cheap()
        tx.session.add(person)
    return person


async def test_every_role_has_one(owner: Visitor, agent: Visitor, viewer: Visitor) -> None:
    for visitor in (owner, agent, viewer):
        page = await visitor.get("/console/profile")
        assert "test browser" in page.text
        assert "이 브라우저" in words_of(page)
    await viewer.post("/console/profile", name="새 <이름>", language="en")
    page = await viewer.get("/console/profile")
    assert "새 &lt;이름&gt;" in page.text
    assert 'lang="en"' in page.text
    bad = await viewer.post("/console/profile", 422, name=" ", language="en")
    assert 'aria-invalid="true"' in bad.text


async def test_a_new_password_needs_the_old_one(
    app: FastAPI, agent: Visitor, runtime: Runtime, shop: Shop
) -> None:
    person = await with_password(runtime, agent)
    other = await logged_in(app, runtime, person)
    await other.client.aclose()
    wrong = await agent.post("/console/profile/password", 401, old="x", password=NEW)
    assert 'id="e-old"' in wrong.text
    assert NEW not in wrong.text
    weak = await agent.post("/console/profile/password", 422, old=PASSWORD, password="short")
    assert 'id="e-password"' in weak.text
    done = await agent.post("/console/profile/password", old=PASSWORD, password=NEW)
    assert "HttpOnly" in done.headers["set-cookie"]
    assert await logins.find(runtime, other.token) is None
    assert await logins.find(runtime, agent.token) is None, "the cookie of before is over too"
    assert "이 브라우저" in words_of(await agent.get("/console/profile"))


async def test_tries_of_the_old_password_are_counted(agent: Visitor, runtime: Runtime) -> None:
    await with_password(runtime, agent)
    for _ in range(5):
        await agent.post("/console/profile/password", 401, old="x", password=NEW)
    page = await agent.post("/console/profile/password", 429, old=PASSWORD, password=NEW)
    assert "여러 번 틀렸어요" in words_of(page)


async def test_one_ends_one_s_own_log_ins_only(
    app: FastAPI, agent: Visitor, viewer: Visitor, runtime: Runtime
) -> None:
    person = await with_password(runtime, agent)
    second = await logged_in(app, runtime, person)
    await second.client.aclose()
    strange, mine = (await viewer.visit()).login_id, await second.visit()
    await agent.post(f"/console/profile/logins/{strange}/end", 404)
    assert await logins.find(runtime, viewer.token)
    await agent.post(f"/console/profile/logins/{mine.login_id}/end")
    assert await logins.find(runtime, second.token) is None
    own = (await agent.visit()).login_id
    done = await agent.post(f"/console/profile/logins/{own}/end")
    assert done.headers["location"] == "/console/login"
    again = await agent.client.get("/console/profile", headers={"Origin": HOME})
    assert again.status_code == 303
