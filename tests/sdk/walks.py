"""Makes a throwaway environment for one SDK and lets it walk through a sandbox."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.sandbox.images import jpeg

HERE = Path(__file__).parent
CHANNEL, TEMPLATE = "KA01PF240101000000000PYTHONWALK0", "KA01TP240101000000000PYTHONWALK0"
CALLER = "0200002041"
DOWNLOAD_S, WALK_S = 240, 180


class Failed(Exception):
    """A download or a walk that ended badly; the text is what it said."""


@contextmanager
def sandbox() -> Iterator[str]:
    """The address of a sandbox of its own, with results that come at once."""
    command = [sys.executable, "-m", "sandbox", "--port", "0"]
    process = subprocess.Popen(command, cwd=HERE.parents[1], stderr=subprocess.PIPE, text=True)
    try:
        line = process.stderr.readline() if process.stderr else ""
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found is None:
            raise Failed(f"the sandbox did not start: {line}")
        desk(found[0], "PATCH", "/desk/api/settings", {"result_delay_s": 0})
        yield found[0]
    finally:
        process.terminate()
        process.communicate(timeout=60)


def desk(url: str, method: str, path: str, body: Mapping[str, Any]) -> None:
    # the server listens before it answers
    with httpx.Client(transport=httpx.HTTPTransport(retries=5), trust_env=False) as client:
        client.request(method, url + path, json=dict(body), timeout=60).raise_for_status()


def walk_python(url: str) -> str:
    """What the walk printed. Raises Failed."""
    body = {
        "api_secret": "PYTHONSECRET",
        "caller_numbers": [CALLER],
        "senders": [{"sender_key": CHANNEL, "channel_id": "@pythonshop", "name": "파이썬 상회"}],
    }
    desk(url, "PUT", "/desk/api/accounts/solapi/PYTHONKEY", body)
    # the Python SDK has no call for templates: the relay's shop of the same channel makes it
    relay = {"signing_secret": "s", "senders": body["senders"]}
    desk(url, "PUT", "/desk/api/accounts/relay/walk", relay)
    template = {
        "sender": CHANNEL,
        "code": TEMPLATE,
        "name": "출고 안내",
        "content": "#{이름}님, 상품이 출발했습니다.",
        "buttons": [
            {"kind": "WL", "name": "주문 보기", "url_mobile": "https://shop.example/#{주문}"}
        ],
    }
    headers = {"Authorization": "Bearer walk"}
    with httpx.Client(trust_env=False, base_url=url) as client:
        client.post("/relay/templates", json=template, headers=headers).raise_for_status()
        client.post(f"/desk/api/templates/{CHANNEL}/{TEMPLATE}/approve").raise_for_status()
    with tempfile.TemporaryDirectory(prefix="naru-sdk-") as made:
        folder = Path(made)
        (folder / "picture.jpg").write_bytes(jpeg(100, 100))
        python = folder / "bin" / "python"
        run([sys.executable, "-m", "venv", "--without-pip", folder], folder, DOWNLOAD_S)
        pip: list[str | Path] = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            python,
            "--disable-pip-version-check",
        ]
        hashed: list[str | Path] = [
            "--no-input",
            "--quiet",
            "--require-hashes",
            "-r",
            HERE / "requirements.lock",
        ]
        run([*pip, "install", *hashed], folder, DOWNLOAD_S)
        said = run([python, HERE / "walk.py", url, folder / "picture.jpg"], folder, WALK_S)
    return said + need_documented(url)


def walk_node(url: str, node: str) -> str:
    """What the walk printed. node: its path. Raises Failed."""
    with tempfile.TemporaryDirectory(prefix="naru-sdk-") as made:
        folder = Path(made)
        for source in (HERE / "node").iterdir():
            (folder / source.name).write_bytes(source.read_bytes())
        (folder / "picture.jpg").write_bytes(jpeg(100, 100))
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        run(["npm", "ci", *quiet], folder, DOWNLOAD_S)
        told = {
            "SANDBOX_URL": url,
            "SOLAPI_URL": f"{url}/solapi",
            "PICTURE": str(folder / "picture.jpg"),
        }
        said = run([node, "--require", "./preload.cjs", "walk.cjs"], folder, WALK_S, told)
    return said + need_documented(url)


def need_documented(url: str) -> str:
    """How many requests the sandbox has seen. Raises Failed for one with an unknown field."""
    requests = f"{url}/desk/api/requests"
    with httpx.Client(trust_env=False) as client:
        calls = client.get(f"{requests}?limit=200").json()
        whole = [client.get(f"{requests}/{call['seq']}").json() for call in calls]
    strays = [(one["path"], one["unknown"]) for one in whole if one["unknown"]]
    strays += [(one["path"], "in no document") for one in whole if not one["documented"]]
    if strays or not whole:
        raise Failed(f"undocumented: {strays}")
    return f"{len(whole)} requests, every field of them documented\n"


def run(
    command: Sequence[str | Path],
    folder: Path,
    limit_s: float,
    told: Mapping[str, str] | None = None,
) -> str:
    """What a command printed. Raises Failed with all it said."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=folder, env={**clean, **(told or {})}, timeout=limit_s,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        raise Failed(f"{command[0]}: there is no such program here") from None
    except subprocess.TimeoutExpired:
        raise Failed(f"{command[0]}: more than {limit_s:.0f} s") from None
    if done.returncode:
        said = f"{done.stdout}\n{done.stderr}".strip()
        raise Failed(f"{' '.join(map(str, command))}\n{said}")
    return done.stdout
