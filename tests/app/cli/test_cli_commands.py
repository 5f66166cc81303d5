"""Admin commands on a real store."""

from pathlib import Path

import pytest

from app.services import numbers
from app.services.callers import SCOPES
from tests.app.cli.conftest import Naru, told

NHN = ("app_key=a", "secret_key=b", "sms_app_key=c", "sms_secret_key=d")
FORM = """
code = "hello"
name = "인사"
content = "#{이름} 님, 안녕하세요."
[sample]
"이름" = "김나루"
"""


def add_account(naru: Naru, name: str = "NHN", **more: str) -> dict[str, str]:
    words = [part for pair in NHN for part in ("--credential", pair)]
    options = [part for key, value in more.items() for part in (f"--{key}", value)]
    made: dict[str, str] = told(
        naru("accounts", "add", "nhn", "--name", name, "--json", *words, *options)
    )
    return made


def test_version(naru: Naru) -> None:
    assert naru("--version").output == "naru, version 0.1.0\n"


def test_every_command_has_help_with_an_example(naru: Naru) -> None:
    groups = ("workspaces", "keys", "accounts", "senders", "templates", "members", "guests")
    names = {line.split()[0] for line in _commands(naru("--help").output)}
    assert {"up", "demo", "send", "show", "messages", "migrate", "sandbox", *groups} <= names
    for name in sorted(names):
        text = naru(name, "--help").output
        if "Commands:" not in text:
            assert f"naru {name}" in text, name
            continue
        for line in _commands(text):
            assert f"naru {name} {line.split()[0]}" in naru(name, line.split()[0], "--help").output


def _commands(text: str) -> list[str]:
    return [line for line in text.split("Commands:\n")[1].splitlines() if line.startswith("  ")]


def test_migrate_says_when_there_is_nothing_to_do(naru: Naru) -> None:
    assert "applied" not in naru("migrate").output


def test_a_store_of_another_schema_is_refused(naru: Naru, tmp_path: Path) -> None:
    result = naru("keys", "list", env={"NARU_DATA": str(tmp_path / "new")}, code=1)
    assert "naru migrate" in result.stderr


def test_the_only_workspace_is_chosen(naru: Naru) -> None:
    assert "naru workspaces add" in naru("keys", "list", code=1).stderr
    naru("workspaces", "add", "가게")
    assert told(naru("keys", "list", "--json")) == []
    naru("workspaces", "add", "병원")
    assert "가게, 병원" in naru("keys", "list", code=1).stderr
    assert "There are: 가게, 병원" in naru("keys", "list", "--workspace", "학교", code=1).stderr
    assert told(naru("keys", "list", "--workspace", "병원", "--json")) == []
    assert [one["name"] for one in told(naru("workspaces", "list", "--json"))] == ["가게", "병원"]


def test_a_refusal_is_one_line_with_its_code(naru: Naru) -> None:
    naru("workspaces", "add", "가게")
    result = naru("workspaces", "add", "가게", code=1)
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("naru: ")
    assert "workspace_exists" in result.stderr


def test_keys(naru: Naru) -> None:
    naru("workspaces", "add", "가게")
    made = told(naru("keys", "create", "--kind", "live", "--name", "서버", "--json"))
    assert made["key"].startswith("naru_live_")
    assert made["scopes"] == sorted(set(SCOPES) - {"admin"})
    limited = told(naru("keys", "create", "--scope", "messages:read", "--days", "2", "--json"))
    assert limited["scopes"] == ["messages:read"]
    assert limited["expires_at"] is not None
    listed = naru("keys", "list").output
    assert made["prefix"] in listed
    assert made["key"].split(".")[1] not in listed
    assert told(naru("keys", "revoke", made["prefix"], "--json"))["revoked_at"] is not None
    assert told(naru("keys", "revoke", limited["id"], "--json"))["revoked_at"] is not None
    assert "keys list" in naru("keys", "revoke", "nobody", code=1).stderr
    assert "unknown_scope" in naru("keys", "create", "--scope", "everything", code=1).stderr


def test_accounts(naru: Naru) -> None:
    naru("workspaces", "add", "가게")
    made = add_account(naru)
    assert made["mode"] == "sandbox"
    assert naru("accounts", "callback", "NHN").output.strip() == made["callback"]
    assert f"/callbacks/nhn/{made['id']}/" in made["callback"]
    paused = told(naru("accounts", "pause", "NHN", "--reason", "점검", "--json"))
    assert (paused["state"], paused["paused_reason"]) == ("paused", "점검")
    assert told(naru("accounts", "resume", "NHN", "--json"))["state"] == "active"
    assert [one["name"] for one in told(naru("accounts", "list", "--json"))] == ["NHN"]
    assert "There are: NHN" in naru("accounts", "pause", "KT", code=1).stderr


def test_an_account_is_corrected(naru: Naru) -> None:
    """Limits and credentials; what is not named stays."""
    naru("workspaces", "add", "나루 상점")
    add_account(naru, batch="100")
    words = ("--settle-s", "9", "--credential", "secret_key=right", "--json")
    shown = told(naru("accounts", "set", "NHN", *words))
    assert (shown["batch"], shown["settle_s"]) == (100, 9.0)
    refused = naru("accounts", "set", "NHN", "--settle-s", "1", code=1)
    assert "settle_too_short" in refused.stderr


