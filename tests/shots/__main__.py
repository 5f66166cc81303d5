"""Take the pictures of the README: `python -m tests.shots [--out FOLDER]`."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.journeys.town import ROOT, town
from tests.shots import camera, scene

OUT = ROOT / "docs" / "shots"


async def shoot(out: Path) -> list[Path]:
    """A fresh run of app, scheduler and sandbox; the pictures of it."""
    folder = Path(tempfile.mkdtemp(prefix="naru-shots-"))
    try:
        async with camera.browser() as opened, town(folder) as place:
            await scene.fill(place, await camera.paint(opened))
            call = await scene.misspell(place)
            return await camera.take_all(opened, place.sandbox_url, out, call)
    finally:
        shutil.rmtree(folder)


def main(words: Sequence[str] | None = None) -> int:
    """Returns 0 once all are there."""
    parser = argparse.ArgumentParser(prog="python -m tests.shots", description=camera.__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help=f"where they go ({OUT})")
    options = parser.parse_args(words)
    for path in asyncio.run(shoot(options.out)):
        sys.stdout.write(f"{path} {path.stat().st_size:,}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
