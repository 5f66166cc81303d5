"""docs/sandbox-api.md: up to date, and made of whatever routes there are."""

import re
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from fastapi import FastAPI
from pydantic import BaseModel, Field

from sandbox.__main__ import main
from sandbox.api_page import Described
from sandbox.desk.setup import ACCOUNTS, COUNTERS
from tests.sandbox.server import Running

ROOT = Path(__file__).parents[2]


def test_the_page_is_what_the_routes_say() -> None:
    """`python -m sandbox api --markdown > docs/sandbox-api.md` mends it."""
    told = CliRunner().invoke(main, ["api", "--markdown"])
    assert told.exit_code == 0, told.output
    assert (ROOT / "docs" / "sandbox-api.md").read_text(encoding="utf-8") == told.output
    assert "curl -X PATCH" in told.output


def test_without_markdown_it_is_the_document() -> None:
    told = CliRunner().invoke(main, ["api"])
    assert orjson.loads(told.output)["paths"]["/latest"]


class Side(BaseModel):
    name: str
    deep: "Side | None" = None


class Fruit(BaseModel):
    """What a stall sells."""

    kind: str = Field(min_length=2, examples=["감"])
    ripe: bool = True
    sides: list[Side] = []
    at: int = Field(description="pipes | are escaped")


def page_of() -> str:
    app = FastAPI(separate_input_output_schemas=False)

    @app.post("/stall/{number}", tags=["fruit"], status_code=201)
    async def sell(number: str, fruit: Fruit, much: int = 1, loud: bool | None = None) -> Fruit:
        """Sell one."""
        return fruit

    return "".join(Described(app.openapi()).page())


@pytest.mark.parametrize(
    "line",
    [
        "## fruit",
        "### POST /stall/{number}",
        "Sell one.",
        "| `much` | integer | `1` |  |",
        "| `loud` | boolean or null |  |  |",
        "Body: [Fruit](#fruit).",
        'curl -X POST http://127.0.0.1:8001/stall/01000001001 -H "Content-Type: application/json"'
        ' -d \'{"kind":"감","at":1795000000000}\'',
        "Answer: 201, [Fruit](#fruit).",
        "| `kind` | string (≥ length 2) | needed |  |",
        "| `at` | integer | needed | pipes \\| are escaped |",
        "| `sides` | list of [Side](#side) |  |  |",
    ],
)
def test_any_route_is_picked_up(line: str) -> None:
    assert line in page_of().splitlines()


async def test_examples_that_were_written_by_hand_have_the_shape_of_answers(
    quiet: Running,
) -> None:
    accounts = (await quiet.client.get("/desk/api/accounts")).json()
    assert accounts.keys() == ACCOUNTS.keys()
    assert accounts["nhn"][0].keys() == ACCOUNTS["nhn"][0].keys()
    counters = (await quiet.client.get("/desk/api/counters")).json()
    assert counters.keys() == COUNTERS.keys()
    assert counters["webhooks"].keys() == COUNTERS["webhooks"].keys()


def test_no_example_holds_a_secret_that_looks_real() -> None:
    page = (ROOT / "docs" / "sandbox-api.md").read_text(encoding="utf-8")
    assert re.findall(r"\b[0-9a-f]{32,}\b", page) == []
