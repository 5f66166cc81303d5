"""The sandbox's own reading of a closed network, beside the gateway's."""

import httpx
import pytest

from app.config import Settings
from app.outbound import Outbound
from sandbox.outside import is_closed, may_reach, refuse_outside

LIST = "relay.internal, http://10.1.2.3:8080, 10.2.0.0/16, [fd00::1]:9000"
URLS = (
    "https://relay.internal/x",
    "http://relay.internal/x",
    "https://relay.internal:9443/x",
    "https://evil.example/x",
    "http://10.1.2.3:8080/x",
    "http://10.1.2.3/x",
    "https://10.2.9.9/x",
    "https://10.3.0.1/x",
    "https://[fd00::1]:9000/x",
    "https://[fd00::1]/x",
    "http://127.0.0.1:8000/callbacks",
    "http://localhost:8000/callbacks",
)


@pytest.mark.parametrize("url", URLS)
def test_both_read_the_list_alike(url: str) -> None:
    """They share no line, so that one mistake cannot hide in both."""
    ours = Outbound(Settings(closed_network=True, allowed_hosts=LIST)).allows(url)
    assert may_reach(httpx.URL(url), LIST) is ours


@pytest.mark.parametrize(
    ("said", "is_so"), [("1", True), ("true", True), ("", False), ("0", False)]
)
def test_the_switch(said: str, is_so: bool) -> None:
    assert is_closed({"NARU_CLOSED_NETWORK": said}) is is_so
    assert not is_closed({})


async def test_a_webhook_outside_is_refused_before_it_leaves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NARU_CLOSED_NETWORK", "1")
    monkeypatch.setenv("NARU_ALLOWED_HOSTS", "relay.internal")
    with pytest.raises(httpx.ConnectError):
        await refuse_outside(httpx.Request("POST", "https://evil.example/"))
    await refuse_outside(httpx.Request("POST", "https://relay.internal/"))
    monkeypatch.setenv("NARU_CLOSED_NETWORK", "0")
    await refuse_outside(httpx.Request("POST", "https://evil.example/"))
