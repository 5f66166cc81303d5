"""Settings come from the environment; secrets are made once, kept private, and read strictly."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.config import MOST_KEYS, Secrets, Settings, load_secrets

START = "import sys; sys.stdin.readline(); from pathlib import Path; from app.config import *; "
LOAD = START + "s = load_secrets(Path(sys.argv[1])); print(s.master[1].hex(), s.index.hex())"
KEY = "ab" * 32


def test_an_environment_variable_sets_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NARU_PORT", "9000")
    monkeypatch.setenv("NARU_RETRY_STEPS_S", "[2, 3.5]")
    chosen = Settings()
    assert (chosen.port, chosen.retry_steps_s) == (9000, (2.0, 3.5))
    assert chosen.public == "http://127.0.0.1:9000"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NARU_PORT", "0"),
        ("NARU_PORT", "65536"),
        ("NARU_ENV", "staging"),
        ("NARU_POLL_S", "0"),
        ("NARU_IDEMPOTENCY_H", "0.5"),
        ("NARU_RETRY_STEPS_S", "[]"),  # there would be no first wait
    ],
)
def test_what_cannot_work_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.removeprefix("NARU_").lower()):
        Settings()


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://u:p@h/db", "postgresql+asyncpg://u:p@h/db"),
        ("postgres://u:p@h/db", "postgresql+asyncpg://u:p@h/db"),
        ("postgresql+asyncpg://u:p@h/db", "postgresql+asyncpg://u:p@h/db"),
    ],
)
def test_the_driver_is_named(given: str, used: str) -> None:
    assert Settings(database_url=given).database == used


def test_without_an_address_the_store_is_a_file_of_the_data_folder(tmp_path: Path) -> None:
    chosen = Settings(data=tmp_path, database_url="")
    assert chosen.database == f"sqlite+aiosqlite:///{tmp_path / 'naru.db'}"


def test_addresses_have_no_slash_at_their_end() -> None:
    chosen = Settings(sandbox_url="http://box/", public_url="https://naru.example/x/")
    assert (chosen.sandbox, chosen.public) == ("http://box", "https://naru.example/x")
    assert Settings(sandbox_port=8011).sandbox == "http://127.0.0.1:8011"


def test_no_secret_is_printed(tmp_path: Path) -> None:
    chosen = Settings(database_url="postgresql://naru:hunter2@db/naru")
    assert "hunter2" not in f"{chosen!r} {chosen}"
    kept = load_secrets(tmp_path)
    for secret in (*kept.master.values(), kept.index):
        assert secret.hex() not in repr(kept)
        assert repr(secret)[2:-1] not in repr(kept)
    assert repr(kept) == "Secrets(keys=[1])"


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "var"
    first, second = load_secrets(folder), load_secrets(folder)
    assert (first.master, first.index) == (second.master, second.index)
    assert first.master[1] != first.index
    assert [p.name for p in folder.iterdir()] == ["secrets.toml"]
    assert (folder / "secrets.toml").stat().st_mode & 0o777 == 0o600
    assert load_secrets(tmp_path / "other").index != first.index


def test_two_processes_that_start_at_once_have_the_same(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", LOAD, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    answers = {process.communicate("go\n", timeout=60)[0] for process in processes}
    assert len(answers) == 1
    assert len(answers.pop()) == 130
    assert os.listdir(tmp_path) == ["secrets.toml"]


def test_the_newest_of_several_keys_seals(tmp_path: Path) -> None:
    text = f'[master]\n1 = "{KEY}"\n10 = "{KEY}"\n9 = "{KEY}"\n[index]\nkey = "{KEY}"\n'
    (tmp_path / "secrets.toml").write_text(text)
    assert load_secrets(tmp_path).current == 10


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[master",
        "\udcff",
        f'[index]\nkey = "{KEY}"',
        f'[master]\n[index]\nkey = "{KEY}"',
        f'[master]\n1 = "{KEY}"',
        f'[master]\n1 = "{KEY}"\n[index]\nkey = "{KEY}00"',
        f'[master]\n1 = "{KEY[2:]}"\n[index]\nkey = "{KEY}"',
        f'[master]\n1 = "{"zz" * 32}"\n[index]\nkey = "{KEY}"',
        f'[master]\none = "{KEY}"\n[index]\nkey = "{KEY}"',
        f'[master]\n1 = 7\n[index]\nkey = "{KEY}"',
        f'master = "x"\n[index]\nkey = "{KEY}"',
        f'index = "x"\n[master]\n1 = "{KEY}"\n',
        f'index = ["x"]\n[master]\n1 = "{KEY}"\n',
        f'[master]\n0 = "{KEY}"\n[index]\nkey = "{KEY}"',
        f'[master]\n{MOST_KEYS + 1} = "{KEY}"\n[index]\nkey = "{KEY}"',
    ],
)
def test_a_bad_file_is_named_and_its_keys_are_not(tmp_path: Path, text: str) -> None:
    (tmp_path / "secrets.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ValueError, match=r"secrets\.toml") as caught:
        load_secrets(tmp_path)
    assert KEY[:8] not in str(caught.value)


def test_no_key_is_no_secret() -> None:
    with pytest.raises(ValueError, match="empty"):
        Secrets({}, b"x")
