"""Wordings as typed: TOML and JSON mean the same, nothing crashes, differences are lines."""

import json

import pytest

from app.services import wordings
from templates import files
from templates.findings import Severity

BODY = {"code": "a_b", "name": "안내", "content": "[나루] #{고객명} 님\n도착했어요."}


def test_toml_and_json_mean_the_same() -> None:
    toml = 'code = "a_b"\nname = "안내"\ncontent = "[나루] #{고객명} 님\\n도착했어요."\n'
    typed = [wordings.read(toml), wordings.read("  " + json.dumps(BODY))]
    assert typed[0].template == typed[1].template
    assert typed[0].template is not None
    again = wordings.read(wordings.write(typed[0].template.to_mapping()))
    assert again.template == typed[0].template


def test_starters_are_good() -> None:
    for path in files.starters().values():
        typed = wordings.read(path.read_text())
        assert typed.template is not None
        assert not any(one.severity is Severity.ERROR for one in typed.findings)


@pytest.mark.parametrize(
    "text",
    ["", "{", "{}", "[" * 9000, '{"code": 1}', '{"code":' + "[" * 9000, "code = ", "x" * 70_000,
     '{"code": "a", "sample": 3, "lengths": []}', "\x00"],
)  # fmt: skip
def test_what_is_no_template_is_said_with_findings(text: str) -> None:
    typed = wordings.read(text)
    assert typed.template is None
    assert any(one.severity is Severity.ERROR for one in typed.findings)


def test_a_comparison() -> None:
    lines = wordings.compare(
        BODY,
        BODY | {"content": "[나루] #{고객명} 님\n왔어요.", "message_type": "EX", "extra": "끝"},
    )
    assert ("-", "도착했어요.") in [(one.mark, one.text[:6]) for one in lines]
    assert any(one.mark == "+" and "왔어요" in one.text for one in lines)
    assert any(one.mark == "" and "a_b" in one.text for one in lines)
    assert {one.mark for one in wordings.compare(BODY, BODY)} == {""}
    assert wordings.compare({"odd": 1}, BODY)
