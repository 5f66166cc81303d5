"""Errors as problem+json."""

import orjson
from starlette.requests import Request

from sandbox.problems import Problem, tell


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
