"""A closed network for real: a namespace without a route, and the kernel counts who tried."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.town import ROOT
from tests.needs import missing


def alone() -> list[str]:
    """The words that begin a namespace of its own."""
    words = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    able = shutil.which("unshare") and shutil.which("ip")
    if not able or subprocess.run([*words, "true"], check=False, capture_output=True).returncode:
        missing("servers", "no network namespaces on this machine")
    return words


@pytest.mark.long
@pytest.mark.timeout(600)
def test_without_a_way_out_everything_works_and_nobody_tries(tmp_path: Path) -> None:
    words = [*alone(), sys.executable, "-m", "tests.journeys.closed", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["counts"], "or the last line means nothing"
    assert told["fallback"] == [False, True]
    assert told["arrived"] == ["chat", "sms"]
    assert told["pages"] == [200] * 5
    assert told["hook"] == [422, "outside_closed_network"]
    assert told["contacts"] == [told["sandbox"]]
    assert told["outside"] == 0
