"""``naru demo`` as a newcomer meets it: once, again, and then at work."""

import csv
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.journeys.town import ROOT, free_port

SENT = {"chat": 3, "sms": 1, "push": 0}  # two notices and the answer; the one that fell back
TRIES = 5  # three Alimtalk, one LMS, one chat line


class Newcomer:
    """A folder, free ports, and the commands typed there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sandbox_port = free_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("NARU_")},
            "NARU_DATA": str(folder / "var"),
            "NARU_PORT": str(free_port()),
            "NARU_SANDBOX_PORT": str(self.sandbox_port),
        }

    def naru(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @contextmanager
    def demo(self, until: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
        """``naru demo`` from the point where it says ``until``; killed at the end."""
        output = self.folder / "output"
        with output.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "demo"],
                cwd=ROOT,
                env={**self.environment, "PYTHONUNBUFFERED": "1"},
                stdout=log,
                stderr=log,
            )
        try:
            end = time.monotonic() + 100
            while until not in output.read_text("utf-8"):
                assert process.poll() is None, output.read_text("utf-8")
                assert time.monotonic() < end, output.read_text("utf-8")
                time.sleep(0.1)
            yield process, output
        finally:
            process.kill()
            process.wait()

    def desk(self, path: str) -> Any:
        with httpx.Client(trust_env=False) as client:
            return client.get(f"http://127.0.0.1:{self.sandbox_port}/desk/api{path}").json()

    def left_behind(self) -> list[str]:
        """Processes that work in this folder."""
        mine = self.environment["NARU_DATA"]
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("NARU_DATA") == mine:
                    found.append(" ".join(process.cmdline()))
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found


@pytest.mark.long
@pytest.mark.timeout(600)
def test_demo(tmp_path: Path) -> None:
    newcomer = Newcomer(tmp_path)
    first_run(newcomer)
    with newcomer.demo("Ctrl-C") as (process, output):
        second_run(newcomer, output)
        one_notice(newcomer)
        a_list(newcomer)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert "Traceback" not in output.read_text("utf-8")
    assert newcomer.left_behind() == []


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("until", ["검수 중", "1/4", "2/4", "4/4", "고객이 누름"])
def test_a_killed_demo_goes_on_and_sends_nothing_twice(tmp_path: Path, until: str) -> None:
    newcomer = Newcomer(tmp_path)
    with newcomer.demo(until):
        pass
    with newcomer.demo("Ctrl-C"):
        counters = newcomer.desk("/counters")
    assert counters["arrived"] == SENT
    assert counters["recipients"] == {"accepted": TRIES, "refused": 0}


def first_run(newcomer: Newcomer) -> None:
    """Four timelines, the addresses, a line to copy; the key is for its owner's eyes."""
    done = newcomer.naru("demo", "--once")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    parts = re.split(r"\n(?=[1-4]/4 )", done.stdout)
    assert len(parts) == 5
    shipped, paid, premium, talk = parts[1:]
    assert re.search(r"접수.*알림톡 보냄.*알림톡 도착", shipped, re.DOTALL)
    assert re.search(r"알림톡 도착하지 못함.*3019.*대체 발송.*LMS.*도착", paid, re.DOTALL)
    assert re.search(r"접수.*알림톡 보냄.*알림톡 도착", premium, re.DOTALL)
    assert re.search(r"demo-shipped.*고객: .*상담원 김나루: ", talk, re.DOTALL)
    assert "앞서 보낸" not in done.stdout
    port = newcomer.environment["NARU_PORT"]
    assert f"http://127.0.0.1:{port}/v1" in done.stdout
    assert f"http://127.0.0.1:{newcomer.sandbox_port}/desk" in done.stdout
    assert re.search(r"^curl .*Bearer naru_test_", done.stdout, re.MULTILINE)
    kept = Path(newcomer.environment["NARU_DATA"]) / "demo.toml"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert newcomer.left_behind() == []


def second_run(newcomer: Newcomer, output: Path) -> None:
    """The same timelines out of the store; nothing is sent again."""
    said = output.read_text("utf-8")
    assert said.count("앞서 보낸") == 4
    assert "상담원 김나루: " in said
    counters = newcomer.desk("/counters")
    assert counters["arrived"] == SENT
    assert counters["recipients"] == {"accepted": TRIES, "refused": 0}


def one_notice(newcomer: Newcomer) -> None:
    """``naru send`` with the demonstration's key, ``naru show`` of what came of it."""
    values = {"고객명": "가", "주문번호": "1", "상품명": "책", "택배사": "우체국", "송장번호": "1"}
    words = [part for pair in values.items() for part in ("--var", "=".join(pair))]
    to = ("--to", "010-0000-1003", "--reference", "내 것")
    sent = newcomer.naru("send", "--template", "order_shipped", *to, *words, "--follow")
    assert sent.returncode == 0, sent.stderr
    message_id, *lines = sent.stdout.splitlines()
    assert "알림톡 도착" in lines[-1]
    shown = newcomer.naru("show", message_id, "--lang", "en")
    assert "Alimtalk delivered" in shown.stdout
    assert shown.stdout.splitlines()[-1] == "delivered"
    listed = newcomer.naru("messages", "--reference", "내 것")
    assert message_id in listed.stdout


def a_list(newcomer: Newcomer) -> None:
    """``naru send --csv`` twice: every row leaves once, the bad one is written down."""
    path = newcomer.folder / "고객.csv"
    head = "전화번호,고객명,주문번호,상품명,택배사,송장번호"
    rows = [f"0101111{number:04},손님,{number},책,우체국,1" for number in range(40)]
    path.write_bytes("\r\n".join([head, *rows, "12,누구,1,책,우체국,1"]).encode("cp949"))
    words = ("send", "--template", "order_shipped", "--csv", str(path))
    first = newcomer.naru(*words)
    assert first.returncode == 1, first.stdout + first.stderr
    assert "cp949" in first.stderr
    assert "accepted 40 " in first.stdout
    again = newcomer.naru(*words)
    assert "already accepted 40 " in again.stdout
    with (newcomer.folder / "고객.csv.refused.csv").open(encoding="utf-8-sig", newline="") as file:
        refused = list(csv.DictReader(file))
    assert [(row["row"], row["code"], row["field"]) for row in refused] == [
        ("42", "bad_number", "to")
    ]
    missing = newcomer.naru("send", "--template", "premium_notice", "--csv", str(path))
    assert missing.returncode == 2
    assert "보험료" in missing.stderr
