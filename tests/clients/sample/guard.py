"""The conftest of the sample: nothing of Naru's packages may enter this process."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

NARU = ("app", "channels", "templates", "scheduler", "sandbox")


class Border:
    """Refuses to find any of them, so that an import fails where it is written."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] in NARU:
            raise ImportError(f"a shop's tests imported {name}")
        return None


sys.meta_path.insert(0, Border())


@pytest.fixture(autouse=True, scope="session")
def only_ours() -> object:
    yield
    entered = [name for name in sys.modules if name.partition(".")[0] in NARU]
    assert entered == []
