"""Interleaved rounds of several sides of one question, and what is told about them."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

Measures = Mapping[str, float]  # one round: side → its figure


class Absent(Exception):
    """Something a measurement needs is not on this machine; says what."""


@dataclass(frozen=True)
class Number:
    """Another number out of each round, kept under a key of its own."""

    value: Callable[[Measures], float]
    at_least: float | None = None  # it should not be below it


@dataclass(frozen=True)
class Benchmark:
    """One question: some sides measured in turn, and one number out of each round, or `more`.

    A side takes an empty folder on the disk the product uses and returns its figure in `unit`, or
    several figures by their names; it raises Absent when it cannot be measured here.
    """

    key: str
    says: str
    unit: str
    sides: Mapping[str, Callable[[Path], float | Measures]]
    value: Callable[[Measures], float]
    target: float | None = None  # the number should not be above it
    more: Mapping[str, Number] = field(default_factory=dict)  # by key

    @property
    def keys(self) -> list[str]:
        """Under which numbers are kept."""
        return [self.key, *self.more]


@dataclass(frozen=True)
class Result:
    """All rounds of a benchmark, or why there are none."""

    benchmark: Benchmark
    rounds: Sequence[Measures]
    absent: str | None = None

    @property
    def values(self) -> list[float]:
        """The number of each round."""
        return self._of(self.benchmark.value)

    @property
    def number(self) -> float | None:
        """The median over the rounds, three digits; None when something was absent."""
        return self.numbers[self.benchmark.key]

    @property
    def numbers(self) -> Mapping[str, float | None]:
        """The median of each key, as `number`."""
        it = self.benchmark
        values = {it.key: it.value, **{key: number.value for key, number in it.more.items()}}
        return {
            key: None if self.absent else float(f"{statistics.median(self._of(value)):.3g}")
            for key, value in values.items()
        }

    def _of(self, value: Callable[[Measures], float]) -> list[float]:
        return [value(measures) for measures in self.rounds]


def measure(benchmark: Benchmark, rounds: int, new_folder: Callable[[], Path]) -> Result:
    """Measure every side once a round, in turning order, so that drift of the machine hits all."""
    kept: list[Measures] = []
    names = list(benchmark.sides)
    try:
        for number in range(rounds):
            order = names if number % 2 == 0 else names[::-1]
            kept.append(_figures({n: benchmark.sides[n](new_folder()) for n in order}))
    except Absent as reason:
        return Result(benchmark, [], absent=str(reason))
    return Result(benchmark, kept)


def _figures(found: Mapping[str, float | Measures]) -> Measures:
    """Of one round; a side that gives several gives them under their own names."""
    flat: dict[str, float] = {}
    for side, figure in found.items():
        flat |= {side: figure} if isinstance(figure, (int, float)) else figure
    return flat


def table(result: Result) -> str:
    """Tell a result in lines: median [min..max] of each side and of the number."""
    it = result.benchmark
    lines = [f"{it.key}: {it.says}"]
    if result.absent:
        return "\n".join([*lines, f"  not measured: {result.absent}"])
    names = [name for name in it.sides if name in result.rounds[0]]
    for name in names or result.rounds[0]:
        figures = [measures[name] for measures in result.rounds]
        lines.append(f"  {name:<32}{spread(figures)} {it.unit}".rstrip())
    goal = "" if it.target is None else f", target <= {it.target:g}"
    missed = it.target is not None and (result.number or 0) > it.target
    lines.append(f"  number: {spread(result.values)}{goal}{': MISSED' if missed else ''}")
    lines += [_told(result, key, number) for key, number in it.more.items()]
    return "\n".join(lines)


def _told(result: Result, key: str, number: Number) -> str:
    figures = [number.value(measures) for measures in result.rounds]
    if number.at_least is None:
        return f"  {key}: {spread(figures)}"
    missed = statistics.median(figures) < number.at_least
    return f"  {key}: {spread(figures)}, target >= {number.at_least:g}{': MISSED' * missed}"


def spread(figures: Sequence[float]) -> str:
    """Write a median with its range."""
    return f"{statistics.median(figures):.3g} [{min(figures):.3g}..{max(figures):.3g}]"


def report(results: Sequence[Result], rounds: int, root: Path) -> str:
    """Write what is kept of a whole run, as JSON: one number a key, and where it came from."""
    about = {
        "rounds": rounds,
        "commit": commit(root),
        "machine": machine(),
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
    }
    numbers = {key: number for result in results for key, number in result.numbers.items()}
    return json.dumps({**numbers, **about}, indent=2) + "\n"


def commit(root: Path) -> str | None:
    """Name the commit measured; `+` when the files differ from it; None without git."""
    words = ["git", "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"]
    try:
        git = subprocess.run(words, cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return git.stdout.strip()


def machine() -> str:
    """Describe the processor and how many cores of it this process may use."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return f"{next(names, platform.machine())}, {os.cpu_count()} cores, {sys.platform}"
