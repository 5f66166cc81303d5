"""One small fault of ours."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Stale(Exception):
    """The text a mutant replaces is not there exactly once any more."""


@dataclass(frozen=True)
class Mutant:
    """``old`` becomes ``new`` in one file; every one of ``tests`` must then fail."""

    id: str  # the rule or fault it is about
    says: str  # what is wrong with it
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def mutated(self, root: Path = ROOT) -> str:
        """The file with the fault in it. Raises Stale."""
        path = root / self.file
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if text.count(self.old) != 1:
            raise Stale(f"{self.file} holds {text.count(self.old)} times: {self.old.strip()!r}")
        return text.replace(self.old, self.new)
