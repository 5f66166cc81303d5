"""Roles: scopes an API key could have, the owner's are all, and only an owner administers."""

from app.services.callers import SCOPES
from app.services.roles import ROLES


def test_roles_are_scopes() -> None:
    assert all(scopes <= frozenset(SCOPES) for scopes in ROLES.values())
    assert ROLES["owner"] == frozenset(SCOPES)
    assert [role for role, scopes in ROLES.items() if "admin" in scopes] == ["owner"]
    assert [r for r, scopes in ROLES.items() if "messages:write" in scopes] == ["owner", "operator"]
    assert not any(scope.endswith(":write") for scope in ROLES["viewer"])
