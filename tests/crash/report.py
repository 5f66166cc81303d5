"""What is kept of a round, one JSON line each, and what is told of many."""

import hashlib
import json
import platform
import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.harness import machine
from tests.crash.installation import Variant
from tests.crash.recovery import FIRST_SEND_S, RESOLVED_S, percentile
from tests.crash.rounds import Round

ROOT = Path(__file__).parents[2]
FILE = ROOT / "benchmarks" / "crash.jsonl"
PRODUCT = ("app", "channels", "scheduler", "templates")
SUMS = ("accepted", "lost", "duplicated", "unknown", "resolved")
Line = dict[str, Any]


def line_of(round_: Round) -> Line:
    """What is kept of a round."""
    judgement = round_.judgement
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "code": code(),
        "machine": f"{machine()}, Python {platform.python_version()}",
        "database": round_.variant.database,
        "class": round_.variant.kind,
        "seed": round_.seed,
        "seconds": round_.seconds,
        "kills": round_.kills,
        "accepted": judgement.accepted,
        "lost": len(judgement.lost),
        "duplicated": len(judgement.doubled),
        "unknown": len(judgement.unknown),
        "resolved": round_.resolved,
        "met": round_.met,
        "first_send_s": dict(sorted(Counter(f"{s:.1f}" for s in round_.first_send_s).items())),
        "resolved_s": dict(sorted(Counter(f"{s:.1f}" for s in round_.resolved_s).items())),
        "broken": round_.broken(),
    }


def keep(line: Line, path: Path = FILE) -> None:
    """Append a round."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def kept(path: Path = FILE) -> list[Line]:
    """All rounds of the file."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def of(variant: Variant, lines: Iterable[Line]) -> list[Line]:
    """The rounds of a variant."""
    wanted = (variant.database, variant.kind)
    return [line for line in lines if (line["database"], line["class"]) == wanted]


def counted(lines: Iterable[Line], since: str = "") -> list[Line]:
    """The good rounds a resumed run need not make again: of this program, or from a date on."""
    mine = code()
    good = (line for line in lines if not line["broken"])
    return [line for line in good if (line["date"] >= since if since else line["code"] == mine)]


def kills(lines: Iterable[Line]) -> int:
    """All kills of these rounds."""
    return sum(sum(line["kills"].values()) for line in lines)


def told(lines: Sequence[Line]) -> str:
    """The line of a run, over all its rounds."""
    sums = " ".join(f"{name}={sum(line[name] for line in lines)}" for name in SUMS)
    return (
        f"crash: kills={kills(lines)} {sums}"
        f" first_send_p95={_seconds(lines, 'first_send_s', 0.95)}"
        f" resolved_p99={_seconds(lines, 'resolved_s', 0.99)}"
    )


def late(lines: Sequence[Line]) -> list[str]:
    """Which times are above what they may be."""
    limits = (("first_send_s", 0.95, FIRST_SEND_S), ("resolved_s", 0.99, RESOLVED_S))
    found = [(name, percentile(_all(lines, name), share), most) for name, share, most in limits]
    return [
        f"{name}: {at:.1f} s, may be {most:g} s" for name, at, most in found if at and at > most
    ]


def kinds(lines: Iterable[Line]) -> str:
    """The kills by who and how, the most frequent first."""
    sums: Counter[str] = Counter()
    for line in lines:
        sums.update(line["kills"])
    return ", ".join(f"{name} {number}" for name, number in sums.most_common())


def _all(lines: Sequence[Line], name: str) -> list[float]:
    """All figures of a name; of the many that are equal only the number is kept."""
    found: list[float] = []
    for line in lines:
        for figure, times in line[name].items():
            found += [float(figure)] * times
    return found


def _seconds(lines: Sequence[Line], name: str, share: float) -> str:
    figure = percentile(_all(lines, name), share)
    return "-" if figure is None else f"{figure:.1f}s"


def commit() -> str:
    """The commit of this copy, empty without git."""
    words = ["git", "rev-parse", "--short=12", "HEAD"]
    try:
        git = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return git.stdout.strip()


def code() -> str:
    """A mark of the product's source: rounds with the same one tested the same program."""
    mark = hashlib.sha256()
    for folder in PRODUCT:
        for path in sorted((ROOT / folder).rglob("*.py")):
            mark.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return mark.hexdigest()[:12]
