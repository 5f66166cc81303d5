"""Settings from the environment."""

from pathlib import Path

import pytest

from sandbox.config import BadSetting, Config, from_environment


def test_defaults() -> None:
    assert from_environment({}) == Config("127.0.0.1", 8001, None, "")


def test_named_settings() -> None:
    known = {"NARU_SANDBOX_PORT": "9", "NARU_SANDBOX_STORE": "a.db", "NARU_SANDBOX_PASSWORD": "p"}
    assert from_environment(known) == Config("127.0.0.1", 9, Path("a.db"), "p")


def test_production_stays_on_this_machine_unless_told() -> None:
    production = {"NARU_ENV": "production", "NARU_SANDBOX_PASSWORD": "p"}
    assert from_environment(production) == Config("127.0.0.1", 8001, None, "p", production=True)
    told = {**production, "NARU_SANDBOX_HOST": "0.0.0.0"}
    assert from_environment(told).host == "0.0.0.0"


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"NARU_SANDBOX_PORT": "http"}, "NARU_SANDBOX_PORT"),
        ({"NARU_SANDBOX_PORT": "70000"}, "NARU_SANDBOX_PORT"),
        ({"NARU_ENV": "production"}, "NARU_SANDBOX_PASSWORD"),
    ],
)
def test_what_stops_the_start(environment: dict[str, str], named: str) -> None:
    with pytest.raises(BadSetting, match=named):
        from_environment(environment)
