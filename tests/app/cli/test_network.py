"""``naru network``, as a person types it."""

import pytest

from tests.app.cli.conftest import Naru, told
from tests.app.cli.test_cli_commands import add_account


def test_what_is_contacted(naru: Naru, monkeypatch: pytest.MonkeyPatch) -> None:
    naru("workspaces", "add", "가게")
    assert "아무 데도" in naru("network").output
    add_account(naru, mode="live")
    rows = told(naru("network", "--json"))
    assert {row["what"] for row in rows} == {"account"}
    assert all(row["allowed"] for row in rows)
    monkeypatch.setenv("NARU_CLOSED_NETWORK", "1")
    refused = naru("network", code=1)
    assert "NARU_ALLOWED_HOSTS" in refused.stderr
    hosts = ",".join(row["place"].partition("://")[2] for row in rows)
    monkeypatch.setenv("NARU_ALLOWED_HOSTS", hosts)
    naru("network")
    monkeypatch.setenv("NARU_ALLOWED_HOSTS", "ftp://x")
    assert "ftp://x" in naru("network", code=1).stderr
