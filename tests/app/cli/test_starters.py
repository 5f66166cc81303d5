"""``naru templates starters`` and ``starter``."""

from pathlib import Path

from click.testing import CliRunner, Result

from app.cli import main
from templates import files
from tests.app.cli.conftest import told


def naru(*words: str, code: int = 0) -> Result:
    """No store, no server: what comes with the program."""
    result = CliRunner().invoke(main, words)
    assert result.exit_code == code, result.output
    return result


def test_starters_are_listed() -> None:
    rows = told(naru("templates", "starters", "--json"))
    assert [row["name"] for row in rows] == list(files.starters())
    assert all(row["title"] and row["about"] for row in rows)
    assert "order_shipped" in naru("templates", "starters").stdout


def test_a_starter_is_printed_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(naru("templates", "starter", "refund_completed").stdout, "utf-8")
    assert files.load(path) == files.load(files.starters()["refund_completed"])
    refused = naru("templates", "starter", "refunds", code=2)
    assert "refund_completed" in refused.stderr
