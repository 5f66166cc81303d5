"""Let the official SDKs walk through a sandbox: `python -m tests.sdk [python] [node]`."""

import argparse
import shutil
import sys
from collections.abc import Sequence

from tests.sdk.walks import Failed, sandbox, walk_node, walk_python

SDKS = ("python", "node")


def main(words: Sequence[str] | None = None) -> int:
    """0 when every step of every walk was right."""
    parser = argparse.ArgumentParser(prog="make sdk", description=__doc__)
    parser.add_argument("sdk", nargs="*", metavar="python|node", help="both without a word")
    wanted = parser.parse_args(words).sdk or list(SDKS)
    if not set(wanted) <= set(SDKS):
        parser.error(f"there is {' and '.join(SDKS)}")
    node = shutil.which("node")
    if "node" in wanted and node is None:
        sys.stderr.write("There is no Node.js here; `make sdk WORDS=python` needs none.\n")
        return 2
    try:
        with sandbox() as url:
            if "python" in wanted:
                say(walk_python(url))
            if "node" in wanted and node:
                say(walk_node(url, node))
    except Failed as failed:
        sys.stderr.write(f"{failed}\n")
        return 1
    return 0


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
