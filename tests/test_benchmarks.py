"""The measuring harness: turning order, medians, what is kept, what is absent."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from benchmarks import harness
from benchmarks.__main__ import ALL, main


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
    keys = [benchmark.key for benchmark in ALL]
    assert len(set(keys)) == len(keys)
    assert not set(keys) & {"rounds", "commit", "machine", "date", "python"}


@pytest.mark.long
@pytest.mark.parametrize("benchmark", ALL, ids=lambda benchmark: benchmark.key)
def test_every_benchmark_measures(benchmark: harness.Benchmark, tmp_path: Path) -> None:
    folders = (tmp_path / str(number) for number in range(100))

    def new_folder() -> Path:
        folder = next(folders)
        folder.mkdir()
        return folder

    result = harness.measure(benchmark, 1, new_folder)
    assert result.number is not None
    assert result.number > 0
