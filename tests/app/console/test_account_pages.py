"""Accounts in the console: secrets go in and never come out, check, pause, tenants."""

from typing import Any

import pytest

from app.services import access, accounts
from app.services.runtime import Runtime
from channels.management import Health
from tests.app.api.shop import NHN, Shop, open_shop
from tests.app.console.visitors import Visitor, words_of
from tests.service_accounts import key_file

SECRETS = {f"c:{name}": f"s3cret-{name}" for name in NHN}
FORM: dict[str, Any] = {
    "adapter": "nhn",
    "name": "새 <계정>",
    "p:alimtalk": "6.5",
    "weight": "50",
    **SECRETS,
}


async def known(runtime: Runtime, shop: Shop) -> list[Any]:
    async with runtime.database.read() as session:
        return await accounts.list_accounts(session, shop.workspace_id)


async def test_an_account_is_added_and_its_secrets_are_not_shown(
    owner: Visitor, runtime: Runtime, shop: Shop
) -> None:
    assert "NHN" in (await owner.get("/console/account")).text
    form = await owner.get("/console/account?adapter=nhn")
    assert 'type="password"' in form.text
    await owner.post("/console/account", **FORM)
    made = (await known(runtime, shop))[-1]
    assert (made.mode, made.weight, made.prices) == ("sandbox", 50, {"alimtalk": 6.5})
    assert accounts.credentials(runtime, made)["app_key"] == "s3cret-app_key"
    pages = [
        await owner.get(path) for path in ("/console/accounts", f"/console/accounts/{made.id}")
    ]
    for page in pages:
        assert "s3cret" not in page.text
        assert "새 &lt;계정&gt;" in page.text
    assert "6.5원" in pages[0].text
    async with runtime.database.read() as session:
        (one,) = await access.entries(session, shop.workspace_id)
    assert (one.kind, "s3cret" in one.detail) == ("account.added", False)


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"c:app_key": ""}, "c:app_key", "이 값이 있어야 해요"),
        ({"c:app_key": "한글"}, "c:app_key", "쓸 수 없는 값"),
        ({"p:sms": "nine"}, "p:sms", "소수점 아래"),
        ({"p:sms": "nan"}, "p:sms", "소수점 아래"),
        ({"weight": "1.5"}, "weight", "0부터 100까지"),
        ({"rate_per_s": "0"}, "rate_per_s", "0보다 크고"),
        ({"name": ""}, "name", "이름은 1자부터"),
    ],
)
async def test_what_is_wrong_is_said_and_kept(
    owner: Visitor, wrong: dict[str, str], field: str, words: str
) -> None:
    page = await owner.post("/console/account", 422, **{**FORM, **wrong})
    assert words in words_of(page)
    assert f'id="e-{field}"' in page.text
    assert "s3cret" not in page.text
    if "name" not in wrong:
        assert 'value="새 &lt;계정&gt;"' in page.text


async def test_credentials_are_replaced_and_others_stay(
    owner: Visitor, runtime: Runtime, shop: Shop
) -> None:
    account = shop.accounts["sandbox"]
    given: dict[str, Any] = {"c:app_key": "n3w", "weight": "10"}
    await owner.post(f"/console/accounts/{account.id}", **given)
    changed = next(one for one in await known(runtime, shop) if one.id == account.id)
    assert accounts.credentials(runtime, changed) == {**NHN, "app_key": "n3w"}
    assert changed.weight == 10
    page = await owner.post(f"/console/accounts/{account.id}", 422, **{"c:app_key": "비밀값"})
    assert "비밀값" not in page.text


async def test_a_pause_and_a_callback(owner: Visitor, runtime: Runtime, shop: Shop) -> None:
    account = shop.accounts["sandbox"]
    base = f"/console/accounts/{account.id}"
    await owner.post(f"{base}/state", do="pause")
    assert "사람이 멈췄어요" in words_of(await owner.get("/console/accounts"))
    await owner.post(f"{base}/state", do="resume")
    assert "사람이 멈췄어요" not in words_of(await owner.get("/console/accounts"))
    address = accounts.callback_url(runtime, account)
    assert address not in (await owner.get("/console/accounts")).text
    assert address in (await owner.post(f"{base}/callback", 200)).text
    async with runtime.database.read() as session:
        kinds = [one.kind for one in await access.entries(session, shop.workspace_id)]
    assert kinds == ["callback.revealed", "account.resumed", "account.paused"]


async def test_a_check_says_what_the_provider_said(
    owner: Visitor, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(*_: object) -> Health:
        return Health(False, ("키가 <틀려요>",), {"alimtalk": "no"})

    monkeypatch.setattr(accounts, "check", check)
    page = await owner.post(f"/console/accounts/{shop.accounts['sandbox'].id}/check", 200)
    assert "통하지 않아요" in words_of(page)
    assert "키가 &lt;틀려요&gt;" in page.text


async def test_accounts_of_others_and_of_the_other_mode(
    owner: Visitor, runtime: Runtime, shop: Shop
) -> None:
    other = await open_shop(runtime, "other")
    for account in (other.accounts["sandbox"], shop.accounts["live"]):
        base = f"/console/accounts/{account.id}"
        await owner.get(base, 404)
        for do in ("", "/check", "/callback", "/state"):
            await owner.post(base + do, 404)
    await owner.post("/console/mode", mode="live")
    await owner.get(f"/console/accounts/{shop.accounts['live'].id}")
    await owner.get(f"/console/accounts/{other.accounts['live'].id}", 404)
    await owner.post("/console/account", 404, adapter="nobody")


async def test_a_key_file_goes_into_a_box_of_many_lines(
    owner: Visitor, runtime: Runtime, shop: Shop
) -> None:
    form = await owner.get("/console/account?adapter=fcm")
    assert '<textarea class="in mono" id="f-c:service_account"' in form.text
    given: dict[str, Any] = {"adapter": "fcm", "name": "앱", "c:service_account": key_file()}
    bad = await owner.post("/console/account", 422, **given | {"c:service_account": "{}"})
    assert 'aria-invalid="true"' in bad.text
    await owner.post("/console/account", **given)
    made = (await known(runtime, shop))[-1]
    assert accounts.credentials(runtime, made)["service_account"] == key_file().strip()
    shown = await owner.get(f"/console/accounts/{made.id}")
    assert "PRIVATE KEY" not in shown.text
