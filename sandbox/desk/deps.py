"""What the desk's routes need."""

from fastapi import Request

from sandbox.phones import Phone, get_phone, normal_number
from sandbox.problems import Problem, not_found
from sandbox.store import Store


def store_of(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def need_phone(store: Store, number: str) -> Phone:
    """The phone of a number in any spelling. Raises 404."""
    phone = get_phone(store, normal_number(number) or "")
    if phone is None:
        raise not_found("전화기가")
    return phone


def need_number(number: str) -> str:
    normal = normal_number(number)
    if normal is None:
        raise Problem(422, "invalid", "전화번호가 아닙니다", "number")
    return normal
