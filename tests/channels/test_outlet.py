"""The client for providers: on a bare machine, and in a closed network."""

from pathlib import Path

import httpx
import pytest

from channels.outlet import OutsideClosedNetwork, connect
from channels.transport import Reply, Trouble, deadline_in, get
from tests.channels.sockets import serving
from tests.channels.test_transport import answer_ok, send


async def test_a_machine_without_certificates_still_connects(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    async with connect() as bare, serving(answer_ok) as seen:
        assert await send(bare, seen.url()) == Reply(200, b"{}")


async def test_outside_nothing_is_connected_to() -> None:
    asked: list[str] = []

    def allowed(url: str) -> bool:
        asked.append(url)
        return "/in" in url

    async with serving(answer_ok) as seen, connect(allowed=allowed) as client:
        inside, outside = f"{seen.url()}/in", f"{seen.url()}/out"
        assert not isinstance(await get(client, inside, {"q": "1"}, {}, deadline_in(30)), Trouble)
        answer = await get(client, outside, {}, {}, deadline_in(30))
        with pytest.raises(OutsideClosedNetwork):
            await client.send(httpx.Request("GET", outside))
    assert isinstance(answer, Trouble)
    assert not answer.sent
    assert len(seen.requests) == 1
    assert asked[0] == f"{inside}?q=1"
