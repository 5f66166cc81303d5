"""Run the benchmarks: `python -m benchmarks [--rounds N] [--only KEY…] [--list]`."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import consult_live, end_to_end, pages, render_guard, sqlite_commit
from benchmarks.harness import Benchmark, measure, report, table

ROOT = Path(__file__).resolve().parent.parent
LATEST = ROOT / "benchmarks" / "latest.json"
ALL: Sequence[Benchmark] = [
    *sqlite_commit.BENCHMARKS,
    *render_guard.BENCHMARKS,
    *end_to_end.BENCHMARKS,
    *pages.BENCHMARKS,
    *consult_live.BENCHMARKS,
]


def main(words: Sequence[str] | None = None, known: Sequence[Benchmark] = ALL) -> int:
    """Measure, print, and keep the numbers of a whole run; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--rounds", type=int, default=5, help="how often each side is measured")
    parser.add_argument("--only", nargs="+", metavar="KEY", help="these keys; keeps no numbers")
    parser.add_argument("--list", action="store_true", help="say which keys there are")
    parser.add_argument("--out", type=Path, default=LATEST, help="where a whole run is kept")
    options = parser.parse_args(words)
    unknown = set(options.only or ()) - {key for benchmark in known for key in benchmark.keys}
    if unknown or options.rounds < 1:
        parser.error(f"no such key: {', '.join(sorted(unknown))}" if unknown else "--rounds >= 1")
    if options.list:
        for benchmark in known:
            print(f"{', '.join(benchmark.keys)}: {benchmark.says}")
        return 0
    only = set(options.only or ())
    wanted = [b for b in known if not only or only & set(b.keys)]
    # not /tmp: it may be in memory, where a commit costs nothing
    (ROOT / "var").mkdir(exist_ok=True)
    results = []
    with tempfile.TemporaryDirectory(dir=ROOT / "var", prefix="bench-") as top:
        for benchmark in wanted:
            results.append(
                measure(benchmark, options.rounds, lambda: Path(tempfile.mkdtemp(dir=top)))
            )
            print(table(results[-1]), flush=True)
    if not options.only:
        options.out.write_text(report(results, options.rounds, ROOT))
        print(f"Kept in {options.out}")
    absent = any(result.absent for result in results)
    return 1 if absent and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    raise SystemExit(main())
