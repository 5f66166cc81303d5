"""Small storms, and that a storm would tell what it must not find."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.needs import missing
from tests.storm import accounts, providers, report, restarts
from tests.storm.__main__ import parser
from tests.storm.cluster import Cluster, cluster
from tests.storm.ledger import Balance
from tests.storm.orders import make_orders

GOOD = Balance(
    accepted=3,
    states={"delivered": 2, "failed": 1},
    arrived=3,
    lost=[],
    doubled=[],
    unlisted=0,
    missing=0,
    events={},
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"accepted": 4},
        {"arrived": 4},
        {"lost": ["A-000001"]},
        {"doubled": ["A-000001"]},
        {"unlisted": 1},
        {"missing": 1},
        {"states": {"delivered": 2, "sending": 1}},
        {"states": {"delivered": 2}},
    ],
)
def test_every_way_to_be_wrong_is_told(wrong: dict[str, Any]) -> None:
    assert GOOD.exact
    assert not replace(GOOD, **wrong).exact


def test_the_shares_of_a_storm_are_of_all_calls() -> None:
    left, whole = 1.0, []
    for rule in providers.rules():
        if not rule["effect"].startswith("receipt_"):
            whole.append(left * rule["probability"])
            left -= whole[-1]
    assert whole == pytest.approx([share for share, _ in providers.CALLS])
    assert left == pytest.approx(0.55)


def test_orders_have_numbers_of_their_own_and_some_are_off_kakao() -> None:
    numbers = [order.number for order in make_orders(50_000, 0.01)]
    assert len(set(numbers)) == 50_000
    assert sum(number.endswith("3019") for number in numbers) == 500
    assert not any(number.endswith(("3020", "3005", "0504", "0008")) for number in numbers)


def test_a_run_is_told_in_a_line_and_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "storm.jsonl"
    for found in (GOOD, replace(GOOD, lost=["A-000001"])):
        report.tell("providers sqlite", {**found.figures(), "seconds": 1.0}, file)
    good, bad = capsys.readouterr().out.splitlines()
    assert "storm: providers sqlite: accounts exact: 3 accepted = 2 delivered, 1 failed" in good
    assert "NOT EXACT" in bad
    kept = [json.loads(line) for line in file.read_text().splitlines()]
    assert [one["exact"] for one in kept] == [True, False]
    assert {"date", "commit", "machine", "seconds"} < kept[0].keys()


@pytest.mark.parametrize("storm", ["providers", "postgres", "accounts"])
def test_every_storm_explains_itself(storm: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([storm, "--help"])
    assert ended.value.code == 0
    assert "--seed" in capsys.readouterr().out


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_broken_providers(tmp_path: Path) -> None:
    """P02, P03, P04, P07: all at random, through real processes."""
    found = await providers.weather(tmp_path, "", providers.Storm(messages=150, batch=10))
    assert found["exact"], found
    assert found["states"] == {"delivered": 150}
    assert found["acted"]["timeout_before"] > 0, "no call was broken: nothing was tested"
    assert found["events"]["attempt.unknown"] > 0


@pytest.fixture
def own() -> Any:
    """A PostgreSQL cluster of one's own; skipped where there are no programs for one."""
    try:
        with cluster() as running:
            yield running
    except (OSError, RuntimeError) as problem:
        missing("servers", str(problem))


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_postgres_restarted(tmp_path: Path, own: Cluster) -> None:
    """B01: a real cluster, restarted at once under load."""
    storm = restarts.Storm(restarts=3, rate=40, apart_s=(0.8, 1.5))
    found = await restarts.weather(tmp_path, own, storm)
    assert found["exact"], found
    assert found["answers"]["503"] > 0, "nobody met a database that was away"


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_one_of_two_accounts_down(tmp_path: Path) -> None:
    storm = accounts.Storm(messages=150, batch=10, pause_s=0.2)
    found = await accounts.weather(tmp_path, "", storm)
    assert found["exact"], found
    assert found["calls_refused"] > 0, "the account was never down"
