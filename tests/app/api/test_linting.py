"""The linter over HTTP: findings are an answer, never a refusal, and nothing is stored."""

from typing import Any

import httpx
import pytest

from app.api.linting import MOST_BYTES, MOST_SHOWN
from app.services.runtime import Runtime
from templates.findings import RULES
from tests.app.api.shop import NOTICE, Shop, bearer, key_with

PATH = "/v1/templates/lint"


async def ask(client: httpx.AsyncClient, shop: Shop, body: Any) -> Any:
    answer = await client.post(PATH, json=body, headers=bearer(shop.keys["test"]))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_template_is_linted_and_not_stored(client: httpx.AsyncClient, shop: Shop) -> None:
    told = await ask(client, shop, NOTICE)
    rules = {one["rule"] for one in told["findings"]}
    assert rules == {"no_courier", "no_invoice", "no_sender", "starts_with_variable"}
    assert told["counts"] == {"error": 0, "warning": 4, "hint": 0}
    assert told["simulated"] is True
    listed = await client.get("/v1/templates", headers=bearer(shop.keys["test"]))
    assert listed.json()["items"] == []


async def test_a_finding_says_everything(client: httpx.AsyncClient, shop: Shop) -> None:
    body = {"code": "t", "name": "가" * 151, "content": "[나루] 전 상품 할인"}
    first, second = (await ask(client, shop, body))["findings"]
    assert (first["rule"], first["severity"], first["field"]) == ("too_long", "error", "name")
    assert (first["start"], first["end"], first["limit"], first["count"]) == (150, 151, 150, 151)
    assert (second["rule"], second["start"], second["end"]) == ("ad_words", 10, 12)
    assert second["fix_en"] == RULES["ad_words"].fix_en
    assert "할인" in second["message_ko"]


async def test_samples_and_lengths_go_beside(client: httpx.AsyncClient, shop: Shop) -> None:
    body = {"code": "t", "name": "가", "content": "[나루] #{이름} 님의 주문이 접수되었습니다."}
    told = await ask(client, shop, body | {"sample": {"성": "김"}, "lengths": {"이름": 1_000}})
    assert {(one["field"], one["rule"]) for one in told["findings"]} == {
        ("sample.이름", "sample_missing"),
        ("sample.성", "sample_unknown"),
        ("content", "may_overflow"),
        ("content", "may_overflow_bytes"),
        ("content", "goes_as_lms"),
        ("lengths.이름", "first_time_value"),
    }


@pytest.mark.parametrize(
    "body", ['{"\\ud800": 1, "content": "\\ud800"}', '{"sample": {"\\ud800": "\\ud800"}}', "{}"]
)
async def test_what_no_text_can_carry_is_no_trouble(
    client: httpx.AsyncClient, shop: Shop, body: str
) -> None:
    headers = bearer(shop.keys["test"]) | {"Content-Type": "application/json"}
    answer = await client.post(PATH, content=body, headers=headers)
    assert answer.status_code == 200
    assert answer.json()["counts"]["error"] > 0


async def test_a_very_long_answer_is_cut(client: httpx.AsyncClient, shop: Shop) -> None:
    names = {f"v{i}": "가" for i in range(MOST_SHOWN + 1)}
    told = await ask(client, shop, {"code": "t", "name": "가", "content": "[나]", "sample": names})
    assert len(told["findings"]) == MOST_SHOWN
    assert told["counts"]["error"] == MOST_SHOWN + 1


async def test_refusals(client: httpx.AsyncClient, runtime: Runtime, shop: Shop) -> None:
    headers = bearer(shop.keys["test"])
    for body, status in ((["code"], 422), ({"content": "a" * MOST_BYTES}, 413)):
        assert (await client.post(PATH, json=body, headers=headers)).status_code == status
    assert (await client.post(PATH, json={})).status_code == 401
    other = bearer(await key_with(runtime, shop, "test", "messages:read"))
    assert (await client.post(PATH, json={}, headers=other)).status_code == 403
