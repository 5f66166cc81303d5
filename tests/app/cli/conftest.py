"""Commands as a person types them, on a store of their own."""

import contextlib
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
import uvicorn
from click.testing import CliRunner, Result

from app.cli import main
from app.config import Settings, settings
from app.main import create_app

Naru = Callable[..., Result]


@pytest.fixture
def naru(tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Naru]:
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

    (tmp_path / "var").mkdir()
    shutil.copy(migrated, tmp_path / "var" / "naru.db")
    yield run
    settings.cache_clear()


def told(result: Result) -> Any:
    """What a command printed with ``--json``."""
    return json.loads(result.stdout)


class ThreadServer(uvicorn.Server):
    """Leaves the signals of the test run alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@pytest.fixture
def served(naru: Naru, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Naru]:
    """As ``naru``, with the gateway itself running on the store, and a test key for it."""
    naru("workspaces", "add", "가게")
    # its log would land in what the command prints
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))
    made = create_app(Settings(data=tmp_path / "var", database_url=""))
    server = ThreadServer(uvicorn.Config(made, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    monkeypatch.setenv("NARU_PORT", str(server.servers[0].sockets[0].getsockname()[1]))
    monkeypatch.setenv("NARU_KEY", told(naru("keys", "create", "--kind", "test", "--json"))["key"])
    yield naru
    server.should_exit = True
    thread.join()
    structlog.reset_defaults()
