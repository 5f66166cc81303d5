"""The chaos dial on the desk, without scripts: what is shown, done, refused."""

import re
from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest

from sandbox.accounts import RelayKeys, put_relay
from sandbox.chaos.effects import SLIPS
from sandbox.chaos.rules import MOST_RULES, Rule
from sandbox.pages.dial_forms import FIELDS
from sandbox.pages.words_dial import DIAL
from sandbox.store import Store
from tests.sandbox.received import open_pages
from tests.sandbox.shop import ALIMTALK, APP, HANA, SECRET, notice, settle_in

NEW = {"id": "0", "effect": "throttle", "call": "send", "probability": "30", "on": "1"}


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with open_pages() as pages:
        settle_in(pages.store)
        pages.client.follow_redirects = True
        yield pages.client


@pytest.fixture
def store(browser: httpx.AsyncClient) -> Store:
    store: Store = browser._transport.app.state.store  # type: ignore[attr-defined]
    return store


async def do(browser: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    return await browser.post(f"/desk/chaos/{path}", data=form)


def chaos_of(page: str) -> str:
    """The part of the page."""
    found = re.search(r'<section id="chaos".*?</section>', page, re.DOTALL)
    assert found
    return unescape(found[0])


def told(page: str) -> dict[str, str]:
    """What is wrong, by the field it stands beside."""
    rows = re.findall(r'id="rule-([a-z_]+)-error">.*?<span>([^<]+)</span>', page)
    for field, _ in rows:
        assert f'aria-describedby="rule-{field}-error"' in page
    return dict(rows)


def rules(store: Store) -> list[tuple[str, float, int | None, bool]]:
    found = [one.rule for one in store.chaos.armed]
    return [(one.effect, one.probability, one.count, one.on) for one in found]


async def test_a_rule_is_added_seen_turned_switched_copied_and_deleted(
    browser: httpx.AsyncClient, store: Store
) -> None:
    assert "아직 아무것도 어긋나지 않아요" in (await browser.get("/desk")).text
    form = (await browser.get("/desk?rule=new")).text
    assert 'id="rule-form"' in form
    assert "checked" in chaos_of(form)
    assert "쓰는 곳: HTTP 상태로 실패, 429 너무 많음" in chaos_of(form)  # what a script would hide
    whom = {"provider": "nhn", "account": APP, "number": "1001", "template": "ORDER_SHIPPED"}
    added = await do(browser, "rule", **(NEW | whom | {"retry_after_s": "9"}))
    assert added.status_code == 200
    (one,) = store.chaos.armed
    assert rules(store) == [("throttle", 0.3, None, True)]
    seen = chaos_of(added.text)
    for words in ("NHN · 한빛상회", "…1001번 · 템플릿 ORDER_SHIPPED", "Retry-After 9", "30%"):
        assert words in seen
    assert 'id="top-chaos"' in added.text
    assert "<b>1<span" in added.text

    await do(browser, "dial", id=str(one.id), probability="100", count="2")
    assert rules(store) == [("throttle", 1.0, 2, True)]
    answer = await browser.post(f"{ALIMTALK}/raw-messages", json=notice(HANA), headers=SECRET)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "9")
    assert re.search(rf'id="acted-{one.id}".*?</span>1</td>', (await browser.get("/desk")).text)

    off = await do(browser, "switch", id=str(one.id), on="0")
    assert 'aria-checked="false"' in chaos_of(off.text)
    assert "<b>1<span" not in off.text
    assert (store.chaos.armed[0].acted, rules(store)[0][3]) == (1, False)
    await do(browser, "switch", id=str(one.id), on="1")

    copied = await do(browser, "copy", id=str(one.id))
    assert rules(store) == [("throttle", 1.0, 2, True), ("throttle", 1.0, 2, False)]
    assert f'name="id" value="{store.chaos.armed[1].id}"' in copied.text
    assert "복제한 규칙은 꺼져 있어요" in copied.text

    await do(browser, "delete", id=str(one.id))
    assert rules(store) == [("throttle", 1.0, 2, False)]


