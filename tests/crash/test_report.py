"""What is kept of rounds and what is told of many."""

from dataclasses import replace
from pathlib import Path

from tests.crash import report
from tests.crash.installation import Variant
from tests.crash.ledger import Judgement
from tests.crash.rounds import Round

MET = {"open calls": 3, "unknown": 9, "found": 4, "sent again": 2, "heard again": 1}
GOOD = Round(
    variant=Variant("sqlite", "look_up"),
    seed=7,
    seconds=31.4,
    kills={"scheduler K04": 6, "app by the clock": 2},
    judgement=Judgement(accepted=120),
    resolved=9,
    met=MET,
    first_send_s=[1.0, 2.0],
    resolved_s=[0.5, 31.0],
)


def test_a_round_is_kept_and_summed(tmp_path: Path) -> None:
    file = tmp_path / "crash.jsonl"
    assert report.kept(file) == []
    report.keep(report.line_of(GOOD), file)
    report.keep(report.line_of(replace(GOOD, judgement=Judgement(80, lost=["A-1"]))), file)
    lines = report.kept(file)
    assert report.told(lines) == (
        "crash: kills=16 accepted=200 lost=1 duplicated=0 unknown=0 resolved=18"
        " first_send_p95=2.0s resolved_p99=31.0s"
    )
    assert [line["broken"] for line in lines] == [[], ["lost: 1 (A-1)"]]
    assert report.kinds(lines) == "scheduler K04 12, app by the clock 4"
    assert report.late(lines) == ["resolved_s: 31.0 s, may be 30 s"]
    assert report.of(Variant("sqlite", "look_up"), lines) == lines
    assert report.of(Variant("postgres", "look_up"), lines) == []


def test_a_round_whose_kills_met_nothing_is_no_success() -> None:
    for name in ("open calls", "unknown", "found", "sent again"):
        idle = replace(GOOD, met={**MET, name: 0})
        assert idle.broken() == [f"tested nothing: {name} = 0"]
    held = replace(GOOD, variant=Variant("sqlite", "blind_hold"), met={**MET, "sent again": 0})
    assert held.broken() == []


def test_without_figures_no_time_is_told() -> None:
    line = report.line_of(replace(GOOD, first_send_s=[], resolved_s=[]))
    assert report.told([line]).endswith("first_send_p95=- resolved_p99=-")
    assert report.late([line]) == []


def test_a_resumed_run_counts_good_rounds_of_this_program() -> None:
    mine = report.line_of(GOOD)
    other = {**mine, "code": "0" * 12, "date": "2026-11-20T08:00:00+00:00"}
    lines = [mine, other, {**mine, "broken": ["lost: 1 (A-1)"]}]
    assert report.counted(lines) == [mine]
    assert report.counted(lines, since="2026-11-20") == [mine, other]
    assert report.counted(lines, since="2026-11-21") == [mine]
