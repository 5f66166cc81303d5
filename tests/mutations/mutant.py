"""One small fault of ours."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Stale(Exception):
    """The text a mutant replaces is not there exactly once any more, or a test is gone."""


@dataclass(frozen=True)
class Mutant:
    """``old`` becomes ``new`` at its one place under a folder; each of ``tests`` must then fail.

    A test is named ``test_it`` or ``test_it[parameters]``, wherever it is; one that its class
    has inherited by its whole address.
    """

    id: str  # the rule or fault it is about
    says: str  # what is wrong with it
    under: str  # a folder, or a file
    old: str
    new: str
    tests: tuple[str, ...]

    def place(self, root: Path = ROOT) -> Path:
        """The file that holds ``old``, once. Raises Stale."""
        top = root / self.under
        files = [top] if top.is_file() else sorted(top.rglob("*.py"))
        found = [path for path in files for _ in range(_count(path, self.old))]
        if len(found) != 1:
            raise Stale(f"{self.under} holds {len(found)} times: {self.old.strip()!r}")
        return found[0]

    def mutated(self, root: Path = ROOT) -> str:
        """That file with the fault in it. Raises Stale."""
        return self.place(root).read_text(encoding="utf-8").replace(self.old, self.new)

    def addresses(self, root: Path = ROOT) -> list[str]:
        """The tests as pytest is told them. Raises Stale."""
        return [address(test, root) for test in self.tests]


def address(test: str, root: Path = ROOT) -> str:
    """``path::test`` of a test named without its path. Raises Stale."""
    if "::" in test:
        return test
    name = test.partition("[")[0]
    defines = re.compile(rf"^(?:async )?def {name}\(", re.MULTILINE)
    paths = sorted((root / "tests").rglob("test_*.py"))
    found = [p for p in paths if defines.search(p.read_text(encoding="utf-8"))]
    if len(found) != 1:
        raise Stale(f"{len(found)} files define {name}")
    return f"{found[0].relative_to(root)}::{test}"


def _count(path: Path, text: str) -> int:
    return path.read_text(encoding="utf-8").count(text)
