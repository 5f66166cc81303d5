"""Lists find by an index what they are asked for, however much there is."""

import pytest

from sandbox.nhn.searching import Search
from sandbox.store import Store
from tests.sandbox.shop import APP


@pytest.mark.parametrize(
    ("column", "index"), [("ref", "message_ref"), ("sender_ref", "message_sender_ref")]
)
def test_a_search_by_reference_reads_no_other_messages(
    store: Store, column: str, index: str
) -> None:
    search = Search(APP, ("alimtalk",))
    search.match({"key": "A-1"}, {"key": column})
    sql, args = search._from()
    plan = [row["detail"] for row in store.all(f"EXPLAIN QUERY PLAN SELECT * {sql}", args)]
    assert plan == [f"SEARCH message USING INDEX {index} (account=? AND {column}=?)"]