def test_an_account_that_does_not_answer_fails_its_check(naru: Naru) -> None:
    naru("workspaces", "add", "가게")
    add_account(naru)
    nobody = {"NARU_SANDBOX_URL": "http://127.0.0.1:9"}
    result = naru("accounts", "check", "NHN", env=nobody, code=1)
    assert "problems" in result.stdout


def test_credentials_come_from_files_and_the_environment(
    naru: Naru, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    naru("workspaces", "add", "가게")
    (tmp_path / "secret").write_text("from-a-file\n")
    monkeypatch.setenv("NARU_CREDENTIAL_APP_KEY", "from-the-environment")
    given = [f"secret_key=@{tmp_path / 'secret'}", *NHN[2:]]
    words = [part for pair in given for part in ("--credential", pair)]
    result = naru("accounts", "add", "nhn", "--name", "NHN", "--json", *words)
    assert "from-" not in result.output
    wrong = naru("accounts", "add", "nhn", "--name", "B", "--credential", "app_key", code=2)
    assert "NAME=VALUE" in wrong.stderr
    gone = naru("accounts", "add", "nhn", "--name", "B", "--credential", "app_key=@no", code=2)
    assert "cannot be read" in gone.stderr


def test_missing_credentials_are_named_where_nobody_can_be_asked(naru: Naru) -> None:
    naru("workspaces", "add", "가게")
    result = naru("accounts", "add", "nhn", "--name", "NHN", "--credential", NHN[0], code=1)
    assert "missing_credential" in result.stderr
    assert "secret_key" in result.stderr


def test_senders(naru: Naru) -> None:
    naru("workspaces", "add", "가게")
    add_account(naru)
    words = ("--account", "NHN", "--proof", "증명원")
    made = told(naru("senders", "add", "1588-1234", "--kind", "sms", *words, "--json"))
    assert (made["value"], made["account"], made["proof"]) == ("15881234", "NHN", "증명원")
    naru("senders", "add", "k" * 40, "--kind", "alimtalk", *words)
    kinds = [one["kind"] for one in told(naru("senders", "list", "--json"))]
    assert kinds == ["sms", "alimtalk"]
    refused = naru("senders", "add", "010-1234-5678", "--kind", "sms", *words, code=1)
    assert "bad_caller_number" in refused.stderr


def test_templates(naru: Naru, tmp_path: Path) -> None:
    naru("workspaces", "add", "가게")
    add_account(naru)
    naru("senders", "add", "k" * 40, "--kind", "alimtalk", "--account", "NHN")
    path = tmp_path / "hello.toml"
    path.write_text(FORM, "utf-8")
    row = told(naru("templates", "add", str(path), "--json"))[0]
    assert (row["code"], row["reviews"]) == ("hello", ["NHN: draft"])
    assert told(naru("templates", "add", str(path), "--json")) == [row]
    assert told(naru("templates", "list", "--json")) == [row]
    shown = naru("templates", "show", "hello").output
    assert "#{이름} 님, 안녕하세요." in shown
    assert "NHN (sandbox)" in shown
    assert "unknown_template" in naru("templates", "show", "bye", code=1).stderr


def test_a_faulty_template_stores_none(naru: Naru, tmp_path: Path) -> None:
    naru("workspaces", "add", "가게")
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(FORM, "utf-8")
    bad.write_text('code = "나쁨"\nname = "x"\n', "utf-8")
    result = naru("templates", "add", str(good), str(bad), code=2)
    assert "content" in result.stderr
    assert told(naru("templates", "list", "--json")) == []


@pytest.mark.parametrize("group", ["members", "guests"])
def test_people(naru: Naru, group: str) -> None:
    naru("workspaces", "add", "가게")
    made = told(naru(group, "add", "김나루", "010-1234-5678", "--json"))
    assert made["number"] == numbers.mask("01012345678")
    listed = naru(group, "list").output
    assert "김나루" in listed
    assert "5678" in listed
    assert "1234" not in listed
    assert "_exists" in naru(group, "add", "또", "01012345678", code=1).stderr
    assert "bad_number" in naru(group, "add", "또", "12", code=1).stderr


def test_settings_show_no_secret(naru: Naru) -> None:
    given = {
        "NARU_DATABASE_URL": "postgresql://naru:hunter2@db/naru",
        "NARU_KEY": "naru_test_secret",
        "NARU_PORT": "9000",
    }
    result = naru("settings", env=given)
    assert "hunter2" not in result.output
    assert "naru_test_secret" not in result.output
    rows = {row["name"]: row for row in told(naru("settings", "--json", env=given))}
    assert (rows["NARU_PORT"]["value"], rows["NARU_PORT"]["default"]) == ("9000", "8000")
    assert rows["NARU_DATABASE_URL"]["value"] == "postgresql://naru:***@db/naru"
    assert all(row["meaning"] for row in rows.values())


@pytest.mark.parametrize(
    ("name", "value"), [("NARU_PORT", "many"), ("NARU_RETRY_STEPS_S", "1,2"), ("NARU_ENV", "x")]
)
def test_a_setting_that_cannot_be_read_is_named(naru: Naru, name: str, value: str) -> None:
    result = naru("settings", env={name: value}, code=2)
    assert name.removeprefix("NARU_").lower() in result.stderr.lower()
    assert result.stderr.count("\n") == 1
