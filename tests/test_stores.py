"""A database that goes from test to test shows nothing of the one before."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.needs import ask
from tests.stores import Pool

WORKSPACE = "INSERT INTO workspace (id, name, created_at) VALUES (gen_random_uuid(), 'a', 0)"


@pytest.fixture
def pool(postgres_template: str) -> Iterator[Pool]:
    with ExitStack() as stack:
        yield Pool(postgres_template, stack)


def test_it_is_given_on_empty(pool: Pool) -> None:
    url = pool.take()
    ask(url.replace("+asyncpg", ""), WORKSPACE)
    pool.give_back(url)
    assert pool.take() == url
    ask(url.replace("+asyncpg", ""), WORKSPACE)  # a second workspace of that name is refused
    assert pool.take() != url, "it is in use"


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE workspace ADD COLUMN more text",
        "CREATE TABLE more ()",
        "DROP INDEX ix_message_list",
        "UPDATE alembic_version SET version_num = 'another'",
    ],
)
def test_one_that_was_changed_is_not_given_on(pool: Pool, change: str) -> None:
    url = pool.take()
    ask(url.replace("+asyncpg", ""), change)
    pool.give_back(url)
    assert pool.take() != url
