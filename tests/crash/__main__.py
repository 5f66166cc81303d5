"""``python -m tests.crash``: kill the real processes and count what arrived. See docs/crash.md."""

import argparse
import asyncio
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests import needs
from tests.crash import report, rounds, talks
from tests.crash.installation import CLASSES, DATABASES, Variant
from tests.crash.nursery import Nursery
from tests.crash.plan import FEWEST

ROUND = 40
# without words: half a minute each
SHORT = [
    Variant("sqlite", "look_up"),
    Variant("postgres", "dedupe"),
    Variant("postgres", "look_up"),
]
SHORT_KILLS = 12


def main(words: Sequence[str]) -> int:
    """Run what is asked; 0 when nothing was lost or doubled and the kills met something."""
    asked = _read(words)
    lines = report.kept()
    if asked.report:
        return _report([line for line in lines if line["date"] >= asked.since])
    kept = Path(tempfile.mkdtemp(prefix="naru-crash-server-"))
    kept.chmod(0o755)  # PostgreSQL's user must reach its data through it
    os.environ.setdefault(needs.FOLDER, str(kept))
    try:
        with closing(Nursery()) as nursery:
            if asked.talks:
                codes = _talks(asked, nursery)
            else:
                codes = [_run(asked, variant, lines, nursery) for variant in _variants(asked)]
    finally:
        needs.stop_postgres(kept)
        shutil.rmtree(kept)
    return max(codes)


def _read(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make crash",
        description="Kill the real processes at random and at named points, then count at the "
        "phones: nothing lost, nothing doubled. Without words: a short set.",
    )
    add = parser.add_argument
    add("--database", choices=DATABASES, help="only on this database")
    add("--class", dest="kind", choices=[*CLASSES], help="only this class of route")
    add("--kills", type=int, help="stop when so many kills were made in each variant")
    add("--minutes", type=float, help="begin no round after so many minutes, in each variant")
    add("--round", type=int, default=ROUND, help=f"kills of one round ({ROUND})")
    add("--talks", type=int, metavar="KILLS", help="kill in the middle of consultations instead")
    add("--seed", type=int, help="repeat the draws of a run; it is printed by each round")
    add("--resume", action="store_true", help="count earlier rounds of the same program")
    add("--since", default="", help="count earlier rounds from this date on, of any program")
    add("--report", action="store_true", help="run nothing: sum up all rounds kept")
    add("--no-keep", action="store_true", help=f"do not append to {report.FILE.name}")
    add("--strict-times", action="store_true", help="slow recovery fails the run too")
    return parser.parse_args(words)


def _variants(asked: argparse.Namespace) -> list[Variant]:
    if not (asked.database or asked.kind):
        return SHORT
    databases = [asked.database] if asked.database else DATABASES
    return [
        Variant(d, kind) for d in databases for kind in ([asked.kind] if asked.kind else CLASSES)
    ]


def _run(
    asked: argparse.Namespace,
    variant: Variant,
    kept: Sequence[report.Line],
    nursery: Nursery,
) -> int:
    """All rounds of a variant; stops at the first that is broken."""
    wanted = asked.kills or (asked.round if asked.database or asked.kind else SHORT_KILLS)
    done: list[report.Line] = []
    if asked.resume:
        done = report.counted(report.of(variant, kept), asked.since)
    began, dice = time.monotonic(), random.Random(asked.seed)
    broken: list[str] = []
    while report.kills(done) < wanted and not broken:
        if asked.minutes and time.monotonic() - began > asked.minutes * 60:
            break
        kills = min(asked.round, wanted - report.kills(done))
        line = _one(variant, kills, dice.randrange(10**9), nursery)
        if not asked.no_keep:
            report.keep(line)
        done.append(line)
        broken = line["broken"]
    late = report.late(done)
    print(f"{variant}: {report.kinds(done)}\n{report.told(done)}", *broken, *late, sep="\n  ")
    return 1 if broken or (late and asked.strict_times) else 0


def _talks(asked: argparse.Namespace, nursery: Nursery) -> list[int]:
    """A round of consultation on each database."""
    codes = []
    for database in [asked.database] if asked.database else DATABASES:
        seed = random.Random(asked.seed).randrange(10**9)
        print(f"talks on {database}: {asked.talks} kills, seed {seed}", flush=True)
        found = asyncio.run(talks.run(database, asked.talks, seed, nursery))
        print(f"  {dict(found.kills)}\n{found.told()}", *found.broken(), sep="\n  ", flush=True)
        codes.append(1 if found.broken() else 0)
    return codes


def _one(variant: Variant, kills: int, seed: int, nursery: Nursery) -> report.Line:
    kills = max(kills, FEWEST)
    print(f"{variant}: {kills} kills, seed {seed}", flush=True)
    line = report.line_of(asyncio.run(rounds.run(variant, kills, seed, nursery)))
    print(f"  {report.told([line])} in {line['seconds']:.0f} s {line['met']}", flush=True)
    return line


def _report(lines: Sequence[report.Line]) -> int:
    for variant in [Variant(d, kind) for d in DATABASES for kind in CLASSES]:
        mine = report.of(variant, lines)
        if mine:
            print(f"{variant}, {len(mine)} rounds: {report.kinds(mine)}\n  {report.told(mine)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
