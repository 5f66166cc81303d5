"""The measuring harness: turning order, medians, what is kept, what is absent."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from benchmarks import consult_live, end_to_end, harness, pages, render_guard, sqlite_commit
from benchmarks.__main__ import ALL, main
from sandbox.phones import MAGIC
from templates.compiled import compile_template
from templates.guard import differs
from templates.reading import read_template
from templates.render import render


def fixed(name: str, figures: Sequence[float], calls: list[str]) -> Callable[[Path], float]:
    """Build a side that gives its figures one after the other."""
    left = iter(figures)

    def side(folder: Path) -> float:
        assert list(folder.iterdir()) == []
        calls.append(name)
        return next(left)

    return side


def example(calls: list[str], target: float | None = None) -> harness.Benchmark:
    """Build a benchmark of two sides whose ratios are 2, 3 and 10."""
    sides = {"ours": fixed("ours", [2, 6, 10], calls), "raw": fixed("raw", [1, 2, 1], calls)}
    return harness.Benchmark(
        "ratio", "ours over raw", "ms", sides, lambda m: m["ours"] / m["raw"], target
    )


def gone(folder: Path) -> float:
    raise harness.Absent(f"no broker to talk to from {folder.anchor}")


ABSENT = harness.Benchmark("lost", "needs a broker", "ms", {"it": gone}, lambda m: m["it"])


def test_sides_take_turns_and_the_number_is_the_median_of_the_rounds(tmp_path: Path) -> None:
    calls: list[str] = []
    result = harness.measure(example(calls), 3, lambda: tmp_path)
    assert calls == ["ours", "raw", "raw", "ours", "ours", "raw"]
    assert result.values == [2, 3, 10]
    assert result.number == 3
    assert "number: 3 [2..10]" in harness.table(result)


@pytest.mark.parametrize(("target", "missed"), [(2.5, True), (3, False)])
def test_a_missed_target_is_said(tmp_path: Path, target: float, missed: bool) -> None:
    result = harness.measure(example([], target), 3, lambda: tmp_path)
    assert ("MISSED" in harness.table(result)) is missed


def test_a_whole_run_is_kept_with_null_for_what_is_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    out = tmp_path / "latest.json"
    assert main(["--rounds", "3", "--out", str(out)], [example([]), ABSENT]) == 0
    kept = json.loads(out.read_text())
    assert (kept["ratio"], kept["lost"], kept["rounds"]) == (3, None, 3)
    assert {"commit", "machine", "date", "python"} < set(kept)


def several(folder: Path) -> harness.Measures:
    return {"all the way": 10.0, "alone": 25.0}


@pytest.mark.parametrize(("least", "missed"), [(2.0, False), (3.0, True)])
def test_a_side_of_several_figures_gives_several_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: float, missed: bool
) -> None:
    monkeypatch.delenv("CI", raising=False)  # where an absent number is a failure
    over = harness.Number(lambda m: m["alone"] / m["all the way"], at_least=least)
    its = harness.Benchmark(
        "rate", "both", "", {"it": several}, lambda m: m["all the way"], more={"over": over}
    )
    result = harness.measure(its, 3, lambda: tmp_path)
    assert result.numbers == {"rate": 10, "over": 2.5}
    told = harness.table(result)
    assert "alone                           25 [25..25]" in told
    assert f"over: 2.5 [2.5..2.5], target >= {least:g}" in told
    assert ("MISSED" in told) is missed
    out = tmp_path / "o"
    assert main(["--rounds", "1", "--only", "over", "--out", str(out)], [its, ABSENT]) == 0
    assert main(["--rounds", "1", "--out", str(out)], [its, ABSENT]) == 0
    kept = json.loads(out.read_text())
    assert (kept["rate"], kept["over"], kept["lost"]) == (10, 2.5, None)


def test_in_ci_what_is_absent_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", "true")
    assert main(["--out", str(tmp_path / "o")], [ABSENT]) == 1
    assert "not measured: no broker" in capsys.readouterr().out


def test_only_some_keys_keep_no_numbers(tmp_path: Path) -> None:
    out = tmp_path / "latest.json"
    assert main(["--rounds", "1", "--only", "ratio", "--out", str(out)], [example([]), ABSENT]) == 0
    assert not out.exists()


def test_an_unknown_key_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "nothing"])
    assert "no such key: nothing" in capsys.readouterr().err


def test_keys_are_unique_and_none_is_a_word_of_the_report() -> None:
    keys = [key for benchmark in ALL for key in benchmark.keys]
    assert len(set(keys)) == len(keys)
    assert not set(keys) & {"rounds", "commit", "machine", "date", "python"}


def test_the_notice_that_is_measured_is_what_it_is_said_to_be() -> None:
    source = render_guard.notice()
    made = render(source, render_guard.VALUES)
    assert (len(made.text), len(source.names)) == (1_000, 8)
    assert made.text == render_guard.filled(render_guard.content())
    assert len(source.text.slots) == 8
    assert made.sms_route == "lms"
    assert differs(source, made) is None
    spoilt = render(source, render_guard.VALUES)
    spoilt.text += "."
    assert differs(source, spoilt) == "text"


def test_both_measurements_send_the_same_notice_and_no_number_is_magic() -> None:
    made, there = end_to_end.recipient(7), json.loads(end_to_end.batches(3, first=6)[0])["messages"]
    assert (
        made["content"]
        == render(compile_template(read_template(end_to_end.TEMPLATE)), there[1]["variables"]).text
    )
    assert there[1]["variables"] == end_to_end.values(7)
    endings = {end_to_end.number(2000, n)[-4:] for n in range(10_000)}
    assert not endings & MAGIC.keys()


SMALL = [
    *end_to_end.benchmarks(messages=1_000),
    *consult_live.benchmarks(samples=20, rooms=30),
]


def test_pages_are_measured_with_messages_on_them(tmp_path: Path) -> None:
    measured = pages.measure(tmp_path, messages=200)
    assert set(measured) == {"wall", "phone", "desk"}
    assert all(figure > 0 for figure in measured.values())
    assert pages.BENCHMARKS[0].value(measured) == max(measured.values())


@pytest.mark.long
@pytest.mark.parametrize(
    "benchmark",
    [*sqlite_commit.BENCHMARKS, *render_guard.BENCHMARKS, *SMALL],
    ids=lambda benchmark: benchmark.key,
)
def test_every_benchmark_measures(benchmark: harness.Benchmark, tmp_path: Path) -> None:
    folders = (tmp_path / str(number) for number in range(100))

    def new_folder() -> Path:
        folder = next(folders)
        folder.mkdir()
        return folder

    result = harness.measure(benchmark, 1, new_folder)
    assert set(result.numbers) == set(benchmark.keys)
    assert all(number is not None and number > 0 for number in result.numbers.values())
