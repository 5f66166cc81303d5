"""SOLAPI's own SDKs, unchanged, and what the command says when one of them is not pleased."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests import needs
from tests.sdk import walks
from tests.sdk.__main__ import main


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with walks.sandbox() as found:
        yield found


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_python_sdk(url: str) -> None:
    said = walks.walk_python(url)
    assert said.count("python  ok") == (walks.HERE / "walk.py").read_text().count("\n@step\n") > 10


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_node_sdk(url: str) -> None:
    said = walks.walk_node(url, needs.node())
    assert said.count("node    ok") == 15


def test_a_step_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(walks.Failed, match=r"(?s)exit 3.*all it said"):
        walks.run(["sh", "-c", "echo all it said; exit 3"], tmp_path, 5)


def test_a_walk_that_hangs_is_ended(tmp_path: Path) -> None:
    with pytest.raises(walks.Failed, match="more than 0 s"):
        walks.run(["sleep", "5"], tmp_path, 0.1)


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(walks.Failed, match="no-such-program: there is no such program"):
        walks.run(["no-such-program"], tmp_path, 5)


def test_the_walks_see_none_of_our_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "here")
    assert walks.run(["sh", "-c", "echo [$PYTHONPATH]"], tmp_path, 5) == "[]\n"


def test_a_failed_walk_ends_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(url: str) -> str:
        raise walks.Failed("step 3")

    monkeypatch.setattr("tests.sdk.__main__.walk_python", fail)
    monkeypatch.setattr("tests.sdk.__main__.sandbox", lambda: nullcontext("http://sandbox.test"))
    assert main(["python"]) == 1
    assert capsys.readouterr().err == "step 3\n"


def test_without_node_the_command_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(["node"]) == 2
    assert "WORDS=python" in capsys.readouterr().err
