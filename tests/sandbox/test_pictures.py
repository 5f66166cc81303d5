"""Measuring, keeping and showing pictures."""

import pytest

from sandbox.pictures import JPEG, KEPT, PNG, Measures, find_pictures, keep_picture, measure
from sandbox.store import Store
from tests.sandbox.conftest import Clock
from tests.sandbox.images import jpeg, png
from tests.sandbox.server import Running


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (png(500, 250), Measures(PNG, 500, 250)),
        (jpeg(640, 480), Measures(JPEG, 640, 480)),
        (b"", None),
        (b"GIF89a", None),
        (png(1, 1)[:20], None),
        (b"\xff\xd8\xff\xe0\x00", None),
        (b"\xff\xd8" + b"\x00" * 50, None),
        (jpeg(9, 9)[:-6], None),
    ],
)
def test_measures(data: bytes, expected: Measures | None) -> None:
    assert measure(data) == expected


def test_any_cut_of_a_picture_is_read_without_a_crash() -> None:
    for whole in (png(500, 250), jpeg(640, 480)):
        for end in range(len(whole)):
            measure(whole[:end])


def test_the_oldest_pictures_go(store: Store, clock: Clock) -> None:
    kept = [keep_picture(store, ("A", "mms"), f"{n}.jpg", JPEG, b"x") for n in range(KEPT + 3)]
    there = find_pictures(store, ("A", "mms"), 0)
    assert list(there) == [one.id for one in kept[3:]]
    assert find_pictures(store, ("A", "template"), 0) == {}
    assert find_pictures(store, ("A", "mms"), clock.ms) == {}


async def test_shown_at_its_address_and_nowhere_else(quiet: Running) -> None:
    made = keep_picture(quiet.store, ("A", "template"), "a.png", PNG, png(2, 1))
    answer = await quiet.client.get(made.path)
    assert (answer.status_code, answer.content) == (200, png(2, 1))
    assert answer.headers["content-type"] == PNG
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await quiet.client.get(made.path[:-8] + "xxxx.png")).status_code == 404
