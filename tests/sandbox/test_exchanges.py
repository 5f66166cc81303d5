"""Kept calls are bounded by number and by size, and found by their numbers."""

from sandbox.exchanges import Exchange, Exchanges


def one(seq: int, size: int = 10) -> Exchange:
    return Exchange(seq, 0, "POST", "/nhn/x", "", (), b"q" * size, 200, b"", 1)


def test_the_oldest_go_when_there_are_too_many() -> None:
    kept = Exchanges(kept=3)
    for seq in range(1, 6):
        kept.append(one(seq))
    assert [each.seq for each in kept] == [3, 4, 5]
    assert [each.seq for each in reversed(kept)] == [5, 4, 3]
    assert (kept[-1].seq, [each.seq for each in kept[:2]], kept.size) == (5, [3, 4], 30)


def test_the_oldest_go_when_they_are_too_large_but_never_the_newest() -> None:
    kept = Exchanges(most_bytes=100)
    for seq in (1, 2, 3):
        kept.append(one(seq, 40))
    assert [each.seq for each in kept] == [2, 3]
    kept.append(one(4, 500))
    assert [each.seq for each in kept] == [4]
    kept.clear()
    assert (len(kept), kept.size, kept.find(4)) == (0, 0, None)


def test_found_by_number_also_where_numbers_are_missing() -> None:
    kept = Exchanges()
    for seq in (4, 5, 9):
        kept.append(one(seq))
    assert [bool(kept.find(seq)) for seq in (3, 4, 5, 6, 9, 10)] == [0, 1, 1, 0, 1, 0]
    assert kept.find(9) is kept[2]
