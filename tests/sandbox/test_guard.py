"""Password and foreign pages."""

from pathlib import Path

import httpx
import pytest

from sandbox.main import create_app


@pytest.mark.parametrize(
    ("path", "auth", "status"),
    [
        ("/desk/api/settings", None, 401),
        ("/desk/api/settings", ("any", "wrong"), 401),
        ("/desk/api/settings", ("any", "right"), 200),
        ("/", None, 401),
        ("/latest", None, 401),
        ("/stream", None, 401),
        ("/health/live", None, 200),
        ("/nhn/none", None, 200),
    ],
)
async def test_who_may_in(
    tmp_path: Path, path: str, auth: tuple[str, str] | None, status: int
) -> None:
    app = create_app(tmp_path / "s.db", password="right")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as client:
        answer = await client.get(path, auth=auth)
    app.state.store.close()
    assert answer.status_code == status


async def test_a_foreign_page_may_not_change_anything(tmp_path: Path) -> None:
    app = create_app(tmp_path / "s.db")
    transport = httpx.ASGITransport(app)
    foreign = {"Sec-Fetch-Site": "cross-site"}
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as client:
        refused = await client.post("/desk/api/reset", headers=foreign)
        allowed = await client.post("/desk/api/reset")
    app.state.store.close()
    assert (refused.status_code, allowed.status_code) == (403, 204)
