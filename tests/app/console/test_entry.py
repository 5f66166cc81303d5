"""Coming in: the first owner, the log-in, the link; and what is refused at the door."""

from base64 import b64encode
from datetime import timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from sqlmodel import select

from app.console.deps import COOKIE
from app.db.models import Login, Staff
from app.services import logins, setup_code, staff
from app.services.runtime import Runtime
from tests.app.api.shop import Shop
from tests.app.console.visitors import HOME, Visitor, somebody, words_of

PASSWORD = "나룻배에 등불 하나요"
HERE = {"Origin": HOME}


async def start(stranger: httpx.AsyncClient, runtime: Runtime, **more: str) -> httpx.Response:
    form = {
        "code": setup_code.make(runtime.settings.data),
        "name": "한지우",
        "email": "Jiwoo@Naru.test",
        "password": PASSWORD,
        "workspace": "온담상회",
        **more,
    }
    return await stranger.post("/console/start", data=form, headers=HERE)


async def test_the_first_owner_is_made_once(stranger: httpx.AsyncClient, runtime: Runtime) -> None:
    asked = await stranger.get("/console")
    assert (asked.status_code, asked.headers["location"]) == (303, "/console/login")
    begun = await stranger.get("/console/login")
    assert begun.headers["location"] == "/console/start"
    page = await stranger.get("/console/start")
    assert "설치 코드" in page.text
    made = await start(stranger, runtime)
    assert (made.status_code, made.headers["location"]) == (303, "/console"), made.text
    assert stranger.cookies.get(COOKIE)
    cookie = made.headers["set-cookie"]
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"))
    assert (await stranger.get("/console")).headers["location"] == "/console/overview"
    assert not (runtime.settings.data / setup_code.FILE).exists()
    again = await start(stranger, runtime, code="0" * 16)
    assert again.status_code == 403
    assert (await stranger.get("/console/start")).headers["location"] == "/console/login"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"code": "guess"}, "설치 코드가 맞지 않아요"),
        ({"email": "nobody"}, "이메일 주소가 아니에요"),
        ({"name": " "}, "이름은 1자부터"),
        ({"password": "short"}, "10자 이상이고"),
        ({"password": "jiwoo-jiwoo-jiwoo"}, "이메일을 담지"),
        ({"workspace": " "}, "워크스페이스 이름을"),
    ],
)
async def test_a_wrong_start_names_the_field(
    stranger: httpx.AsyncClient, runtime: Runtime, wrong: dict[str, str], words: str
) -> None:
    page = await start(stranger, runtime, **wrong)
    assert page.status_code in (403, 422)
    assert words in words_of(page)
    assert f'id="f-{next(iter(wrong))}"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert PASSWORD not in page.text
    async with runtime.database.read() as session:
        assert await staff.is_first(session)


async def member(runtime: Runtime, shop: Shop, email: str = "a@naru.test") -> Staff:
    """A person with the password of this file."""
    person = await somebody(runtime, shop.workspace_id, "operator", email=email)
    async with runtime.database.write() as tx:
        person = await tx.session.get_one(Staff, person.id)
        person.password_hash = (
            "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$" + FAST[PASSWORD]
        )
        tx.session.add(person)
    return person


FAST: dict[str, str] = {}


@pytest.fixture(autouse=True)
def cheap() -> None:
    """A hash of the password with parameters that cost nothing: verifying reads them from it."""
    if not FAST:
        made = Argon2id(
            salt=b"somesaltsomesalt", length=32, iterations=1, lanes=1, memory_cost=64
        ).derive(PASSWORD.encode())
        FAST[PASSWORD] = b64encode(made).decode().rstrip("=")


async def log_in(stranger: httpx.AsyncClient, **more: str) -> httpx.Response:
    form = {"email": "a@naru.test", "password": PASSWORD, "remember": "1", **more}
    return await stranger.post("/console/login", data=form, headers=HERE)


