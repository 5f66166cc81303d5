"""Commands as a person types them, on a store of their own."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.config import settings

Naru = Callable[..., Result]


@pytest.fixture
def naru(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Naru]:
    """Runs ``naru …`` on a migrated store; anything but a clean refusal fails the test."""
    monkeypatch.setenv("NARU_DATA", str(tmp_path / "var"))
    for name in ("NARU_DATABASE_URL", "NARU_KEY"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    runner = CliRunner()

    def run(*words: str, code: int = 0, **more: Any) -> Result:
        settings.cache_clear()
        result = runner.invoke(main, words, **more)
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            result.exception
        )
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    run("migrate")
    yield run
    settings.cache_clear()


def told(result: Result) -> Any:
    """What a command printed with ``--json``."""
    return json.loads(result.stdout)
