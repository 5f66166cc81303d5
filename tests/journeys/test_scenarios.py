"""Every scenario of the sandbox, played by the command through real processes, and counted."""

import asyncio
import json
import re
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.cli.rehearsals.stage import open_stage
from app.cli.rehearse import Wish, play
from sandbox.scenarios.library import built_in
from tests.journeys.town import ROOT, Town, town

pytestmark = pytest.mark.long

# A town plays its scenarios one after the other, and towns play side by side: they mostly wait.
# Fewer messages at a faster pace, with the same town, trouble, steps and checks.
PLAYED = (
    (Wish("provider_down", count=120, per_s=12),),
    (Wish("receipts_late", count=100, per_s=50), Wish("evening_rush", count=200, per_s=25)),
    (Wish("half_the_town", count=200), Wish("insurer_morning", share=0.001)),
)
# What would be sent again is sent within this: a sandbox account asks about the unknown after 3 s
# and every 5 s, and in the end Naru itself must say that nothing is open any more.
SETTLE_S = 12
BROKEN = """
title = "틀린 기대"
title_en = "Wrong on purpose"
settle_s = 5
[traffic]
template = "order_shipped"
count = 100
[town]
no_kakao = 0.5
[[expect]]
what = "arrived_chat"
at_least = 0.9
"""


def test_every_scenario_is_played() -> None:
    """A new one is added to the table above."""
    played = [wish.name for wishes in PLAYED for wish in wishes]
    assert sorted(played) == sorted(built_in())


async def start(place: Town, *words: str) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "app.cli", "rehearse", *words, "--key", place.key)
    return await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=place.environment, stdout=PIPE, stderr=PIPE
    )


async def play_all(place: Town, wishes: Sequence[Wish]) -> None:
    async with open_stage(place.settings(), place.app_url, place.key) as stage:
        for wish in wishes:
            outcome = await play(stage, replace(wish, name=quicker(place.folder, wish.name)))
            check(outcome.shown(), f"{wish.name}_in_short")


def quicker(folder: Path, name: str) -> str:
    """The same scenario in a file of its own, which waits less for what must not come."""
    path = folder / f"{name}.toml"
    text, waits = re.subn(r"(?m)^settle_s = \d+$", f"settle_s = {SETTLE_S}", built_in()[name].toml)
    text, titles = re.subn(r'(?m)^(title_en = ".*)"$', r'\1 in short"', text, count=1)
    assert (waits, titles) == (1, 1)
    path.write_text(text, "utf-8")
    return str(path)


def check(told: Mapping[str, Any], name: str) -> None:
    """The sandbox is content, and every count of Naru's is the sandbox's."""
    assert (told["scenario"], told["state"], told["passed"]) == (name, "passed", True), told
    assert {check["state"] for check in told["checks"]} == {"ok"}
    found = {check["what"]: check["n"] for check in told["checks"]}
    naru = {count["what"]: count["naru"] for count in told["counts"]}
    assert naru == {count["what"]: count["sandbox"] for count in told["counts"]}
    assert naru["accepted"] == naru["chat"] + naru["sms"] == told["count"] == found["accepted"]
    # what the scenario counts by itself and what Naru says are two ways to the same number
    ways = {what[8:]: n for what, n in found.items() if what.startswith("arrived_")}
    assert naru.items() >= ways.items()
    assert (found["doubled"], found["lost"], told["duplicate_delivery"]) == (0, 0, 0)


async def fail_and_stop(place: Town) -> None:
    """A wrong expectation is code 1; stopped in the middle, the sandbox is given back."""
    path = place.folder / "wrong.toml"
    path.write_text(BROKEN, "utf-8")
    before = [await place.desk("GET", f"/{what}") for what in ("settings", "chaos")]
    process = await start(place, str(path), "--json")
    out, err = await process.communicate()
    assert process.returncode == 1, err.decode()
    told = json.loads(out)
    bad = {check["what"] for check in told["checks"] if check["state"] == "bad"}
    assert (told["state"], bad) == ("failed", {"arrived_chat"})
    assert all(count["same"] for count in told["counts"])
    for number in (signal.SIGINT, signal.SIGTERM):
        process = await start(place, "evening_rush")
        while (await place.desk("GET", "/chaos"))["rules"] == []:
            assert process.returncode is None
            await asyncio.sleep(0.05)
        process.send_signal(number)
        await process.communicate()
        assert process.returncode == 130
        assert (await place.desk("GET", "/scenarios/run"))["state"] == "stopped"
        after = [await place.desk("GET", f"/{what}") for what in ("settings", "chaos")]
        assert after == before


@pytest.mark.timeout(600)
async def test_every_scenario_passes_and_both_sides_count_the_same(tmp_path: Path) -> None:
    """The first town plays while the next one is still being founded."""

    async def last(place: Town) -> None:
        await play_all(place, PLAYED[-1])
        await fail_and_stop(place)

    async with AsyncExitStack() as towns, asyncio.TaskGroup() as group:
        for wishes in PLAYED:
            folder = tmp_path / wishes[0].name
            folder.mkdir()
            place = await towns.enter_async_context(town(folder))
            group.create_task(last(place) if wishes is PLAYED[-1] else play_all(place, wishes))
