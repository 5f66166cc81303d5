"""``naru rehearse`` as a person types it, against a gateway and a desk on one socket."""

import _thread
import asyncio
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from app.cli.rehearsals import rehearsal, stage, traffic
from app.cli.rehearse import _patience_s
from sandbox.phones import MAGIC
from tests.app.cli.both_sides import Both, check
from tests.app.cli.conftest import Naru, ThreadServer


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    """They run beside the command, and are looked at often."""
    monkeypatch.setattr(rehearsal, "LOOK_S", 0.01)
    monkeypatch.setattr(stage, "LOOK_S", 0.01)
    made = Both()
    server = ThreadServer(uvicorn.Config(made.app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    monkeypatch.setenv("NARU_SANDBOX_URL", url)
    monkeypatch.setenv("NARU_PORT", url.rpartition(":")[2])
    yield made
    server.should_exit = True
    thread.join()


@pytest.fixture
def run(naru: Naru, both: Both) -> Callable[..., Any]:
    """Run the command with a key."""
    return lambda *words, code=0: naru("rehearse", *words, "--key", "k", code=code)


def test_scenarios_are_listed_without_a_key(naru: Naru, both: Both) -> None:
    assert "insurer" in naru("rehearse").stdout
    assert json.loads(naru("rehearse", "--json").stdout)[0]["count"] == 3_000


def test_all_of_it_leaves_once_and_both_sides_agree(run: Callable[..., Any], both: Both) -> None:
    both.refusing = 1
    done = run("insurer", "--json", "--seed", "7")
    told = json.loads(done.stdout)
    assert told["passed"]
    assert [(one["what"], one["naru"], one["same"]) for one in told["counts"]] == [
        ("accepted", 3_000, True), ("taken", 3_000, True), ("chat", 3_000, True), ("sms", 0, True),
    ]  # fmt: skip
    assert len(set(both.to)) == 3_000
    assert sorted(both.keys.values()) == [1, 1, 2]  # the first was asked twice under its key
    assert both.said == ["made", "approve mine", "start insurer 3000", "stop"]
    assert "approved at the desk" in done.stderr
    assert "sent " in done.stderr
    before, both.to = both.to, []
    run("insurer", "--seed", "7", "--share", "0.5")
    assert both.to == before[:1_500]  # the same seed, the same people


def test_what_leaves_while_they_look_is_counted_too(run: Callable[..., Any], both: Both) -> None:
    both.held = asyncio.Event()
    counts = json.loads(run("insurer", "--json").stdout)["counts"]
    assert [one["naru"] for one in counts] == [3_000, 3_000, 3_000, 0]


@pytest.mark.parametrize("state", ["failed", "stopped"])
def test_what_the_sandbox_finds_bad_fails(run: Callable[..., Any], both: Both, state: str) -> None:
    both.state = state
    both.checks = [check(0.9, "bad")]
    said = run("insurer", "--count", "10", code=1).stdout
    assert re.search(r"^arrived +within 0\.5–1 +0\.9 +9 +bad$", said, re.MULTILINE)
    assert said.endswith("insurer: 실패 failed\n")
    assert both.said[-3:] == ["phone", "start insurer 10", "stop"]


def test_counts_that_differ_fail(run: Callable[..., Any], both: Both) -> None:
    both.missed = 1
    said = run("insurer", "--count", "10", "--patience", "0.2", code=1).stdout
    assert "They differ in: chat." in said


def test_one_that_is_never_decided_is_given_up(run: Callable[..., Any], both: Both) -> None:
    both.state = "running"
    said = run("insurer", "--count", "10", "--patience", "0.2", code=1).stdout
    assert "not decided" in said
    assert both.said[-1] == "stop"


def test_another_rehearsal_is_not_stopped(run: Callable[..., Any], both: Both) -> None:
    both.state = "busy"
    assert "Another runs." in run("insurer", "--count", "10", code=1).stderr
    assert "stop" not in both.said
    assert both.to == []


def test_nothing_live_is_rehearsed(run: Callable[..., Any], both: Both) -> None:
    assert "live ones are never rehearsed" in run("insurer", "--account", "real", code=2).stderr
    both.accounts.append("spare")
    assert "weight 0" in run("insurer", "--account", "sandbox", code=2).stderr
    both.simulated = False
    assert "test key only" in run("insurer", code=2).stderr
    assert both.said == []
    assert both.to == []


def test_a_file_of_ones_own(run: Callable[..., Any], both: Both, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("good", "utf-8")
    run(str(path), "--share", "0.0001", "--per-s", "1000")
    assert both.said[0] == "good"
    assert both.said[-2:] == ["start mine 100", "stop"]  # fewer would prove nothing
    path.write_text("bad", "utf-8")
    assert "3번째 줄" in run(str(path), code=2).stderr
    assert "gone.toml" in run("gone.toml", code=2).stderr


def test_it_waits_longer_than_the_sandbox() -> None:
    for told in ({}, {"settle_s": 50}, {"settle_s": 5, "patience_s": 300}):
        assert _patience_s(told) > max(told.get("settle_s", 10), told.get("patience_s", 60))


@pytest.mark.parametrize(
    "words", [("fly",), ("insurer", "--count", "2", "--share", "0.1"), ("insurer", "--share", "0")]
)
def test_what_cannot_be_played(run: Callable[..., Any], words: tuple[str, ...]) -> None:
    assert "insurer" in run(*words, code=2).stderr or len(words) > 1


def test_nobody_there_is_said_in_a_line(naru: Naru, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NARU_SANDBOX_URL", "http://127.0.0.1:9")
    said = naru("rehearse", code=1).stderr
    assert "http://127.0.0.1:9" in said
    assert said.count("\n") == 1


def test_ctrl_c_gives_the_sandbox_back(
    run: Callable[..., Any], both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here as it comes to a running command: while it waits for the end."""
    both.state = "running"
    ask = both.unknown

    async def interrupted() -> Any:
        if len(both.to) == 10:
            _thread.interrupt_main()
        return await ask()

    for route in both.app.routes:
        if getattr(route, "path", "") == "/v1/messages":
            monkeypatch.setattr(route.dependant, "call", interrupted)  # type: ignore[attr-defined]
    said = run("insurer", "--count", "10", code=130)
    assert "Stopped" in said.output
    assert both.said[-1] == "stop"


def test_numbers_belong_to_nobody_and_come_once() -> None:
    first = traffic.draw(30_000, 3)
    numbers = list(traffic.Traffic("order_shipped", 30_000, first=first).numbers())
    assert len(set(numbers)) == 30_000
    assert all(one.startswith(("0100", "0101")) and len(one) == 11 for one in numbers)
    assert not any(one.startswith("0100000") for one in numbers)
    assert set(MAGIC) == traffic.ENDINGS
    assert traffic.number(0) == "01000010000"
    assert traffic.number(traffic.ROOM - 1) == "01019999999"


@pytest.mark.parametrize(("per_s", "sizes"), [(0, [1000, 500]), (400, [400] * 3 + [300])])
def test_a_batch_is_at_most_a_seconds_worth(per_s: float, sizes: list[int]) -> None:
    planned = traffic.Traffic("order_shipped", 1_500, per_s)
    assert [len(one) for one in planned.batches()] == sizes
