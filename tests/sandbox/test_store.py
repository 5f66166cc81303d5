"""Transactions, settings, counters, temporary files."""

from pathlib import Path

import pytest

from sandbox.store import Settings, Store


def test_a_failed_transaction_leaves_and_tells_nothing(store: Store) -> None:
    before = store.changes.seq

    def fail() -> None:
        with store.tx():
            store.count("x")
            store.changes.touch(["a"])
            raise ValueError("halfway")

    with pytest.raises(ValueError, match="halfway"):
        fail()
    assert "x" not in store.counters()
    with store.tx():
        store.count("y", 3)
    assert store.changes.seq == before
    assert store.counters()["y"] == 3


def test_settings_stay(tmp_path: Path) -> None:
    first = Store(tmp_path / "s.db")
    assert first.settings == Settings()
    first.change_settings({"list_lag_s": 5, "review": "auto"})
    first.close()
    second = Store(tmp_path / "s.db")
    assert (second.settings.list_lag_s, second.settings.review) == (5, "auto")
    second.close()


def test_a_temporary_store_leaves_no_file() -> None:
    store = Store()
    assert store.path.exists()
    store.close()
    assert not store.path.parent.exists()


def test_places_go_on_counting(store: Store) -> None:
    first = store.next_arrivals(3)
    assert store.next_arrivals(1) == first + 3