async def test_a_form_shows_a_rule_as_it_is_and_saves_it_unchanged(
    browser: httpx.AsyncClient, store: Store
) -> None:
    store.chaos.arm(
        [
            Rule(effect="rate_limit", per_s=2.5, unit="recipients", probability=0.005),
            Rule(effect="receipt_forge", forge="result", provider="relay", seconds=1.5),
            Rule(effect="http_status", status=503, accepted=True, call="template", on=False),
            Rule(effect="garbage", body="charset", call="any"),
            Rule(effect="receipt_duplicate", times=3),
        ],
        1,
    )
    for one in store.chaos.armed:
        page = (await browser.get(f"/desk?rule={one.id}")).text
        before, form = one.rule, fields(page)
        one.acted = 7
        assert (await do(browser, "rule", **form)).status_code == 200
        kept = store.chaos.find(one.id)
        assert kept
        assert (kept.rule, kept.acted) == (before, 7)


def fields(page: str) -> dict[str, str]:
    """What a browser would send of the form of a rule."""
    form = chaos_of(page).partition('id="rule-form"')[2]
    found = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]*? value="([^"]*)"', form))
    for name, options in re.findall(
        r'<select[^>]* name="(\w+)".*?>(.*?)</select>', form, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    if "checked" not in form:
        found.pop("on")
    return found


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"effect": "http_status"}, "status", "이 값이 있어야 해요"),
    ({"effect": "http_status", "status": "700"}, "status", "400–599"),
    ({"effect": "http_status", "status": "429", "accepted": "1"}, "accepted", "500부터"),
    ({"seconds": "3"}, "seconds", "쓰이지 않는 칸"),
    ({"probability": "101"}, "probability", "0–100"),
    ({"probability": "nan"}, "probability", "0–100"),
    ({"probability": "많이"}, "probability", "0–100"),
    ({"count": "0"}, "count", "1부터"),
    ({"number": "12a"}, "number", "숫자"),
    ({"effect": "delay", "seconds": "nan"}, "seconds", "0–600"),
    ({"effect": "rate_limit", "per_s": "inf"}, "per_s", "100000"),
    ({"effect": "error_code", "code": "busy"}, "code", "수예요"),
    ({"provider": "consult"}, "call", "상담 호출만"),
    ({"call": "list", "number": "1"}, "number", "알 수 없는"),
    ({"effect": "explode"}, "effect", "골라 주세요"),
    ({"effect": "receipt_forge", "forge": ""}, "forge", "있어야 해요"),
]


async def test_what_is_wrong_stands_beside_its_field(
    browser: httpx.AsyncClient, store: Store
) -> None:
    store.chaos.arm([Rule(effect="drip")], 0)
    for n, (change, field, words) in enumerate(WRONG):
        id_ = store.chaos.armed[0].id if n % 2 else 0  # a new rule, and one that is changed
        form = NEW | change | {"id": str(id_), "template": "<b>"}
        refused = await do(browser, "rule", **form)
        assert refused.status_code == 422, change
        assert words in told(refused.text)[field], change
        assert 'id="rule-wrong" role="alert"' in refused.text
        assert "autofocus" in chaos_of(refused.text)
        assert 'value="&lt;b&gt;"' in refused.text  # as it was sent, and harmless
    assert rules(store) == [("drip", 1.0, None, True)]


async def test_the_cursor_goes_to_the_first_field_that_is_wrong(browser: httpx.AsyncClient) -> None:
    wrong = NEW | {"number": "x", "seconds": "3", "probability": "-1"}
    refused = (await do(browser, "rule", **wrong)).text
    assert set(told(refused)) == {"seconds", "number", "probability"}
    assert "3군데를 고쳐 주세요" in refused
    (focused,) = re.findall(r'name="(\w+)"[^>]* autofocus', refused)
    assert focused == "seconds"
    assert {*FIELDS, "on"} == set(Rule.model_fields)


