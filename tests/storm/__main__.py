"""Run a storm: `python -m tests.storm providers | postgres | accounts [--help]`."""

import argparse
import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.storm import accounts, providers, restarts
from tests.storm.cluster import Cluster, cluster
from tests.storm.report import FILE, say, tell

Run = Callable[[Path, Cluster | None], Awaitable[dict[str, Any]]]


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
    folder = Path(tempfile.mkdtemp(prefix="naru-storm-"))
    exact = False
    try:
        with _database(on_postgres) as own:
            figures = asyncio.run(_awaited(run(folder, own)))
        exact = figures["exact"]
        return figures
    finally:
        if exact:
            shutil.rmtree(folder)
        else:  # the logs, and on SQLite the database, tell what happened
            say(f"kept: {folder}")


async def _awaited(figures: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    return await figures


@contextlib.contextmanager
def _database(on_postgres: bool) -> Iterator[Cluster | None]:
    if not on_postgres:
        yield None
        return
    with cluster() as own:
        yield own


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
    two = kinds.add_parser("postgres", help="PostgreSQL restarted at once, again and again")
    two.description = restarts.__doc__
    two.add_argument("--restarts", type=int, default=30)
    two.add_argument("--rate", type=float, default=60.0, help="orders a second")
    two.add_argument("--seed", type=int, default=1, help="of the times between")
    two.set_defaults(runs=_restarts)
    three = kinds.add_parser("accounts", help="one of two accounts goes down and comes back")
    three.description = accounts.__doc__
    three.add_argument("--messages", type=int, default=20_000)
    three.add_argument("--batch", type=int, default=100, help="recipients of one request")
    three.add_argument("--seed", type=int, default=1, help="of the dice")
    three.add_argument("--database", choices=("both", "sqlite", "postgres"), default="sqlite")
    three.set_defaults(runs=_accounts)
    return top


def _providers(options: argparse.Namespace) -> list[tuple[str, bool, Run]]:
    storm = providers.Storm(options.messages, options.batch, options.off_kakao, options.seed)

    async def run(folder: Path, own: Cluster | None) -> dict[str, Any]:
        return await providers.weather(folder, own.url if own else "", storm)

    return _on_databases("providers", options.database, run)


def _on_databases(storm: str, database: str, run: Run) -> list[tuple[str, bool, Run]]:
    wanted = ("sqlite", "postgres") if database == "both" else (database,)
    return [(f"{storm} {name}", name == "postgres", run) for name in wanted]


def _restarts(options: argparse.Namespace) -> list[tuple[str, bool, Run]]:
    storm = restarts.Storm(options.restarts, options.rate, seed=options.seed)

    async def run(folder: Path, own: Cluster | None) -> dict[str, Any]:
        assert own is not None
        return await restarts.weather(folder, own, storm)

    return [("postgres", True, run)]


def _accounts(options: argparse.Namespace) -> list[tuple[str, bool, Run]]:
    storm = accounts.Storm(options.messages, options.batch, seed=options.seed)

    async def run(folder: Path, own: Cluster | None) -> dict[str, Any]:
        return await accounts.weather(folder, own.url if own else "", storm)

    return _on_databases("accounts", options.database, run)


if __name__ == "__main__":
    raise SystemExit(main())
