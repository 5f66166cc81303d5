"""The commands of make.py: what they refuse, what they install again, what they find."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

import make

ROOT = Path(__file__).parent.parent


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert make.main([]) == 0
    said = capsys.readouterr().out
    assert all(f"  {name} " in said for name in make.COMMANDS)


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert make.main(["tset"]) == 2
    assert "'tset'" in capsys.readouterr().err


def test_the_makefile_has_the_same_commands() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert phony is not None
    assert set(phony.group(1).split()) == set(make.COMMANDS) - {"names"}
    assert f"\n{phony.group(1)}:\n\t@$(PYTHON) make.py $@" in text


@pytest.mark.parametrize("version", [(3, 11), (3, 14), (4, 0)])
def test_a_new_python_is_fit(version: tuple[int, int]) -> None:
    assert make.unfit(version) is None


def test_an_old_python_is_told_which_newer_one_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert make.unfit((3, 9)) == "Naru needs Python 3.11 or newer; this is 3.9."
    newer = tmp_path / "python3.12"
    newer.touch(0o755)
    assert "Try: python3.12 make.py run" in (make.unfit((3, 9)) or "")


def test_a_python_without_venv_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="apt-get install python3-venv"):
        make.need_venv_module()


def test_a_lock_is_installed_again_only_when_it_changed(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("a==1\n")
    assert not make.is_current(tmp_path, lock)
    make.stamp(tmp_path, lock.name).write_text(make.digest(lock))
    assert make.is_current(tmp_path, lock)
    lock.write_text("a==2\n")
    assert not make.is_current(tmp_path, lock)


def test_an_environment_without_a_working_python_is_of_no_use(tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"
    assert not make.usable(tmp_path)
    python.parent.mkdir()
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    assert not make.usable(tmp_path)


def test_the_command_runs_from_anywhere(tmp_path: Path) -> None:
    venv, root = tmp_path / "its venv", tmp_path / "root"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (root / "app").mkdir(parents=True)
    (root / "app" / "cli.py").write_text("import sys; print('hello', *sys.argv[1:])")
    make.link(venv, root)
    words = [str(venv / "bin" / "naru"), "up", "a b"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "hello up a b\n"


def test_a_step_says_how_it_ended(capsys: pytest.CaptureFixture[str]) -> None:
    assert make.step("good", [sys.executable, "-c", ""]) == 0
    assert make.step("bad", [sys.executable, "-c", "raise SystemExit(3)"]) == 3
    assert re.fullmatch(
        r"good: ok in \d+\.\d s\nbad: failed in \d+\.\d s\n", capsys.readouterr().out
    )


def test_a_step_out_of_time_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NARU_STEP_S", "0.2")
    began = time.monotonic()
    assert make.step("slow", [sys.executable, "-c", "import signal; signal.pause()"]) == 124
    assert time.monotonic() - began < 60


def test_an_address_in_a_lock_is_found(tmp_path: Path) -> None:
    (tmp_path / "requirements-dev.lock").write_text("a==1\n--index-url https:" + "//host/simple\n")
    assert list(make.addresses(tmp_path)) == ["requirements-dev.lock:2: an address in a lock file"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https:" + "//py" + "pi.org/project/naru", ["py" + "pi.org"]),
        ("run /wo" + "rk/main/make.py", ["/wo" + "rk/m"]),
        ("/ro" + "ot/.venv is not found, a dot follows", []),
        ("cd /ro" + "ot/naru", ["/ro" + "ot/n"]),
        ("https:" + "//example.com/wo" + "rk/main", []),
        ("docs/wo" + "rk/main", []),
    ],
)
def test_a_foreign_name_is_found(tmp_path: Path, text: str, found: list[str]) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text(f"first\n{text}\n")
    (tmp_path / "docs" / "picture.png").write_bytes(b"\x89PNG\xff\xfe")
    assert list(make.foreign_names(tmp_path)) == [f"docs/page.md:2: {name}" for name in found]


def test_what_git_ignores_is_not_looked_at(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text("mine.txt\n")
    (tmp_path / "mine.txt").touch()
    (tmp_path / "new.txt").touch()
    assert [path.name for path in make.files(tmp_path)] == [".gitignore", "new.txt"]


@pytest.mark.parametrize(("words", "kept"), [([], {"app", "var"}), (["--data"], {"app"})])
def test_clean_keeps_the_data_unless_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], kept: set[str]
) -> None:
    for folder in (".venv/lib", "app/__pycache__", ".mypy_cache", "var/data"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(make, "ROOT", tmp_path)
    monkeypatch.setattr(make, "VENV", tmp_path / ".venv")
    assert make.clean(words) == 0
    assert {path.name for path in tmp_path.iterdir()} == kept
    assert list((tmp_path / "app").iterdir()) == []


SLOW = """
import time
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("tidied", flush=True)
"""


def test_ctrl_c_lets_a_step_end_in_its_own_way() -> None:
    script = f"import make, sys; make.step('slow', [sys.executable, '-c', {SLOW!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=20)
    assert said.startswith("tidied\nslow: ok in")


def test_the_gate_script_runs_all_three() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & stat.S_IXUSR
    subprocess.run(["bash", "-n", script], check=True)
    assert re.findall(r"^step .* \S*make\.py (.+)$", script.read_text(), re.MULTILINE) == [
        "check", "test", "test-all --after-test",
    ]  # fmt: skip
    assert "run: .ci/run\n" in (ROOT / ".github" / "workflows" / "ci.yml").read_text()
