"""Who is calling: what an API key proved."""

from dataclasses import dataclass
from uuid import UUID

SCOPES = (
    "messages:write",
    "messages:read",
    "templates:write",
    "templates:read",
    "consultations:write",
    "consultations:read",
    "people:write",
    "people:read",
    "admin",
)
KINDS = ("live", "test", "team")


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified key; everything it touches is its workspace's."""

    workspace_id: UUID
    key_id: UUID
    kind: str  # live | test | team
    scopes: frozenset[str]
    one_mode: bool = False  # of consultations and events too it sees its own mode only

    @property
    def only(self) -> str | None:
        """The one mode whose consultations it sees; None: a live key sees those of both."""
        return self.mode if self.one_mode or self.kind == "test" else None

    @property
    def mode(self) -> str:
        """Which accounts it may reach: ``sandbox`` for a test key, else ``live``."""
        return "sandbox" if self.kind == "test" else "live"

    @property
    def simulated(self) -> bool:
        """Every answer to a test key says so."""
        return self.kind == "test"
