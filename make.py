"""Every developer command, with nothing but Python: `python3 make.py help`."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

TYPE_CHECKING = False  # so that `typing` need not load, and an old Python reaches its message
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
BASE, DEV = "requirements.lock", "requirements-dev.lock"  # DEV holds everything BASE holds
OLDEST = (3, 11)
CACHES = (".ruff_cache", ".mypy_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis")
# The installation must work from any index, so no file may name one.
HOSTS = re.compile(
    r"\b(?:pypi|pythonhosted|npmjs|yarnpkg|anaconda|unpkg|jsdelivr)\.(?:org|com|net)\b"
)
# A path of somebody's machine.
PLACES = re.compile(r"(?<![\w.-])/(?:work|root|Users)/\w")


def main(words: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    name, *rest = words or ["help"]
    problem = unfit(sys.version_info[:2])
    if name not in COMMANDS:
        problem = f"Unknown command {name!r}. Try: python3 make.py help"
    if problem:
        print(problem, file=sys.stderr)
        return 2
    return COMMANDS[name][0](rest)


def unfit(version: Sequence[int]) -> str | None:
    """Say what is wrong with this Python, or nothing."""
    if tuple(version) >= OLDEST:
        return None
    names = (f"python3.{minor}" for minor in range(20, OLDEST[1] - 1, -1))
    newer = next((name for name in names if shutil.which(name)), None)
    hint = f" Try: {newer} make.py run (or: make run PYTHON={newer})" if newer else ""
    return f"Naru needs Python 3.11 or newer; this is {version[0]}.{version[1]}.{hint}"


def show_help(_: Sequence[str]) -> int:
    """Show this list."""
    print("python3 make.py COMMAND (or: make COMMAND)\n")
    for name, (_function, says) in COMMANDS.items():
        print(f"  {name:<14}{says}")
    return 0


def setup(_: Sequence[str]) -> int:
    """Create .venv with everything a developer needs."""
    install(DEV)
    print(f"Ready. The command is {BIN / 'naru'}")
    return 0


def run(words: Sequence[str]) -> int:
    """Start the whole thing with a demonstration; words go to `naru demo`."""
    install(BASE)
    sys.stdout.flush()
    os.chdir(ROOT)
    # Take this process's place: Ctrl-C and SIGTERM then reach the gateway itself, and only once.
    os.execv(BIN / "python", [str(BIN / "python"), "-m", "app.cli", "demo", *words])


def test(words: Sequence[str]) -> int:
    """Run every test not marked long; words go to pytest."""
    install(DEV)
    return step("test", pytest_command("-m", "not long", *words))


def test_all(words: Sequence[str]) -> int:
    """Run every test there is; words go to pytest."""
    install(DEV)
    return step("test-all", pytest_command(*words))


def check(_: Sequence[str]) -> int:
    """Format, lint, import contracts, types, and what no file may hold."""
    install(DEV)
    results = [
        step("format", [BIN / "ruff", "format", "--check"]),
        step("lint", [BIN / "ruff", "check"]),
        step("imports", [BIN / "lint-imports"]),
        step("types", [BIN / "mypy"]),
        step("names", [BIN / "python", ROOT / "make.py", "names"]),
    ]
    return max(results)


def names(_: Sequence[str]) -> int:
    """Look for index addresses and machine paths (a part of check)."""
    found = [*addresses(ROOT), *foreign_names(ROOT)]
    for line in found:
        print(line)
    return 1 if found else 0


def clean(words: Sequence[str]) -> int:
    """Remove .venv and caches; with --data the data in var/ too."""
    inside = (p for d in source_folders(ROOT) for p in d.rglob("__pycache__"))
    gone = [VENV, ROOT / "build", ROOT / "dist", *(ROOT / c for c in CACHES), *inside]
    gone.append(ROOT / "__pycache__")
    if "--data" in words:
        print(f"Removing {ROOT / 'var'}: database, keys and messages of this copy")
        gone.append(ROOT / "var")
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    return 0


def module(name: str, words: Sequence[str]) -> int:
    """Run a module in the developer's environment."""
    install(DEV)
    return step(name, [BIN / "python", "-m", MODULES[name][0], *words])


def pytest_command(*words: str) -> list[str | Path]:
    """Build the pytest call: each file on one worker (tests/order.py), two more than cores."""
    workers = min((os.cpu_count() or 1) + 2, 8)
    spread = ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"]
    return [BIN / "python", "-m", "pytest", "-q", "--color=no", *spread, *words]


