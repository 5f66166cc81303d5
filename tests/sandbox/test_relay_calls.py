"""Chaos on a relay's calls: which template one is about."""

import pytest

from tests.sandbox.askers import Asker, meet_all
from tests.sandbox.server import Running
from tests.sandbox.shop import KEY

TEMPLATES = "/relay/templates"


@pytest.fixture
async def asker(quiet: Running) -> Asker:
    return meet_all(quiet)


async def test_a_rule_for_one_template(asker: Asker) -> None:
    """Its code stands in the body or in the query; a body that is none has no code."""
    asker.arm({"effect": "http_status", "status": 503, "call": "template", "template": "R1"})
    body = {"sender": KEY, "code": "R1", "name": "안내", "content": "안녕하세요"}
    assert (await asker.ask("relay", "POST", TEMPLATES, body)).status_code == 503
    assert (await asker.ask("relay", "GET", f"{TEMPLATES}?sender={KEY}&code=R1")).status_code == 503
    other = await asker.ask("relay", "POST", TEMPLATES, {**body, "code": "R2"})
    assert other.json()["inspection"] == "registered"
    assert (await asker.ask("relay", "POST", TEMPLATES, ["R1"])).status_code == 400
    assert asker.acted == [2]
