"""What takes long begins first: a long file that begins last is waited for by all workers."""

import pytest

# folders and files that start processes or explore; others take a second or two
SLOW = {"journeys", "crash", "model", "faults", "scheduler", "clients", "storm", "test_benchmarks"}


@pytest.hookimpl(trylast=True)  # when it is known what runs
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long forms, slow ones before others, then the rest so; inside they stay as is."""
    long = {item.path for item in items if item.get_closest_marker("long")}

    def rank(item: pytest.Item) -> tuple[bool, bool]:
        is_slow = item.path.parent.name in SLOW or item.path.stem in SLOW
        return item.path not in long, not (is_slow or "browser" in item.path.stem)

    items.sort(key=rank)
