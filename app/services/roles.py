"""What staff may do: a role is a set of the scopes an API key could have, and nothing else."""

from collections.abc import Mapping

from app.services.callers import SCOPES

OWNER, OPERATOR, AGENT, VIEWER = "owner", "operator", "agent", "viewer"
ROLES: Mapping[str, frozenset[str]] = {
    OWNER: frozenset(SCOPES),
    OPERATOR: frozenset(SCOPES) - {"admin"},
    AGENT: frozenset({"consultations:read", "consultations:write"}),
    VIEWER: frozenset({"messages:read", "templates:read", "consultations:read", "people:read"}),
}
