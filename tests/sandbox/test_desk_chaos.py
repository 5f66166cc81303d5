"""The dial over HTTP."""

from typing import Any

import pytest

from tests.sandbox.server import Running
from tests.sandbox.shop import HANA, notice, send

PATH = "/desk/api/chaos"


async def test_rules_are_put_counted_started_over_and_taken_away(quiet: Running) -> None:
    body = {"seed": 5, "rules": [{"effect": "error_code", "code": "-3005", "provider": "nhn"}]}
    put = await quiet.client.put(PATH, json=body)
    assert (put.status_code, put.json()["seed"]) == (200, 5)
    (rule,) = put.json()["rules"]
    assert (rule["acted"], rule["probability"], rule["number"]) == (0, 1, None)
    assert (await send(quiet.client, notice(HANA)))["header"]["resultCode"] == -3005
    assert (await quiet.client.get(PATH)).json()["rules"][0]["acted"] == 1
    assert (await quiet.client.post("/desk/api/reset")).status_code == 204
    assert (await quiet.client.get(PATH)).json() == put.json()
    assert (await quiet.client.delete(PATH)).status_code == 204
    assert (await quiet.client.get(PATH)).json() == {"seed": 0, "rules": []}
    assert (await send(quiet.client, notice(HANA)))["header"]["resultCode"] == 0


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"effect": "http_status"}, "rules.0.status"),
        ({"effect": "throttle", "seconds": 3}, "rules.0.seconds"),
        ({"effect": "delay", "provider": "consult"}, "rules.0.call"),
        ({"effect": "delay", "probability": 2}, "rules.0.probability"),
        ({"effect": "delay", "number": "abc"}, "rules.0.number"),
        ({}, "rules.0.effect"),
    ],
)
async def test_a_slip_of_the_pen_is_told(quiet: Running, rule: dict[str, Any], field: str) -> None:
    await quiet.client.put(PATH, json={"rules": [{"effect": "delay", "seconds": 0}]})
    wrong = await quiet.client.put(PATH, json={"rules": [rule]})
    assert (wrong.status_code, wrong.json()["field"]) == (422, field)
    assert len((await quiet.client.get(PATH)).json()["rules"]) == 1


async def test_a_rule_may_be_off_but_kept(quiet: Running) -> None:
    rule = {"effect": "error_code", "code": "-3005", "on": False}
    await quiet.client.put(PATH, json={"rules": [rule]})
    assert (await send(quiet.client, notice(HANA)))["header"]["resultCode"] == 0
    (kept,) = (await quiet.client.get(PATH)).json()["rules"]
    assert (kept["on"], kept["acted"], kept["code"]) == (False, 0, "-3005")


async def test_the_document_has_it(quiet: Running) -> None:
    described = (await quiet.client.get("/desk/api/openapi.json")).json()
    assert set(described["paths"][PATH]) == {"put", "get", "delete"}
    assert "acted" in described["components"]["schemas"]["RuleOut"]["properties"]