async def test_errors_speak_english_too(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("lang", "en")
    refused = await do(browser, "rule", **(NEW | {"seconds": "3"}))
    assert told(unescape(refused.text))["seconds"].startswith("“429 too many” does not use")
    assert {f"slip_{kind}" for kind in SLIPS} <= set(DIAL)


async def test_a_row_that_cannot_be_saved_opens_its_form(
    browser: httpx.AsyncClient, store: Store
) -> None:
    store.chaos.arm([Rule(effect="delay", seconds=2)], 0)
    (one,) = store.chaos.armed
    refused = await do(browser, "dial", id=str(one.id), probability="50", seconds="601", count="")
    assert refused.status_code == 422
    assert "0–600초" in told(refused.text)["seconds"]
    assert one.rule.seconds == 2
    assert store.chaos.armed == (one,)


async def test_the_seed_and_all_off(browser: httpx.AsyncClient, store: Store) -> None:
    store.chaos.arm([Rule(effect="drip"), Rule(effect="delay", on=False)], 3)
    store.chaos.armed[0].acted = 5
    page = (await do(browser, "seed", seed="1123")).text
    assert (store.chaos.seed, store.chaos.armed[0].acted) == (1123, 0)
    assert 'name="seed"' in page
    for wrong in ("", "x", "9" * 19, "1.5"):
        refused = await do(browser, "seed", seed=wrong)
        assert refused.status_code == 422
        assert "18자리까지의 수" in refused.text
        assert f'value="{wrong}"' in chaos_of(refused.text)
    assert store.chaos.seed == 1123
    await do(browser, "off")
    assert (store.chaos.on, len(store.chaos.armed)) == (0, 2)


async def test_a_rule_that_is_gone_and_too_many(browser: httpx.AsyncClient, store: Store) -> None:
    for path in ("rule", "dial", "switch", "copy", "delete"):
        gone = await do(browser, path, **(NEW | {"id": "999999"}))
        assert (gone.status_code, "그 규칙이 이제 없어요" in gone.text) == (404, True)
    assert (await browser.get("/desk?rule=999999")).status_code == 200
    store.chaos.arm([Rule(effect="drip")] * MOST_RULES, 0)
    for path, id_ in (("rule", "0"), ("copy", str(store.chaos.armed[0].id))):
        full = await do(browser, path, **(NEW | {"id": id_}))
        assert (full.status_code, "규칙은 100개까지" in full.text) == (422, True)
    assert len(store.chaos.armed) == MOST_RULES


async def test_other_sites_may_not_turn_it(browser: httpx.AsyncClient, store: Store) -> None:
    store.chaos.arm([Rule(effect="drip")], 7)
    (one,) = store.chaos.armed
    foreign = {"Origin": "https://evil.test"}
    for path in ("rule", "dial", "switch", "copy", "delete", "seed", "off"):
        form = NEW | {"id": str(one.id), "seed": "1", "on": "0"}
        answer = await browser.post(f"/desk/chaos/{path}", data=form, headers=foreign)
        assert answer.status_code == 403
    assert (store.chaos.armed, one.rule.on, store.chaos.seed) == ((one,), True, 7)


async def test_what_providers_promise_is_set_here(browser: httpx.AsyncClient, store: Store) -> None:
    put_relay(store, RelayKeys("very-secret", "s1"), [], [])
    page = (await browser.get("/desk")).text
    (id_,) = re.findall(r'name="id" value="(relay-[0-9a-f]+)"', page)
    assert "very-secret" not in page
    form = {"id": id_, "idempotency": "dedupe", "dedupe_ttl_s": "60"}
    assert (await browser.post("/desk/accounts/relay", data=form)).status_code == 200
    row = store.one("SELECT idempotency, dedupe_ttl_s FROM relay_account")
    assert row
    assert tuple(row) == ("dedupe", 60)
    for wrong in ({"idempotency": "magic"}, {"dedupe_ttl_s": "0"}, {"dedupe_ttl_s": "x"}):
        assert (await browser.post("/desk/accounts/relay", data=form | wrong)).status_code == 422
    gone = await browser.post("/desk/accounts/relay", data=form | {"id": "relay-0"})
    assert gone.status_code == 404
    await browser.post("/desk/settings", data={"nhn_idempotency": "0"})
    assert store.settings.nhn_idempotency is False
