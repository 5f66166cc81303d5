"""``naru templates diff``: field by field, and an exit code a script can use."""

from pathlib import Path
from typing import Any

import pytest

from app.cli.comparing import changes, lines
from app.cli.documents import Document
from app.cli.held import Held
from templates.reading import read_template
from templates.template import Template
from tests.app.cli.conftest import Naru, told

OLD = {"code": "t", "name": "n", "content": "[가게] 첫 줄\n둘째 줄\n셋째 줄"}
BUTTON = {"kind": "DS", "name": "배송 조회"}


def form(**given: Any) -> Template:
    return read_template(OLD | given)


@pytest.mark.parametrize(
    ("there", "here", "wanted"),
    [
        ({}, {}, {}),
        ({"category": None}, {"category": "999999"}, {}),  # the default, written out
        ({}, {"security": True}, {"security": ("", "security = true\n")}),
        ({"sms": "짧게"}, {}, {"sms": ('sms = "짧게"\n', "")}),
        (
            {"buttons": [BUTTON]},
            {"buttons": [BUTTON | {"name": "조회"}]},
            {
                "buttons": (
                    '[[buttons]]\nkind = "DS"\nname = "배송 조회"\n',
                    '[[buttons]]\nkind = "DS"\nname = "조회"\n',
                )
            },
        ),
    ],
)
def test_changes(there: Any, here: Any, wanted: Any) -> None:
    assert changes(form(**there), form(**here)) == wanted


def test_a_template_that_is_not_there_is_all_new() -> None:
    assert list(changes(None, form())) == ["code", "name", "content"]


def test_the_difference_is_shown_by_field() -> None:
    here = Document(Path("t.toml"), form(content="[가게] 첫 줄\n둘째 줄!\n셋째 줄", security=True))
    assert list(lines(here, Held(form(), 3))) == [
        "--- t v3",
        "+++ t.toml",
        "@@ -0,0 +1 @@ security",
        "+security = true",
        "@@ -1,5 +1,5 @@ content",
        ' content = """',
        " [가게] 첫 줄",
        "-둘째 줄",
        "+둘째 줄!",
        " 셋째 줄",
        ' """',
    ]
    assert list(lines(Document(Path("t.toml"), form()), Held(form(), 3))) == []


def test_diff_against_the_gateway(served: Naru, tmp_path: Path) -> None:
    text = served("templates", "starter", "points_used").stdout
    path = tmp_path / "mine" / "points.toml"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    new = served("templates", "diff", str(path), code=1)
    assert new.stdout.startswith(f"--- points_used (없음, none)\n+++ {path}\n")
    served("templates", "add", str(path))
    same = served("templates", "diff", str(path.parent))
    assert (same.stdout, "Nothing differs" in same.stderr) == ("", True)
    path.write_text(text.replace("바로 알려", "곧바로 알려"), "utf-8")
    (row,) = told(served("templates", "diff", str(path), "--json", code=1))
    assert (row["state"], row["version"], list(row["fields"])) == ("different", 1, ["content"])
    assert "+직접 사용하지" in served("templates", "diff", str(path), code=1).stdout
