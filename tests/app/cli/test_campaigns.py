"""``naru campaigns`` against a gateway on a socket, as a person types it."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request

from app.cli import uploading
from tests.app.cli.conftest import Naru, ThreadServer

ID = "0199f3a2-7c11-7d55-9f3e-2b8f5a1c0d42"
NAMES = ("--template", "order_shipped", "--name", "11월")


def told(**more: Any) -> dict[str, Any]:
    """A campaign as the API shows it."""
    return {
        "id": ID, "name": "11월", "template": "order_shipped", "state": "running", "reason": "",
        "rows": 1_200, "refused": 200, "accepted": 400, "open": 300, "eta": None,
        "ends": {"delivered": 100, "failed": 0}, "encoding": "cp949", "delimiter": ",",
    } | more  # fmt: skip


class Gateway:
    """Takes what the command sends; ``shown`` are its answers to GET, one after the other."""

    def __init__(self) -> None:
        self.got: list[tuple[str, Any]] = []
        self.size, self.shown = 0, [told()]
        self.app = FastAPI()
        self.app.post("/v1/campaigns", status_code=201)(self.act)
        self.app.post("/v1/campaigns/{id_}/{verb}")(self.act)
        self.app.put("/v1/campaigns/{id_}/rows")(self.rows)
        self.app.get("/v1/campaigns/{id_}")(self.show)
        self.app.get("/v1/campaigns")(self.listed)
        self.app.get("/v1/campaigns/{id_}/mistakes")(self.wrong)

    async def act(self, request: Request) -> Any:
        body = await request.body()
        self.got.append((request.url.path, await request.json() if body else None))
        return told()

    async def rows(self, request: Request) -> Any:
        async for piece in request.stream():
            self.size += len(piece)
        self.got.append((request.url.path, dict(request.query_params)))
        return told()

    async def show(self, id_: str) -> Any:
        return self.shown.pop(0) if len(self.shown) > 1 else self.shown[0]

    async def listed(self) -> Any:
        return {"items": [told()]}

    async def wrong(self, id_: str) -> Any:
        return {"items": [{"row": 4, "code": "bad_number", "field": "to", "detail": "No."}]}


@pytest.fixture
def gateway() -> Iterator[tuple[Gateway, str]]:
    """A gateway that runs beside the command."""
    made = Gateway()
    server = ThreadServer(uvicorn.Config(made.app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield made, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def run(naru: Naru, gateway: tuple[Gateway, str]) -> Callable[..., Any]:
    """Run a command of the group."""
    return lambda *words, code=0: naru(
        "campaigns", *words, "--key", "k", "--url", gateway[1], code=code
    )


def test_a_list_is_sent(
    run: Callable[..., Any], gateway: tuple[Gateway, str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(uploading, "EVERY_S", 0.01)
    path = tmp_path / "고객.csv"
    path.write_bytes(b"to,x\n" + b"010-0000-1001,a\n" * 60_000)
    gateway[0].shown = [told(), told(), told(state="done", accepted=1_000, open=0)]
    words = ("send", str(path), *NAMES, "--column", "전화=to", "--high", "--encoding", "cp949")
    said = run(*words, "--skip-refused", "--follow")
    made, filled, started = gateway[0].got
    assert made[1]["columns"] == {"전화": "to"}
    assert made[1]["priority"] == "high"
    assert filled[1] == {"allow_duplicates": "false", "encoding": "cp949"}
    assert gateway[0].size == path.stat().st_size
    assert started == (f"/v1/campaigns/{ID}/start", {"skip_refused": True})
    assert "10% · " in said.stderr
    assert "100% · " in said.stderr
    lines = said.stdout.splitlines()
    assert lines[0] == ID
    assert "1,200" in lines[1]
    assert [one.split(" · ")[0] for one in lines[2:]] == ["running", "done"]


def test_each_act(run: Callable[..., Any], gateway: tuple[Gateway, str], tmp_path: Path) -> None:
    when = ("--send-at", "2026-11-27T09:00:00+09:00")
    assert run("create", *NAMES, *when).stdout.strip() == ID
    assert gateway[0].got[0][1]["send_at"].startswith("2026-11-2")
    path = tmp_path / "a.csv"
    path.write_text("to\n1\n")
    assert "mistakes" in run("upload", ID, str(path), "--allow-duplicates", code=1).stdout
    for verb in ("start", "pause", "resume", "cancel"):
        assert run(verb, ID).stdout.startswith("running · 400 / 1,000 · open 300 · delivered 100")
    assert ID in run("list").stdout
    assert "delivered" in run("show", ID).stdout
    assert "bad_number" in run("mistakes", ID).stdout


@pytest.mark.parametrize("words", [("--column", "전화"), ("--send-at", "tomorrow")])
def test_what_cannot_be_meant(run: Callable[..., Any], words: tuple[str, ...]) -> None:
    assert words[0] in run("create", *NAMES, *words, code=2).stderr
