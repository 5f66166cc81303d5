"""A shop's own test suite in a process of its own: with the package installed, and none of ours."""

import asyncio
import importlib.util
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from templates.files import load, starters
from tests.journeys.town import approve, town

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "clients" / "python"
SAMPLE = Path(__file__).parent / "sample"
FACTS = tomllib.loads((PACKAGE / "pyproject.toml").read_text(encoding="utf-8"))


def install(folder: Path) -> Path:
    """A folder that holds the package as pip would lay it: from a wheel where one can be built."""
    site = folder / "site"
    site.mkdir()
    if importlib.util.find_spec("hatchling"):
        words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
        subprocess.run(words, cwd=PACKAGE, check=True, capture_output=True, timeout=60)
        with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
            wheel.extractall(site)
        return site
    laid = FACTS["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for source, target in laid.items():
        (site / target).parent.mkdir(exist_ok=True)
        shutil.copy(PACKAGE / source, site / target)
    info = site / f"naru_testing-{FACTS['project']['version']}.dist-info"
    info.mkdir()
    version = FACTS["project"]["version"]
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: naru-testing\nVersion: {version}")
    points = FACTS["project"]["entry-points"]["pytest11"]
    rows = "\n".join(f"{name} = {module}" for name, module in points.items())
    (info / "entry_points.txt").write_text(f"[pytest11]\n{rows}\n")
    return site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("installed"))


def run(folder: Path, site: Path, *words: str, **environment: str) -> tuple[int, str]:
    """pytest in a shop's folder; its exit code and all it said."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("NARU_", "PYTEST_"))}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--color=no",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:asyncio",
            *words,
        ],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(site), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def lay_sample(folder: Path) -> None:
    shutil.copy(SAMPLE / "shop.py", folder / "shop.py")
    shutil.copy(SAMPLE / "guard.py", folder / "conftest.py")
    shutil.copy(SAMPLE / "notices.py", folder / "test_notices.py")
    (folder / "pytest.ini").write_text(
        "[pytest]\npythonpath = .\nfilterwarnings = error\n"
        f"naru_sandbox_command = {sys.executable} -m sandbox\n"
    )


def test_the_package_needs_only_httpx() -> None:
    needs = [Requirement(line).name for line in FACTS["project"]["dependencies"]]
    assert needs == ["httpx"]
    extras = FACTS["project"]["optional-dependencies"]
    assert [Requirement(line).name for line in extras["pytest"]] == ["pytest"]
    assert (PACKAGE / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


@pytest.mark.long
def test_a_shops_suite_runs_without_anything_of_ours(tmp_path: Path, site: Path) -> None:
    lay_sample(tmp_path)
    code, said = run(tmp_path, site, "-n2", "--dist=each")  # the whole suite on each worker
    assert code == 0, said
    assert "12 passed, 2 skipped" in said
    places = [path.read_text() for path in tmp_path.glob("ran-*")]
    assert len(set(places)) == len(places) == 2


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_shop_that_sends_through_the_gateway(tmp_path: Path, site: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    lay_sample(shop)
    async with town(tmp_path) as place:
        await approve(place, load(starters()["payment_received"])[0].to_mapping())
        environment = {
            "NARU_SANDBOX_URL": place.sandbox_url,
            "SHOP_GATEWAY": place.app_url,
            "SHOP_KEY": place.key,
        }
        words = ("-k", "gateway or customer", "-n0")
        code, said = await asyncio.to_thread(run, shop, site, *words, **environment)
        assert code == 0, said
        assert "2 passed" in said
        code, said = await asyncio.to_thread(run, shop, site, "-n2", **environment)
        assert code == 1
        assert "workers cannot share the sandbox" in said


FAILING = """
import sys
import pytest


def test_it_does_not_come(naru_sandbox):
    with naru_sandbox._process._log.open("a") as log:
        log.write("the sandbox says something")
    naru_sandbox.assert_received("010-0000-1001", contains="52,800원", within_s=0.1)


def test_it_imports_ours():
    import sandbox.store
"""


@pytest.mark.long
def test_a_failure_says_why_and_shows_the_log(tmp_path: Path, site: Path) -> None:
    lay_sample(tmp_path)
    (tmp_path / "test_notices.py").write_text(FAILING)
    code, said = run(tmp_path, site)
    assert code == 1
    assert "Not received within 0.1 s: contains='52,800원'" in said
    assert "No provider was called" in said
    assert "naru sandbox log" in said
    assert "the sandbox says something" in said
    assert "def _explain" not in said  # the traceback ends at the shop's own line
    assert "a shop's tests imported sandbox" in said  # so the guard above is one


@pytest.mark.long
def test_without_a_sandbox_it_is_told_what_to_set(tmp_path: Path, site: Path) -> None:
    lay_sample(tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    code, said = run(tmp_path, site, "-k", "customer", PATH="/nowhere")
    assert code == 1
    assert "NARU_SANDBOX_COMMAND=" in said
    code, said = run(tmp_path, site, "-k", "customer", "--naru-sandbox-url=http://127.0.0.1:1")
    assert "http://127.0.0.1:1" in said
