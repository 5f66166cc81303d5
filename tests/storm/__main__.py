"""Run a storm: `python -m tests.storm providers | postgres | accounts [--help]`."""

import argparse
import asyncio
import contextlib
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.storm import providers
from tests.storm.cluster import cluster
from tests.storm.report import FILE, say, tell

Run = Callable[[Path, str], Awaitable[dict[str, Any]]]


def main(words: Sequence[str] | None = None) -> int:
    """Run what is asked for; 0 when the accounts of every run are exact."""
    options = parser().parse_args(words)
    runs: list[tuple[str, bool, Run]] = options.runs(options)
    fine = True
    for name, on_postgres, run in runs:
        say(name)
        figures = _run(on_postgres, run)
        tell(name, figures, None if options.no_file else FILE)
        fine = fine and figures["exact"]
    return 0 if fine else 1


def _run(on_postgres: bool, run: Run) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="naru-storm-") as folder, _database(on_postgres) as url:
        return asyncio.run(_awaited(run(Path(folder), url)))


async def _awaited(figures: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    return await figures


@contextlib.contextmanager
def _database(on_postgres: bool) -> Iterator[str]:
    if not on_postgres:
        yield ""
        return
    with cluster() as own:
        yield own.url


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="python -m tests.storm",
        description="Real processes under broken providers and a broken database. Ends with 0 only "
        "when nothing was lost, nothing doubled and nothing left open; every run is kept in "
        f"benchmarks/{FILE.name}.",
    )
    top.add_argument("--no-file", action="store_true", help="print only, keep nothing")
    kinds = top.add_subparsers(required=True, metavar="providers | postgres | accounts")
    one = kinds.add_parser("providers", help="time-outs, errors, garbage, results twice")
    one.description = providers.__doc__
    one.add_argument("--messages", type=int, default=50_000)
    one.add_argument("--batch", type=int, default=100, help="recipients of one request (1–1,000)")
    one.add_argument("--off-kakao", type=float, default=0.01, help="share reached by SMS instead")
    one.add_argument("--seed", type=int, default=1, help="of the dice")
    one.add_argument("--database", choices=("both", "sqlite", "postgres"), default="both")
    one.set_defaults(runs=_providers)
    return top


def _providers(options: argparse.Namespace) -> list[tuple[str, bool, Run]]:
    storm = providers.Storm(options.messages, options.batch, options.off_kakao, options.seed)

    async def run(folder: Path, url: str) -> dict[str, Any]:
        return await providers.weather(folder, url, storm)

    wanted = ("sqlite", "postgres") if options.database == "both" else (options.database,)
    return [(f"providers {name}", name == "postgres", run) for name in wanted]


if __name__ == "__main__":
    raise SystemExit(main())
