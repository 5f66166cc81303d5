"""A whole installation as real processes over real sockets: app, scheduler, sandbox."""

import asyncio
import contextlib
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx

from app.config import Settings
from app.services import accounts, keys, senders, workspaces
from app.services.callers import SCOPES
from app.services.credentials import NewAccount
from app.services.runtime import open_runtime
from app.services.senders import NewSender
from tests import stores

ROOT = Path(__file__).parents[2]
CALLER_NUMBER = "0220410100"
NHN_CREDENTIALS = ("app_key", "secret_key", "sms_app_key", "sms_secret_key", "webhook_signature")
START_S = 90.0  # on a busy machine, too


def free_port() -> int:
    """A free port the system lends to no outgoing connection: who is killed needs it again."""
    for port in random.sample(range(10_000, 32_000), 100):
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free")


class Process(Protocol):
    """What a town needs of a process; `subprocess.Popen` has it."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


@dataclass
class Town:
    """The processes, their addresses, and what a test says to them."""

    folder: Path
    environment: dict[str, str]
    app_url: str
    sandbox_url: str
    http: httpx.AsyncClient
    sender_key: str = field(default_factory=lambda: secrets.token_hex(20))
    key: str = ""
    nhn: tuple[str, dict[str, Any]] = ("", {})  # app key, and what the sandbox knows of it
    processes: dict[str, Process] = field(default_factory=dict)

    def settings(self) -> Settings:
        """The settings its processes run with."""
        return Settings(
            data=Path(self.environment["NARU_DATA"]),
            port=int(self.environment["NARU_PORT"]),
            sandbox_port=int(self.environment["NARU_SANDBOX_PORT"]),
            database_url=self.environment["NARU_DATABASE_URL"],
        )

    def start(
        self, name: str, *arguments: str, called: str = "", **environment: str
    ) -> subprocess.Popen[bytes]:
        """Start ``python -m name``; its output goes to a file of the folder.

        ``called`` tells several processes of one kind apart.
        """
        called = called or name
        with (self.folder / f"{called}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", name, *arguments],
                cwd=ROOT,
                env={**self.environment, **environment},
                stdout=log,
                stderr=log,
            )
        self.processes[called] = process
        return process

    def kill(self, name: str) -> None:
        """SIGKILL: nothing is tidied up."""
        self.processes[name].kill()
        self.processes[name].wait()

    def stop_all(self) -> None:
        """SIGTERM to all, SIGKILL to who does not listen."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def log(self, name: str) -> str:
        """What a process has said."""
        return (self.folder / f"{name}.log").read_text("utf-8", "replace")

    async def api(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A request with the test key."""
        headers = {"Authorization": f"Bearer {self.key}", **more.pop("headers", {})}
        return await self.http.request(method, self.app_url + path, headers=headers, **more)

    async def desk(self, method: str, path: str, **more: Any) -> Any:
        """A request to the sandbox's desk; its JSON."""
        url = f"{self.sandbox_url}/desk/api{path}"
        response = await self.http.request(method, url, **more)
        assert response.is_success, response.text
        return response.json() if response.content else None

    async def send(self, template: str, to: str, **body: Any) -> str:
        """Accept one message; its id."""
        headers = body.pop("headers", {})
        body = {"template": template, "to": to, **body}
        response = await self.api("POST", "/v1/messages", json=body, headers=headers)
        assert response.status_code == 202, response.text
        return str(response.json()["id"])

    async def message(self, message_id: str) -> dict[str, Any]:
        """The message as the API shows it."""
        response = await self.api("GET", f"/v1/messages/{message_id}")
        assert response.status_code == 200, response.text
        shown: dict[str, Any] = response.json()
        return shown

    async def until(self, message_id: str, *statuses: str, seconds: float = 90) -> dict[str, Any]:
        """Wait for one of these states; fails saying where it stands instead."""
        end = time.monotonic() + seconds
        while True:
            shown = await self.message(message_id)
            if shown["status"] in statuses:
                return shown
            assert time.monotonic() < end, f"{shown}\n{self.log('scheduler')[-3000:]}"
            await asyncio.sleep(0.05)

    async def received(self, number: str | None = None) -> list[dict[str, Any]]:
        """Everything that arrived on phones (of one number), in order."""
        items: list[dict[str, Any]] = []
        after = 0
        while True:
            page = await self.desk("GET", f"/received?after={after}&limit=1000")
            rows = page["items"] if isinstance(page, dict) else page
            if not rows:
                return [r for r in items if number is None or r["number"] == number]
            items += rows
            after = rows[-1]["seq"]


async def ready(
    http: httpx.AsyncClient, url: str, process: Process, seconds: float = START_S
) -> None:
    """Wait until a process answers that it is ready."""
    end = time.monotonic() + seconds
    while True:
        assert process.poll() is None, f"ended with {process.returncode} before {url} answered"
        try:
            if (await http.get(url)).is_success:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < end, f"{url} is not ready"
        await asyncio.sleep(0.05)


@asynccontextmanager
async def town(
    folder: Path,
    *,
    database_url: str = "",
    scheduler: bool = True,
    settle_in: Callable[[Town], Awaitable[None]] | None = None,
    settings: Mapping[str, str] | None = None,
    **limits: Any,
) -> AsyncIterator[Town]:
    """Everything started, accounts and senders made; ``limits`` are the NHN account's.

    ``settings``: more of the environment. ``settle_in`` makes schema and accounts instead.
    """
    app_port, sandbox_port = free_port(), free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("NARU_")},
        "NARU_DATA": str(folder / "var"),
        "NARU_PORT": str(app_port),
        "NARU_SANDBOX_PORT": str(sandbox_port),
        "NARU_REVIEW_POLL_S": "0.2",
        "NARU_RECEIPT_POLL_S": "1",
        "NARU_DATABASE_URL": database_url,
        "NARU_DATABASE_KEPT": "2",
        **(settings or {}),
    }
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        place = Town(
            folder,
            environment,
            f"http://127.0.0.1:{app_port}",
            f"http://127.0.0.1:{sandbox_port}",
            http,
        )
        try:
            sandbox = place.start("sandbox", "--store", str(folder / "sandbox.db"))
            await (settle_in(place) if settle_in else _accounts(place, limits))
            app = place.start("app")
            await ready(http, place.sandbox_url + "/health/ready", sandbox)
            await ready(http, place.app_url + "/health/live", app)
            if scheduler:
                place.start("scheduler")
            yield place
        finally:
            place.stop_all()


