"""Errors as problem+json."""

import ast
from pathlib import Path

import orjson
from starlette.requests import Request

from sandbox.problems import CODES, Problem, refusals, tell

ROOT = Path(__file__).parents[2]


async def test_a_problem_has_code_detail_and_field() -> None:
    answer = await tell(Request({"type": "http"}), Problem(422, "invalid", "안 됨", "number"))
    assert answer.headers["content-type"] == "application/problem+json"
    assert orjson.loads(answer.body) == {
        "type": "about:blank",
        "title": "Unprocessable Entity",
        "status": 422,
        "code": "invalid",
        "detail": "안 됨",
        "field": "number",
    }


def raised() -> set[str]:
    """The code of every refusal the desk's modules write: the first text of the call."""
    found = set()
    for path in (ROOT / "sandbox").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            values = [one.value for one in node.args if isinstance(one, ast.Constant)]
            texts = [one for one in values if isinstance(one, str)]
            if node.func.id in ("Problem", "CannotDo") and texts:
                found.add(texts[0])
    return found


def test_every_code_is_described() -> None:
    """A new code gets its line in CODES, with what it means and what helps."""
    written = raised()
    assert len(written) > 10
    assert written - set(CODES) == set()


def test_refusals_of_one_status_stand_together() -> None:
    told = refusals("invalid", "off", "empty")
    assert list(told) == [409, 422]
    assert told[422]["description"].startswith("`empty`: there is no text; `invalid`: ")