async def test_a_log_in_goes_on_to_the_page_that_was_asked(
    stranger: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    await member(runtime, shop)
    asked = await stranger.get("/console/messages?q=1234")
    assert asked.headers["location"] == "/console/login?next=%2Fconsole%2Fmessages%3Fq%3D1234"
    page = await stranger.get(asked.headers["location"])
    assert 'value="/console/messages?q=1234"' in page.text
    done = await log_in(stranger, email=" A@naru.test", next="/console/messages?q=1234")
    assert done.headers["location"] == "/console/messages?q=1234"
    assert (await stranger.get("/console")).headers["location"] == "/console/overview"


@pytest.mark.parametrize(
    "address",
    ["https://evil.test/", "//evil.test", "/console//evil.test", "/v1/x", "/console\\@evil.test",
     "/consolex", "javascript:alert(1)", "/console/\nx"],
)  # fmt: skip
async def test_nobody_is_sent_elsewhere(
    stranger: httpx.AsyncClient, runtime: Runtime, shop: Shop, address: str
) -> None:
    await member(runtime, shop)
    assert (await log_in(stranger, next=address)).headers["location"] == "/console"


async def test_wrong_passwords_are_counted_and_then_wait(
    stranger: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    await member(runtime, shop)
    for left in (4, 3, 2, 1, 0):
        page = await log_in(stranger, password="wrong wrong wrong")
        assert page.status_code == 401
        assert f"{left}번 더 틀리면" in words_of(page)
        assert "www-authenticate" not in page.headers
    page = await log_in(stranger)  # the right one, too late
    assert page.status_code == 429
    assert "10분 뒤에" in words_of(page)
    assert (await log_in(stranger, email="other@naru.test")).status_code == 401


async def test_an_unknown_name_looks_like_a_wrong_password(
    stranger: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    await member(runtime, shop)
    known, unknown = await log_in(stranger, password="x"), await log_in(stranger, email="b@b.test")
    assert (known.status_code, unknown.status_code) == (401, 401)
    assert words_of(known).replace("a@naru.test", "") == words_of(unknown).replace("b@b.test", "")


async def test_forms_of_other_sites_are_refused(
    stranger: httpx.AsyncClient, owner: Visitor, runtime: Runtime
) -> None:
    evil = {"Origin": "https://evil.test"}
    data = {"email": "a@naru.test", "password": PASSWORD}
    assert (await stranger.post("/console/login", data=data, headers=evil)).status_code == 403
    token = {"csrf": (await owner.visit()).csrf}
    for headers, form in (
        (evil, token),
        ({"Sec-Fetch-Site": "cross-site"}, token),
        (HERE, {}),
        (HERE, {"csrf": "0" * 64}),
    ):
        refused = await owner.client.post("/console/logout", data=form, headers=headers)
        assert refused.status_code == 403
    await owner.get("/console", 303)
    await owner.post("/console/logout")
    assert (await owner.client.get("/console")).headers["location"] == "/console/login"


async def test_a_password_never_crosses_a_network_in_the_open(
    stranger: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    await member(runtime, shop)
    stranger.base_url = httpx.URL("http://naru.example")
    data = {"email": "a@naru.test", "password": PASSWORD}
    page = await stranger.post("/console/login", data=data)
    assert page.status_code == 403
    assert "HTTPS" in words_of(page)
    stranger.base_url = httpx.URL("http://127.0.0.1:8000")
    assert (await stranger.post("/console/login", data=data)).status_code == 303


async def test_a_link_sets_a_password_once(
    stranger: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    async with runtime.database.write() as tx:
        person, token = await staff.add(
            tx, runtime.sealer, shop.workspace_id, "new@naru.test", "새사람", "agent"
        )
    path = f"/console/link/{token}"
    assert "새사람" in (await stranger.get(path)).text
    weak = await stranger.post(path, data={"password": "1234"}, headers=HERE)
    assert weak.status_code == 422
    done = await stranger.post(path, data={"password": PASSWORD}, headers=HERE)
    assert (done.status_code, done.headers["location"]) == (303, "/console")
    assert (await stranger.get("/console")).headers["location"] == "/console/inbox"
    used = await stranger.get(path)
    assert used.status_code == 404
    assert "이미 썼거나" in words_of(used)
    async with runtime.database.read() as session:
        kept = await session.get_one(Staff, person.id)
    assert kept.password_hash.startswith("$argon2id$")
    assert PASSWORD not in kept.password_hash


async def test_a_login_ends_by_itself_and_with_its_person(owner: Visitor, runtime: Runtime) -> None:
    await owner.get("/console", 303)
    async with runtime.database.write() as tx:
        login = (await tx.session.exec(select(Login))).one()
        login.expires_at = tx.now - timedelta(seconds=1)
    assert await logins.find(runtime, owner.token) is None
    async with runtime.database.write() as tx:
        login = (await tx.session.exec(select(Login))).one()
        login.expires_at = tx.now + timedelta(hours=1)
        (await tx.session.exec(select(Staff))).one().disabled_at = tx.now
    assert await logins.find(runtime, owner.token) is None


async def test_language_and_mode_are_remembered(owner: Visitor) -> None:
    await owner.post("/console/language", language="en", back="/console")
    page = await owner.get("/console/nowhere", 404)
    assert 'lang="en"' in page.text
    await owner.post("/console/mode", mode="live")
    assert (await owner.visit()).mode == "live"
    await owner.post("/console/mode", mode="sandbox")
    assert (await owner.visit()).mode == "sandbox"


async def test_nobody_moves_into_a_workspace_of_others(owner: Visitor) -> None:
    page = await owner.post("/console/workspace", 404, workspace="0" * 32)
    assert "속해 있지 않아요" in words_of(page)
    await owner.post("/console/workspace", 404, workspace="x")


async def test_what_holds_a_page_in(owner: Visitor, stranger: httpx.AsyncClient) -> None:
    for page in (await owner.get("/console/nowhere", 404), await stranger.get("/console/login")):
        policy = page.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'")
        assert page.headers["x-frame-options"] == "DENY"
        assert page.headers["cache-control"] == "no-store"
        assert " style=" not in page.text
        assert "<script>" not in page.text
