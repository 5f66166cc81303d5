"""One line on the screen and one of JSON in a file for every storm that was weathered, or not."""

import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.harness import commit, machine

ROOT = Path(__file__).parents[2]
FILE = ROOT / "benchmarks" / "storm.jsonl"


def say(line: str) -> None:
    """Progress, for who watches."""
    sys.stderr.write(f"  {time.strftime('%H:%M:%S')} {line}\n")
    sys.stderr.flush()


def tell(name: str, figures: dict[str, Any], file: Path | None = FILE) -> None:
    """Print what came of it and keep it."""
    verdict = "accounts exact" if figures["exact"] else "NOT EXACT"
    states = ", ".join(f"{n:,} {status}" for status, n in sorted(figures["states"].items()))
    sys.stdout.write(
        f"storm: {name}: {verdict}: {figures['accepted']:,} accepted = {states}"
        f" = {figures['arrived']:,} arrived; lost {figures['lost']}, doubled {figures['doubled']},"
        f" open {figures['open']}; {figures['seconds']:.0f} s\n"
    )
    if "shares" in figures:
        shares = ", ".join(f"{name} {share:.1%}" for name, share in figures["shares"].items())
        sys.stdout.write(f"  through the second account: {shares}\n")
    for what, times in figures.get("odd", {}).items():
        sys.stdout.write(f"  {times} x {what}\n")
    sys.stdout.flush()
    if file is None:
        return
    about = {
        "storm": name,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(ROOT),
        "machine": machine(),
        "load": round(os.getloadavg()[1], 1),
    }
    with file.open("a", encoding="utf-8") as kept:
        kept.write(json.dumps({**about, **figures}, ensure_ascii=False) + "\n")
