"""``naru audit`` and the prices behind what it adds up, as a person types them."""

import json

from tests.app.cli.conftest import Naru, told
from tests.app.cli.test_cli_commands import add_account


def test_counters_of_a_new_store_are_right(naru: Naru) -> None:
    naru("workspaces", "add", "가게")
    assert "모두 맞아요" in naru("audit").output
    assert told(naru("audit", "--from", "2026-11-01", "--to", "2026-11-02", "--json")) == []
    assert "2026-13-01" in naru("audit", "--from", "2026-13-01", code=2).output


def test_prices(naru: Naru) -> None:
    naru("workspaces", "add", "가게")
    assert json.dumps(add_account(naru, price="alimtalk=6.5")["prices"]) == '["alimtalk 6.5"]'
    shown = told(naru("accounts", "set", "NHN", "--price", "sms=9", "--price", "mms=85", "--json"))
    assert shown["prices"] == ["alimtalk 6.5", "mms 85", "sms 9"]
    assert "bad_price" in naru("accounts", "set", "NHN", "--price", "sms=6.555", code=1).stderr
    assert "route=won" in naru("accounts", "set", "NHN", "--price", "sms", code=2).stderr
    assert "unknown_route" in naru("accounts", "set", "NHN", "--price", "fax=1", code=1).stderr
