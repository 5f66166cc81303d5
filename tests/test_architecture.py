"""The shape of the whole tree: sizes, mirrors, conformance, directions, packages, containers."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import make
from app.config import Settings

ROOT = Path(__file__).parent.parent
PACKAGES = ("app", "channels", "templates", "scheduler", "sandbox")
MOST_LINES = 300
MOST_PACKAGES = 45


def sources(*folders: str) -> list[Path]:
    """List the Python files of some top folders, relative to the root."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path.relative_to(ROOT) for path in found)


def test_there_are_five_packages_and_each_has_files() -> None:
    assert all(sources(package) for package in PACKAGES), {p: len(sources(p)) for p in PACKAGES}


def test_no_file_is_long() -> None:
    files = [*sources(*PACKAGES, "tests", "benchmarks"), Path("make.py")]
    sizes = {
        str(path): len((ROOT / path).read_text().splitlines())
        for path in files
        if "migrations" not in path.parts  # a migration is never read again once it is out
    }
    assert {path: size for path, size in sizes.items() if size > MOST_LINES} == {}


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 120


def mirrored(module: Path, tests: list[Path]) -> bool:
    """Whether a test file is named after a module, or after a folder it is in."""
    package, *folders = module.parts[:-1]
    names = [f"test_{name}" for name in (module.stem, *folders)]
    return any(
        test.parts[1] == package and (test.stem == name or test.stem.startswith(f"{name}_"))
        for test in tests
        for name in names
    )


def test_every_module_has_its_test_file() -> None:
    tests = [path for path in sources("tests") if path.name.startswith("test_")]
    modules = [
        path
        for path in sources(*PACKAGES)
        if not path.name.startswith("__") and "migrations" not in path.parts
    ]
    assert [str(module) for module in modules if not mirrored(module, tests)] == []


@pytest.mark.parametrize(
    ("module", "test", "is_mirror"),
    [
        ("channels/adapters/nhn.py", "tests/channels/test_nhn.py", True),
        ("sandbox/nhn/wire.py", "tests/sandbox/test_nhn_sms.py", True),
        ("app/db/turnstile.py", "tests/app/db/test_turnstile.py", True),
        ("app/db/turnstile.py", "tests/app/test_app.py", False),
        ("app/log.py", "tests/channels/test_log.py", False),
        ("app/log.py", "tests/app/test_login.py", False),
    ],
)
def test_what_a_mirror_is(module: str, test: str, is_mirror: bool) -> None:
    assert mirrored(Path(module), [Path(test)]) is is_mirror


def adapters() -> set[str]:
    """List the adapters: modules or folders of channels/adapters."""
    children = (ROOT / "channels" / "adapters").iterdir()
    return {path.stem for path in children if not path.name.startswith(("_", "."))}


def imported_adapters(tree: ast.Module) -> Iterator[str]:
    """List the adapters a module imports."""
    prefix = "channels.adapters"
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == prefix:
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{prefix}."):
            yield (node.module or "").split(".")[2]


def base_names(tree: ast.Module) -> Iterator[str]:
    """List the names of all base classes in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from (ast.unparse(base) for base in node.bases)


def test_every_adapter_is_registered() -> None:
    registry = ast.parse((ROOT / "channels" / "registry.py").read_text())
    assert adapters()
    assert set(imported_adapters(registry)) == adapters()


def test_every_adapter_passes_conformance() -> None:
    tested = set()
    for name in adapters():
        for path in (ROOT / "tests" / "channels").rglob(f"test_{name}*.py"):
            if any("Conformance" in base for base in base_names(ast.parse(path.read_text()))):
                tested.add(name)
    assert adapters() - tested == set()


def test_imports_keep_their_direction() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_base_installation_is_small() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    needs = [Requirement(line.rstrip(" \\")) for line in lines if re.match(r"[a-z0-9]", line)]
    here = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
    installed = {n.name for n in needs if n.marker is None or n.marker.evaluate(here)}
    assert len(installed) + 1 <= MOST_PACKAGES  # and the project itself


def test_the_development_lock_holds_the_base_lock() -> None:
    base, dev = ((ROOT / name).read_text().splitlines() for name in (make.BASE, make.DEV))
    pinned = {line.split(" ")[0] for line in base if "==" in line}
    assert pinned
    assert pinned <= {line.split(" ")[0] for line in dev if "==" in line}


def test_no_lock_file_holds_an_address() -> None:
    assert list(make.addresses(ROOT)) == []


def test_no_file_names_an_index_or_a_machine() -> None:
    assert list(make.foreign_names(ROOT)) == []


def test_the_image_copies_what_exists_and_what_the_build_lets_in() -> None:
    copies = re.findall(r"^COPY (\S+) ", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    let_in = (ROOT / ".dockerignore").read_text().splitlines()
    assert set(PACKAGES) < set(copies)
    assert [name for name in copies if not (ROOT / name).exists()] == []
    assert [name for name in copies if f"!{name}" not in let_in] == []


def test_containers_use_the_ports_of_the_settings() -> None:
    ports = {Settings.model_fields[name].default for name in ("port", "sandbox_port")}
    dockerfile = (ROOT / "Dockerfile").read_text()
    exposed = re.search(r"^EXPOSE (.+)$", dockerfile, re.MULTILINE)
    assert exposed is not None
    assert {int(port) for port in exposed.group(1).split()} == ports
    published = re.findall(r'"127\.0\.0\.1:(\d+):(\d+)"', (ROOT / "compose.yaml").read_text())
    assert {(int(outer), int(inner)) for outer, inner in published} == {(p, p) for p in ports}
    assert f":{Settings.model_fields['port'].default}/health/live'" in dockerfile


def test_containers_only_set_what_is_a_setting() -> None:
    known = {f"NARU_{name.upper()}" for name in Settings.model_fields}
    known |= set(re.findall(r"NARU_[A-Z_]+", (ROOT / "sandbox" / "config.py").read_text()))
    text = (ROOT / "Dockerfile").read_text() + (ROOT / "compose.yaml").read_text()
    assert set(re.findall(r"\bNARU_[A-Z_]+", text)) - known == {"NARU_PG_PASSWORD"}
