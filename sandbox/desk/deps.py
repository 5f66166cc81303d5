"""What the desk's routes need."""

from typing import Any

from fastapi import Request

from sandbox.phones import Phone, get_phone, normal_number
from sandbox.problems import Problem, not_found
from sandbox.scenarios.run import Runner
from sandbox.store import Store


def store_of(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def runner_of(request: Request) -> Runner:
    runner: Runner = request.app.state.runner
    return runner


def need_phone(store: Store, number: str) -> Phone:
    """The phone of a number in any spelling. Raises 404."""
    phone = get_phone(store, normal_number(number) or "")
    if phone is None:
        raise not_found("전화기가")
    return phone


def need_number(number: str, field: str = "number") -> str:
    """The digits of a number in any spelling. Raises 422 naming `field`."""
    normal = normal_number(number)
    if normal is None:
        raise Problem(422, "invalid", "전화번호가 아닙니다", field)
    return normal


def shows(example: Any) -> dict[int | str, dict[str, Any]]:
    """An answer for the description of a route whose shape says little."""
    return {200: {"content": {"application/json": {"example": example}}}}
