"""The parent of processes, with real children: none is ever left behind."""

import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[3]
PARENT = """
import pathlib, sys
import click
from app.cli import processes
from app.cli.failures import Failed

folder = pathlib.Path(sys.argv[1])
mode = sys.argv[2]
processes.GRACE_S = 60.0 if mode == "patient" else 2.0
WAIT = "import time; time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + WAIT
DIES = "import time; time.sleep(0.5); raise SystemExit(7)"
first = {"dies": DIES, "stubborn": STUBBORN, "patient": STUBBORN}
sources = {"first": first.get(mode, WAIT), "second": WAIT}
family = processes.Family(
    [processes.Child(name, (sys.executable, "-c", text)) for name, text in sources.items()]
)

async def work():
    pids = [str(process.pid) for _, process in family._running]
    (folder / "draft").write_text(" ".join(pids))
    (folder / "draft").rename(folder / "pids")
    if mode == "fails":
        raise Failed("the work failed")
    return mode == "ends"

@click.command()
def main():
    sys.exit(family.run(work))

main(args=[])
"""


class Parent:
    """A parent in a process of its own, and the children it told of."""

    def __init__(self, folder: Path, mode: str, terminal: int | None = None) -> None:
        self.folder = folder
        with (folder / "output").open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PARENT, str(folder), mode],
                cwd=ROOT,
                stdin=terminal,
                stdout=output,
                stderr=output,
                start_new_session=terminal is not None,
            )
        self.children = self._children()

    def _children(self) -> list[psutil.Process]:
        end = time.monotonic() + 90
        while not (self.folder / "pids").exists():
            assert time.monotonic() < end, self.output()
            time.sleep(0.02)
        found = []
        for pid in (self.folder / "pids").read_text().split():
            try:
                found.append(psutil.Process(int(pid)))
            except psutil.NoSuchProcess:
                continue
        return found

    def output(self) -> str:
        return (self.folder / "output").read_text("utf-8")

    def ended(self, seconds: float = 60) -> int:
        """The exit code; fails when a child is still there."""
        code = self.process.wait(seconds)
        assert self.alive(2) == [], "children outlived their parent"
        return code

    def alive(self, seconds: float) -> list[psutil.Process]:
        remaining: list[psutil.Process] = psutil.wait_procs(self.children, seconds)[1]
        return remaining


@pytest.fixture
def parents() -> Iterator[list[Parent]]:
    """Whatever a test leaves running is killed."""
    started: list[Parent] = []
    yield started
    for parent in started:
        for process in (parent.process, *parent.children):
            if (
                process.poll() is None
                if isinstance(process, subprocess.Popen)
                else (process.is_running())
            ):
                process.kill()
        parent.process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everybody(
    tmp_path: Path, parents: list[Parent], number: signal.Signals
) -> None:
    parent = Parent(tmp_path, "serves")
    parents.append(parent)
    assert len(parent.alive(0)) == 2
    parent.process.send_signal(number)
    assert parent.ended() == 0
    assert parent.output() == ""


def test_a_child_that_dies_ends_everybody_and_is_named(
    tmp_path: Path, parents: list[Parent]
) -> None:
    parent = Parent(tmp_path, "dies")
    parents.append(parent)
    assert parent.ended() == 1
    assert "first ended by itself: code 7" in parent.output()
    assert parent.output().count("\n") == 1


@pytest.mark.long
def test_a_killed_child_is_named_with_its_signal(tmp_path: Path, parents: list[Parent]) -> None:
    parent = Parent(tmp_path, "serves")
    parents.append(parent)
    parent.children[1].kill()
    assert parent.ended() == 1
    assert "second ended by itself: SIGKILL" in parent.output()


@pytest.mark.long
def test_work_that_is_done_ends_everybody(tmp_path: Path, parents: list[Parent]) -> None:
    parent = Parent(tmp_path, "ends")
    parents.append(parent)
    assert parent.ended() == 0
    assert parent.output() == ""


@pytest.mark.long
def test_work_that_fails_ends_everybody(tmp_path: Path, parents: list[Parent]) -> None:
    parent = Parent(tmp_path, "fails")
    parents.append(parent)
    assert parent.ended() == 1
    assert parent.output() == "naru: the work failed\n"


@pytest.mark.long
def test_children_die_with_a_killed_parent(tmp_path: Path, parents: list[Parent]) -> None:
    parent = Parent(tmp_path, "stubborn")
    parents.append(parent)
    assert len(parent.alive(0)) == 2
    parent.process.kill()
    assert parent.ended() == -signal.SIGKILL


@pytest.mark.long
def test_who_does_not_listen_is_killed_in_the_end(tmp_path: Path, parents: list[Parent]) -> None:
    parent = Parent(tmp_path, "stubborn")
    parents.append(parent)
    time.sleep(0.3)  # until the child ignores SIGTERM
    began = time.monotonic()
    parent.process.terminate()
    assert parent.ended() == 0
    assert time.monotonic() - began >= 1.9
    assert "first" in parent.output()


@pytest.mark.long
def test_a_second_signal_does_not_wait(tmp_path: Path, parents: list[Parent]) -> None:
    parent = Parent(tmp_path, "patient")
    parents.append(parent)
    time.sleep(0.3)
    parent.process.terminate()
    parent.process.terminate()  # the same one twice: counts once
    time.sleep(1.2)
    assert parent.process.poll() is None
    parent.process.terminate()
    assert parent.ended(20) == 0


def test_ctrl_c_in_a_terminal_makes_no_noise(tmp_path: Path, parents: list[Parent]) -> None:
    """The terminal sends SIGINT to its whole foreground group."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-c", PARENT, str(tmp_path), "serves"])
    while not (tmp_path / "pids").exists():
        time.sleep(0.02)
    children = [psutil.Process(int(pid)) for pid in (tmp_path / "pids").read_text().split()]
    os.write(terminal, b"\x03")
    _, status = os.waitpid(pid, 0)
    said = b""
    try:
        while chunk := os.read(terminal, 4096):
            said += chunk
    except OSError:  # the other end is closed
        pass
    os.close(terminal)
    assert psutil.wait_procs(children, 2)[1] == []
    assert os.waitstatus_to_exitcode(status) == 0
    assert said.decode().strip() == "^C"


@pytest.mark.long
@pytest.mark.parametrize(
    ("setting", "words"), [("NARU_PORT", ["--no-sandbox"]), ("NARU_SANDBOX_PORT", [])]
)
def test_a_busy_port_is_named_with_its_setting(
    tmp_path: Path, setting: str, words: list[str]
) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        free = other.getsockname()[1]
        other.close()
        port = taken.getsockname()[1]
        ports = {"NARU_PORT": str(free), "NARU_SANDBOX_PORT": str(free), setting: str(port)}
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", "up", *words],
            cwd=ROOT,
            env={**os.environ, **ports, "NARU_DATA": str(tmp_path / "var")},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"Port {port} is busy; set {setting}" in done.stderr
    assert not (tmp_path / "var").exists()
