"""Starting, finding and ending a sandbox: what to set, and no process left behind."""

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from clients.python import naru_testing
from clients.python.naru_testing import COMMAND, PASSWORD, URL, CannotStart, Sandbox, SandboxError

SANDBOX = f"{shlex.quote(sys.executable)} -m sandbox"
SHOP = """
import os, signal, sys
from clients.python.naru_testing import Sandbox
print(Sandbox.start().url, flush=True)
sys.stdin.readline()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (URL, COMMAND, PASSWORD):
        monkeypatch.delenv(name, raising=False)


def is_there(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}/health/live", trust_env=False).is_success
    return False


def wait_gone(url: str, within_s: float = 10) -> bool:
    end = time.monotonic() + within_s
    while is_there(url) and time.monotonic() < end:
        time.sleep(0.05)
    return not is_there(url)


def test_a_started_one_has_the_password_and_is_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(PASSWORD, "열려라 참깨")
    monkeypatch.setenv(COMMAND, f"{SANDBOX} --port {{port}}")
    with Sandbox.find() as sandbox:
        assert httpx.get(f"{sandbox.url}/desk", trust_env=False).status_code == 401
        assert sandbox.settings()["result_delay_s"] == 0
        assert sandbox.url in sandbox.log()
        monkeypatch.setenv(URL, f"{sandbox.url}/")
        with Sandbox.find() as other:  # an address goes before a command
            assert other.url == sandbox.url
            assert other.log() == ""
        with pytest.raises(CannotStart, match=PASSWORD):
            Sandbox.connect(password="wrong")
        sandbox.reset()
    assert not is_there(sandbox.url)
    sandbox.close()  # again: nothing
    with pytest.raises(CannotStart, match=URL):
        Sandbox.connect()
    with pytest.raises(SandboxError):
        sandbox.received()


@pytest.mark.long
def test_it_ends_with_a_test_process_that_is_killed() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SHOP],
        env={**os.environ, COMMAND: SANDBOX},
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        assert process.stdin
        url = process.stdout.readline().strip()
        assert is_there(url)
        process.stdin.write("\n")
        process.stdin.close()
        assert process.wait(10) == -signal.SIGKILL
        assert wait_gone(url)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("import sys; sys.exit('kaput')", "kaput"),
        ("print('no address here', flush=True); import time; time.sleep(60)", "no address here"),
        (
            "import signal, time; signal.signal(signal.SIGTERM, lambda *_: 0);"
            "print('deaf', flush=True); time.sleep(60)",
            "deaf",
        ),
    ],
)
def test_a_command_that_starts_nothing(
    command: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(naru_testing, "START_S", 0.6)
    monkeypatch.setattr(naru_testing, "KEEPER", naru_testing.KEEPER.replace("wait(5)", "wait(.3)"))
    with pytest.raises(CannotStart) as told:
        Sandbox.start([sys.executable, "-c", command])
    assert said in str(told.value)
    assert COMMAND in str(told.value)


def test_a_command_that_is_not_there() -> None:
    with pytest.raises(CannotStart, match="no-such-program"):
        Sandbox.start("no-such-program --fast")


def test_without_anything_it_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotStart) as told:
        Sandbox.find()
    assert all(name in str(told.value) for name in (URL, COMMAND, "PATH"))
    naru = tmp_path / "naru"
    naru.write_text("#!/bin/sh\n")
    naru.chmod(0o755)
    assert naru_testing._command() == [str(naru), "sandbox"]
    monkeypatch.setenv(COMMAND, "naru sandbox --store 'a b.db'")
    assert naru_testing._command() == ["naru", "sandbox", "--store", "a b.db"]


class Other(BaseHTTPRequestHandler):
    """A web server that is no sandbox."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(b"<html>hello</html>")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def other() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Other) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_what_is_no_sandbox_is_told(other: str) -> None:
    with pytest.raises(CannotStart, match="no Naru sandbox"):
        Sandbox.connect(other)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(CannotStart, match=f"does not answer(.|\n)*{port}"):
        Sandbox.connect(f"http://127.0.0.1:{port}")
    with pytest.raises(CannotStart, match=URL):
        Sandbox.connect("127.0.0.1:8001")
