"""Forked processes: they run the real ``main``, die as they are told, and leave nobody behind."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.crash.nursery import Nursery
from tests.journeys.town import free_port

pytestmark = pytest.mark.long  # kills of real processes take their time


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with closing(Nursery()) as made:
        yield made


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {"NARU_DATA": str(folder / "var"), "NARU_PORT": str(free_port()), **more}


@pytest.mark.parametrize(("name", "code"), [("scheduler", 1), ("app", 2)])
def test_it_ends_as_its_main_does(nursery: Nursery, tmp_path: Path, name: str, code: int) -> None:
    """Without a schema there is nothing to do, which it says where it was told to."""
    child = nursery.start(name, tmp_path / "log", environment(tmp_path))
    assert child.wait(60) == code
    assert "naru" in (tmp_path / "log").read_text()


def test_a_kill_is_told_as_one(nursery: Nursery, tmp_path: Path) -> None:
    child = nursery.start("app", tmp_path / "log", environment(tmp_path))
    child.send_signal(signal.SIGSTOP)  # so that it cannot end by itself
    assert child.poll() is None
    child.kill()
    assert child.wait(60) == -signal.SIGKILL
    child.kill()  # of a dead one: nothing


def test_it_takes_its_children_along(tmp_path: Path) -> None:
    with closing(Nursery()) as own:
        child = own.start("app", tmp_path / "log", environment(tmp_path))
        child.send_signal(signal.SIGSTOP)
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)