def install(lock: str) -> None:
    """Bring .venv up to a lock file; does nothing when it is already there."""
    if not usable(VENV):
        need_venv_module()
        # --clear: an interrupted first try, or a Python since removed, leaves a folder of no use
        must("create .venv", [sys.executable, "-m", "venv", "--clear", VENV])
    if not any(is_current(VENV, ROOT / name) for name in (lock, DEV)):
        pip = ["-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
        words: list[str | Path] = [BIN / "python", *pip, "--require-hashes", "-r", ROOT / lock]
        must(f"install {lock}", words)
        stamp(VENV, lock).write_text(digest(ROOT / lock))
    link(VENV, ROOT)


def usable(venv: Path) -> bool:
    """Whether the environment has a Python that starts, new enough, with pip."""
    python = venv / "bin" / "python"
    if not os.access(python, os.X_OK):
        return False
    ask = f"import sys, pip; sys.exit(sys.version_info[:2] < {OLDEST})"
    return subprocess.run([python, "-c", ask], capture_output=True, check=False).returncode == 0


def need_venv_module() -> None:
    """Stop with the command that helps where a distribution keeps venv in a package of its own."""
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    package = f"python3.{sys.version_info[1]}-venv"
    raise SystemExit(
        "This Python cannot make virtual environments (its venv module is not installed).\n"
        f"On Debian and Ubuntu: sudo apt-get install python3-venv (or {package})"
    )


def link(venv: Path, root: Path) -> None:
    """Make the packages importable from anywhere and give the environment its `naru` command.

    This is what an editable installation writes, without fetching a build backend for it.
    """
    folder = next((venv / "lib").glob("python3*/site-packages"))
    (folder / "naru.pth").write_text(f"{root}\n")
    command = venv / "bin" / "naru"
    command.write_text(f'#!/bin/sh\nexec "{venv / "bin" / "python"}" -m app.cli "$@"\n')
    command.chmod(0o755)


def stamp(venv: Path, lock: str) -> Path:
    """Where the environment remembers which state of a lock file it holds."""
    return venv / f"{lock}.sha256"


def digest(path: Path) -> str:
    """Give the SHA-256 of a file in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_current(venv: Path, lock: Path) -> bool:
    """Whether the environment was installed from this very lock file."""
    kept = stamp(venv, lock.name)
    return kept.is_file() and kept.read_text() == digest(lock)


def must(name: str, command: Sequence[str | Path]) -> None:
    """Run a step and stop everything when it fails."""
    print(f"{name} …", flush=True)
    code = step(name, command)
    if code:
        raise SystemExit(code)


def step(name: str, command: Sequence[str | Path]) -> int:
    """Run a command from the root without colours, then say how long it took."""
    began = time.monotonic()
    env = {**os.environ, "NO_COLOR": "1", "PY_COLORS": "0"}
    env.pop("FORCE_COLOR", None)
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # tests start Python hundreds of times
    with subprocess.Popen([str(word) for word in command], cwd=ROOT, env=env) as child:
        code = wait_for(child, float(os.environ.get("NARU_STEP_S", 0)) or None)
    print(f"{name}: {'failed' if code else 'ok'} in {time.monotonic() - began:.1f} s", flush=True)
    return abs(code)


def wait_for(child: subprocess.Popen[bytes], limit_s: float | None) -> int:
    """Wait for a child; past the limit it is interrupted, 30 s later killed. Returns its code."""
    try:
        return child.wait(limit_s)
    except KeyboardInterrupt:  # the same Ctrl-C reached the child: let it end in its own way
        return child.wait()
    except subprocess.TimeoutExpired:
        print(f"out of time after {limit_s:.0f} s", flush=True)
        child.send_signal(signal.SIGINT)
    try:
        child.wait(30)
    except subprocess.TimeoutExpired:
        child.kill()
    return 124


def addresses(root: Path) -> Iterator[str]:
    """List the lines of lock files that hold an address: `file:line`."""
    locks = ("requirements*.lock", "tests/sdk/*.lock", "tests/sdk/node/*-lock.json")
    for lock in sorted(path for pattern in locks for path in root.glob(pattern)):
        for number, line in enumerate(lock.read_text().splitlines(), 1):
            if "://" in line:
                yield f"{lock.name}:{number}: an address in a lock file"


def foreign_names(root: Path) -> Iterator[str]:
    """List the lines of the project's text files that name an index host or a machine's path."""
    for path in files(root):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:  # a picture
            continue
        for number, line in enumerate(lines, 1):
            found = HOSTS.search(line) or PLACES.search(line)
            if found:
                yield f"{path.relative_to(root)}:{number}: {found.group()}"


def files(root: Path) -> list[Path]:
    """List the project's files: git's where there is a repository, else all that is not made."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found: set[Path] = set()
    if shutil.which("git") and (root / ".git").exists():
        git = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
        found = {root / name for name in git.stdout.split("\0") if name}
    if not found:
        found = {p for d in source_folders(root) for p in d.rglob("*")} | set(root.glob("*"))
    return sorted(p for p in found if p.is_file() and "__pycache__" not in p.parts)


def source_folders(root: Path) -> list[Path]:
    """List the folders at the top that hold source, not products, data or the repository itself."""
    made = {".venv", ".git", "var", "build", "dist", *CACHES}
    return sorted(p for p in root.iterdir() if p.is_dir() and p.name not in made)


MODULES = {
    "bench": ("benchmarks", "Measure"),
    "crash": ("tests.crash", "Kill the real processes, count what arrived"),
    "storm": ("tests.storm", "Break providers and databases under load"),
    "shots": ("tests.shots", "Take the pictures of docs/shots from a fresh run"),
    "sdk": ("tests.sdk", "Let SOLAPI's own SDKs call the sandbox"),
    "words": ("tests.words", "Collect the console's texts, compile their English"),
    "mutate-rules": ("tests.mutations", "Break each rule in a copy, and demand red tests"),
}
COMMANDS: dict[str, tuple[Callable[[Sequence[str]], int], str]] = {
    name.replace("_", "-"): (function, (function.__doc__ or "").splitlines()[0])
    for name, function in [
        ("help", show_help), ("setup", setup), ("run", run), ("test", test), ("test_all", test_all),
        ("check", check), ("clean", clean), ("names", names),
    ]
}  # fmt: skip
COMMANDS |= {
    name: (functools.partial(module, name), f"{says}; words go to `python -m {path}`.")
    for name, (path, says) in MODULES.items()
}

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
