"""Take the pictures of the documents: `python -m tests.shots [--only console] [--out FOLDER]`."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.journeys.town import ROOT, town
from tests.shots import camera, console, scene, staff

OUT = ROOT / "docs" / "shots"


async def shoot(out: Path, only: str = "") -> list[Path]:
    """A fresh run of app, scheduler and sandbox; the pictures of it, or only of one of them."""
    folder = Path(tempfile.mkdtemp(prefix="naru-shots-"))
    try:
        async with camera.browser() as opened, town(folder) as place:
            taken = []
            pictures = await camera.paint(opened)
            notices = await scene.fill(place, pictures)
            if only != "sandbox":
                places = await staff.fill(place, opened, pictures, notices["order_shipped"])
                taken = await console.take_all(opened, place, out, places)
            if only != "console":
                await scene.rehearse(place, notices)
                call = await scene.misspell(place)
                taken += await camera.take_all(opened, place.sandbox_url, out, call)
            return taken
    finally:
        shutil.rmtree(folder)


def main(words: Sequence[str] | None = None) -> int:
    """Returns 0 once all are there."""
    parser = argparse.ArgumentParser(prog="python -m tests.shots", description=camera.__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help=f"where they go ({OUT})")
    add = parser.add_argument
    add("--only", choices=("console", "sandbox"), default="", help="not those of the other")
    options = parser.parse_args(words)
    for path in asyncio.run(shoot(options.out, options.only)):
        sys.stdout.write(f"{path} {path.stat().st_size:,}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
