"""Errors: one tree, one shape of answer."""

from http import HTTPStatus

import pytest

from app import errors
from app.errors import GatewayError, Invalid, TooMany

KINDS = [
    found
    for found in vars(errors).values()
    if isinstance(found, type) and issubclass(found, GatewayError) and found is not GatewayError
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_status_of_its_own_and_a_title(kind: type[GatewayError]) -> None:
    problem = kind("some_code", "What, why, what to do.").problem()
    assert HTTPStatus(kind.status).value >= 400
    assert problem == {
        "type": "about:blank",
        "title": kind.title,
        "status": kind.status,
        "code": "some_code",
        "detail": "What, why, what to do.",
    }


def test_statuses_and_titles_differ() -> None:
    assert len({kind.status for kind in KINDS}) == len({kind.title for kind in KINDS}) == len(KINDS)


def test_field_and_data_are_told_when_there_are_any() -> None:
    limits = {"limit": 5}
    error = Invalid("too_long", "Too long.", field="variables.name", data=limits)
    limits["limit"] = 6  # what was raised stays
    assert error.problem()["field"] == "variables.name"
    assert error.problem()["data"] == {"limit": 5}
    assert str(error) == error.detail == "Too long."


def test_a_wait_is_carried() -> None:
    assert TooMany("slow_down", "Wait.", retry_after_s=3).retry_after_s == 3
    assert Invalid("x", "y").retry_after_s is None
