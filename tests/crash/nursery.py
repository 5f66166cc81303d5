"""Processes whose imports are done: ``python -m tests.crash.nursery`` forks them when told to.

Importing is nine tenths of what a start costs, and it is not what the kills are about. A fork of a
process that has imported everything, and done nothing else, runs the same ``main()`` over the same
sockets and dies the same death. A part of all starts is plain ``python -m`` all the same, and only
those are timed.
"""

import importlib
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from app import __main__ as app_main
from app import crash
from scheduler import __main__ as scheduler_main
from tests.journeys.town import ROOT

MAINS = {"app": app_main.main, "scheduler": scheduler_main.main}
POLL_S = 0.005


class Child:
    """A forked process, as ``subprocess.Popen`` would show it."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self.pid, self._nursery = pid, nursery
        self.returncode: int | None = None

    def poll(self) -> int | None:
        self.returncode = self._nursery.code_of(self.pid)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        end = time.monotonic() + (timeout or 60.0)
        while self.poll() is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("child", timeout or 60.0)
            time.sleep(POLL_S)
        return self.returncode or 0


class Nursery:
    """Our side of it. Close it: what it forked dies with it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._to, self._from = self._process.stdin, self._process.stdout.fileno()
        os.set_blocking(self._from, False)
        self._unread = b""
        self._born: list[int] = []
        self._codes: dict[int, int] = {}

    def start(self, name: str, log: Path, environment: dict[str, str]) -> Child:
        """Fork one; returns when it is there."""
        wanted = {"name": name, "log": str(log), "environment": environment}
        self._to.write(json.dumps(wanted).encode() + b"\n")
        self._to.flush()
        while not self._born:
            select.select([self._from], [], [], 60)
            assert self._process.poll() is None, "the nursery is gone"
            self._read()
        return Child(self, self._born.pop())

    def code_of(self, pid: int) -> int | None:
        """How a child ended; None while it lives."""
        self._read()
        return self._codes.get(pid)

    def close(self) -> None:
        self._to.close()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def _read(self) -> None:
        try:
            self._unread += os.read(self._from, 65_536)
        except BlockingIOError:
            return
        *lines, self._unread = self._unread.split(b"\n")
        for line in lines:
            told: dict[str, int] = json.loads(line)
            if "code" in told:
                self._codes[told["pid"]] = told["code"]
            else:
                self._born.append(told["pid"])


# ---- the other side -----------------------------------------------------------------------


def serve() -> None:
    """Fork what standard input asks for, tell of births and deaths, until it is closed."""
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    alive: set[int] = set()
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, 4_096)
            _bury(alive)
        if 0 in ready:
            asked = sys.stdin.readline()
            if not asked:
                break
            alive.add(_fork(json.loads(asked)))
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _bury(alive: set[int]) -> None:
    while alive:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        alive.discard(pid)
        _tell({"pid": pid, "code": os.waitstatus_to_exitcode(status)})


def _fork(wanted: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        os._exit(_live(wanted))
    _tell({"pid": pid})
    return pid


def _live(wanted: dict[str, Any]) -> int:
    """The child: as if it had been started by itself."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    random.seed()
    importlib.reload(crash)  # it has read the nursery's environment
    try:
        code = MAINS[wanted["name"]]()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
        os.write(2, f"{end.code}\n".encode())
    except BaseException:  # noqa: BLE001 - the last line of a process
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code or 0


def _tell(news: dict[str, int]) -> None:
    os.write(1, json.dumps(news).encode() + b"\n")


if __name__ == "__main__":
    serve()
