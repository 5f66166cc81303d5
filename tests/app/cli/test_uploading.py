"""The line that says how far a campaign is."""

from app.cli.uploading import line, what_was_read
from tests.app.cli.test_campaigns import told


def test_a_line_leaves_out_what_is_nothing() -> None:
    assert line(told(open=0, ends={}, eta="2026")) == "running · 400 / 1,000 · eta 2026"
    assert "template_changed" in line(told(state="paused", reason="template_changed"))


def test_wrong_rows_are_pointed_at() -> None:
    assert "mistakes" in what_was_read(told())
    assert "mistakes" not in what_was_read(told(refused=0))
