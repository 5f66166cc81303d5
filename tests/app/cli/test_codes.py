"""``naru codes``: providers, one code in each of its places, near ones, and the page of all."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.services.states import POLICY
from channels.registry import CODES
from tests.app.cli.conftest import told

ROOT = Path(__file__).parents[3]


def naru(*words: str, code: int = 0) -> Result:
    """No store, no server, no settings: tables alone."""
    result = CliRunner().invoke(main, ["codes", *words])
    assert result.exit_code == code, result.output
    return result


def test_the_page_is_what_the_tables_say() -> None:
    """`naru codes --markdown > docs/codes.md` mends it."""
    assert (ROOT / "docs" / "codes.md").read_text(encoding="utf-8") == naru("--markdown").output


def test_providers_are_listed() -> None:
    rows = {row["provider"]: row for row in told(naru("--json"))}
    assert rows.keys() == CODES.keys()
    assert (rows["nhn"]["adapter"], rows["sens"]["adapter"]) == (True, False)
    assert rows["nhn"]["codes"] == sum(map(len, CODES["nhn"].values()))


def test_one_code_is_told_in_each_of_its_places() -> None:
    rows = {row["place"]: row for row in told(naru("nhn", "3018", "--lang", "en", "--json"))}
    assert rows.keys() == {"alimtalk.result", "text.result"}
    assert rows["alimtalk.result"]["reason"] == "not_reachable"
    assert rows["alimtalk.result"]["falls_back"] is True
    assert rows["text.result"]["reason"] == "sender_state"
    assert "console" in rows["text.result"]["action"]
    shown = naru("nhn", "3018").output
    assert "보낼 수 없는 사람" in shown
    assert "발신번호" in shown


def test_a_code_with_a_minus_sign_is_no_option() -> None:
    (row,) = told(naru("nhn", "-3016", "--json"))
    assert (row["place"], row["reason"]) == ("alimtalk.answer", "request_refused")


@pytest.mark.parametrize("provider", CODES)
def test_all_of_a_provider(provider: str) -> None:
    rows = told(naru(provider, "--json"))
    assert len(rows) == sum(map(len, CODES[provider].values()))
    for row in rows:
        assert (row["action"] is None) is (row["reason"] is None)
        expected = POLICY[row["reason"]].fall_back if row["reason"] else None
        assert row["falls_back"] is expected


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("nhn", "-3018x"), "-3018"),
        (("nhn", "2312"), "-2312"),
        (("bizm", "k101"), "K101"),
        (("bizm", "102"), "K102"),
        (("solapi", "InvalidApiKey"), "InvalidAPIKey"),
        (("kakao", "3017"), "3037"),
    ],
)
def test_an_unknown_code_names_near_ones(words: tuple[str, str], near: str) -> None:
    refused = naru(*words, code=2).stderr
    assert refused.startswith(f"naru: {words[1]}")
    assert near in refused


def test_nothing_is_like_it() -> None:
    assert "비슷한 것: -." in naru("nhn", "zebra", code=2).stderr


def test_an_unknown_provider_names_those_there_are() -> None:
    refused = naru("pigeon", code=2).stderr
    assert refused.startswith("naru: pigeon")
    assert all(name in refused for name in CODES)