def _new(adapter: str, credentials: dict[str, str], limits: dict[str, Any]) -> NewAccount:
    return NewAccount(
        name=adapter, adapter=adapter, mode="sandbox", credentials=credentials, **limits
    )


async def _accounts(place: Town, limits: dict[str, Any]) -> None:
    """A workspace, its key, one account per provider, and the same told to the sandbox."""
    nhn = {name: secrets.token_hex(16) for name in NHN_CREDENTIALS}
    hub = {"client_id": secrets.token_hex(8), "client_secret": secrets.token_hex(16)}
    name = "나루 상점"
    async with open_runtime(place.settings()) as runtime:
        await stores.migrate(runtime.database)
        async with runtime.database.write() as tx:
            workspace = await workspaces.create(tx, name)
            _, place.key = await keys.create(
                tx, runtime.sealer, workspace.id, "test", "test", SCOPES
            )
            notices, _ = await accounts.add(tx, runtime, workspace.id, _new("nhn", nhn, limits))
            chat, _ = await accounts.add(tx, runtime, workspace.id, _new("consult", hub, {}))
            for account, kind, value in (
                (notices, "alimtalk", place.sender_key),
                (notices, "sms", CALLER_NUMBER),
                (chat, "chat", place.sender_key),
            ):
                await senders.add(tx, account, NewSender(kind=kind, value=value, name=name))
        urls = [accounts.callback_url(runtime, account) for account in (notices, chat)]
    await ready(place.http, place.sandbox_url + "/health/ready", place.processes["sandbox"])
    channel = {"sender_key": place.sender_key, "channel_id": "@naru", "name": name}
    app_key = nhn.pop("app_key")
    notice_side = {
        **nhn,
        "senders": [channel],
        "caller_numbers": [CALLER_NUMBER],
        "webhook_url": urls[0],
    }
    chat_side = {
        "client_secret": hub["client_secret"],
        "senders": [{"sender_key": place.sender_key, "name": name}],
        "receive_domain": urls[1],
    }
    place.nhn = (app_key, notice_side)
    await place.desk("PUT", f"/accounts/nhn/{app_key}", json=notice_side)
    await place.desk("PUT", f"/accounts/consult/{hub['client_id']}", json=chat_side)


async def approve(place: Town, *templates: dict[str, Any]) -> None:
    """Register templates and approve them at the provider's desk, as a person would."""
    for template in templates:
        response = await place.api("POST", "/v1/templates", json=template)
        assert response.status_code in (200, 201, 202), response.text
    end = time.monotonic() + START_S
    waiting = {template["code"] for template in templates}
    while waiting:
        page = await place.desk("GET", "/templates")
        for row in page["items"] if isinstance(page, dict) else page:
            if row["code"] in waiting and row["sender_key"] == place.sender_key:
                path = f"/templates/{place.sender_key}/{row['code']}/approve"
                await place.desk("POST", path, json={})
                waiting.discard(row["code"])
        assert time.monotonic() < end, f"not in review: {waiting}\n{place.log('scheduler')}"
        await asyncio.sleep(0.05)
    for template in templates:
        while True:
            shown = (await place.api("GET", f"/v1/templates/{template['code']}")).json()
            if any(r["inspection"] == "approved" for r in shown["registrations"]):
                break
            assert time.monotonic() < end, shown
            await asyncio.sleep(0.05)
