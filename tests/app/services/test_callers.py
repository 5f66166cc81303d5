"""What a key proves."""

import pytest

from app.ids import new_id
from app.services.callers import KINDS, SCOPES, Caller


@pytest.mark.parametrize(
    ("kind", "mode", "simulated"),
    [("live", "live", False), ("team", "live", False), ("test", "sandbox", True)],
)
def test_only_a_test_key_is_simulated(kind: str, mode: str, simulated: bool) -> None:
    caller = Caller(new_id(), new_id(), kind, frozenset(SCOPES))
    assert (caller.mode, caller.simulated) == (mode, simulated)
    assert kind in KINDS


def test_scopes_are_read_and_write_of_each_thing() -> None:
    things = {scope.partition(":")[0] for scope in SCOPES} - {"admin"}
    assert set(SCOPES) == {f"{t}:{a}" for t in things for a in ("read", "write")} | {"admin"}
