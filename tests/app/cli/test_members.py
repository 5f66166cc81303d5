"""Members: the first run's address, people who log in, links, roles; numbers stay as they were."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from app.services import numbers, setup_code
from tests.app.cli.conftest import Naru, told


@pytest.fixture
def shop(naru: Naru) -> Naru:
    naru("workspaces", "add", "가게")
    return naru


def add(naru: Naru, email: str, role: str, *more: str) -> dict[str, str]:
    made: dict[str, str] = told(
        naru("members", "add", "김나루", "--email", email, "--role", role, *more, "--json")
    )
    return made


def test_the_first_run(shop: Naru, tmp_path: Path) -> None:
    address = told(shop("members", "setup", "--json"))["address"]
    parts = urlsplit(address)
    assert (parts.netloc, parts.path) == ("127.0.0.1:8000", "/console/start")
    (code,) = parse_qs(parts.query)["code"]
    setup_code.check(tmp_path / "var", code)
    assert code in shop("members", "setup").output
    add(shop, "a@naru.test", "owner")
    assert "naru members reset" in shop("members", "setup", code=1).stderr


def test_a_person_who_logs_in(shop: Naru, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NARU_PUBLIC_URL", "https://naru.example/")
    made = add(shop, "A@naru.test", "operator", "--number", "010-1234-5678")
    assert made["link"].startswith("https://naru.example/console/link/")
    (row,) = told(shop("members", "list", "--json"))
    assert {name: row[name] for name in ("email", "role", "state", "number")} == {
        "email": "a@naru.test",
        "role": "operator",
        "state": "invited",
        "number": numbers.mask("01012345678"),
    }
    assert made["link"].rpartition("/")[2] not in shop("members", "list").output
    new = told(shop("members", "reset", "a@naru.test", "--json"))["link"]
    assert new != made["link"]
    assert "unknown_staff" in shop("members", "reset", "b@naru.test", code=1).stderr
    assert "member_exists" in shop("members", "add", "또", "01012345678", code=1).stderr


def test_roles_and_leaving(shop: Naru) -> None:
    add(shop, "a@naru.test", "owner")
    add(shop, "b@naru.test", "agent", "--number", "01012345678")
    assert "last_owner" in shop("members", "remove", "a@naru.test", code=1).stderr
    assert "last_owner" in shop("members", "role", "a@naru.test", "viewer", code=1).stderr
    assert told(shop("members", "role", "B@naru.test", "owner", "--json"))["role"] == "owner"
    shop("members", "remove", "a@naru.test")
    shop("members", "role", "b@naru.test", "captain", code=2)
    assert "unknown_staff" in shop("members", "remove", "c@naru.test", code=1).stderr
    (row,) = told(shop("members", "list", "--json"))
    assert (row["email"], row["role"]) == ("b@naru.test", "owner")


@pytest.mark.parametrize(
    "words", [("김나루",), ("김나루", "--role", "owner"), ("김나루", "010", "--role", "agent")]
)
def test_what_is_missing_is_said(shop: Naru, words: tuple[str, ...]) -> None:
    assert "--email" in shop("members", "add", *words, code=2).stderr


@pytest.mark.parametrize(
    ("email", "number", "code"), [("nobody", "", "bad_email"), ("a@b.c", "12", "bad_number")]
)
def test_bad_input_adds_nobody(shop: Naru, email: str, number: str, code: str) -> None:
    more = ("--number", number) if number else ()
    assert code in shop("members", "add", "김나루", "--email", email, *more, code=1).stderr
    assert told(shop("members", "list", "--json")) == []
