"""Pictures read from their bytes: what they say is found out, what they claim costs nothing."""

import os
import struct
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.picture_shapes import JPEG, LARGEST_SIDE, PNG, BadPicture, Shape, read
from tests.photos import APP0, SCAN, chunk, frame, jpeg, png, segment

EXAMPLES = int(os.environ.get("NARU_TEST_FUZZ", "60"))
START = b"\xff\xd8"
BODY = b"\x00\x00\xff\xd9"
WALL = Path(__file__).parents[3] / "docs" / "shots" / "wall-wide-light.png"


def broken(data: bytes) -> str:
    with pytest.raises(BadPicture) as found:
        read(data)
    return str(found.value)


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        (jpeg(640, 480), Shape(JPEG, 640, 480)),
        (png(800, 400), Shape(PNG, 800, 400)),
        (png(1, 1), Shape(PNG, 1, 1)),
        (START + frame(2, 3, 0xC1) + SCAN + BODY, Shape(JPEG, 2, 3)),
        (START + frame(2, 3, 0xC2) + SCAN + BODY, Shape(JPEG, 2, 3)),  # progressive
        (START + frame(2, 3, components=1) + SCAN + BODY, Shape(JPEG, 2, 3)),  # grey
        # fill bytes before a marker, a restart marker, and something after the end
        (START + b"\xff\xff\xff" + APP0 + b"\xff\xd0" + frame(4, 5) + SCAN + BODY + b"more",
         Shape(JPEG, 4, 5)),
    ],
)  # fmt: skip
def test_a_shape_is_read(data: bytes, shape: Shape) -> None:
    assert read(data) == shape


def test_a_real_picture_is_read() -> None:
    """Its size by the file format's own words: big-endian, right behind the IHDR."""
    data = WALL.read_bytes()
    assert read(data) == Shape(PNG, *struct.unpack(">II", data[16:24]))


def test_a_thumbnail_inside_is_not_the_picture() -> None:
    inner = segment(0xE1, b"Exif\x00\x00" + jpeg(160, 120))
    assert read(jpeg(640, 480, head=inner)) == Shape(JPEG, 640, 480)


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a....", b"<svg/>", b"RIFF....WEBP", b"\x89PNG", b"\xff"]
)
def test_other_kinds_are_named_so(data: bytes) -> None:
    assert "neither a JPEG nor a PNG" in broken(data)


@pytest.mark.parametrize("whole", [jpeg(64, 48), png(64, 48)])
def test_one_that_was_cut_off_anywhere_is_found_out(whole: bytes) -> None:
    for length in range(2, len(whole)):
        with pytest.raises(BadPicture):
            read(whole[:length])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (START + frame(2, 0) + SCAN + BODY, "how large"),
        (START + frame(0, 2) + SCAN + BODY, "how large"),
        (START + frame(2, 2, 0xC3) + SCAN + BODY, "rare kind"),
        (START + frame(2, 2, 0xC9) + SCAN + BODY, "rare kind"),
        (START + frame(2, 2) + frame(3, 3) + SCAN + BODY, "rare kind"),
        (START + SCAN + BODY, "damaged"),
        (START + b"\xff\xd9", "damaged"),
        (START + b"\xff\xc0\x00\x01", "damaged"),  # a length that does not hold itself
        (START + b"\xff\xe0\xff\xff" + frame(2, 2) + SCAN + BODY, "damaged"),
        (START + segment(0xC0, b"\x08\x00\x02\x00\x02\x03") + SCAN + BODY, "damaged"),
        (START + b"\xff" * 1_000, "damaged"),
        (jpeg(LARGEST_SIDE + 1, 2), "no side may be over"),
        (jpeg(65_535, 65_535), "no side may be over"),
    ],
)  # fmt: skip
def test_a_jpeg_that_lies(data: bytes, words: str) -> None:
    assert words in broken(data)


def header(width: int, height: int, *rest: int) -> bytes:
    return struct.pack(">II5B", width, height, *(rest or (8, 2, 0, 0, 0)))


def png_of(*chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


IDAT, IEND = chunk(b"IDAT", b"x"), chunk(b"IEND", b"")
IHDR = chunk(b"IHDR", header(2, 2))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (png_of(chunk(b"IHDR", header(2**31 - 1, 2**31 - 1)), IDAT, IEND), "no side may be over"),
        (png_of(chunk(b"IHDR", header(0, 2)), IDAT, IEND), "how large"),
        (png_of(chunk(b"IHDR", header(2, 2, 3, 2, 0, 0, 0)), IDAT, IEND), "no standard"),
        (png_of(chunk(b"IHDR", header(2, 2, 8, 9, 0, 0, 0)), IDAT, IEND), "no standard"),
        (png_of(chunk(b"IHDR", header(2, 2, 8, 2, 0, 0, 2)), IDAT, IEND), "no standard"),
        (png_of(chunk(b"IHDR", b"short"), IDAT, IEND), "damaged"),
        (png_of(IDAT, IHDR, IEND), "damaged"),
        (png_of(IHDR, IHDR, IDAT, IEND), "damaged"),
        (png_of(IHDR, IEND), "damaged"),
        (png_of(IHDR, chunk(b"IDAT", b""), IEND), "damaged"),
        (png_of(IHDR, IDAT), "damaged"),
        (png_of(IHDR, IDAT, IEND, b"more"), "damaged"),
        (png_of(IHDR, IDAT[:-1] + b"\x00", IEND), "damaged"),  # another checksum
        (png_of(IHDR, struct.pack(">I", 100_000_000) + b"IDAT", IEND), "damaged"),
        (png_of(struct.pack(">I", 2**32 - 1) + b"IHDR"), "damaged"),
    ],
)
def test_a_png_that_lies(data: bytes, words: str) -> None:
    assert words in broken(data)


def test_what_a_picture_claims_takes_no_memory() -> None:
    """Headers that claim gigabytes, and as much nothing to walk over as they can hold."""
    worst = [
        png_of(chunk(b"IHDR", header(5_000, 5_000)), struct.pack(">I", 2**31) + b"IDAT"),
        START + b"\xff" * 60_000,
        START + b"\xff\xe0\x00\x02" * 15_000,
        png_of(IHDR, chunk(b"tEXt", b"") * 5_000),
    ]
    tracemalloc.start()
    for data in worst:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        with pytest.raises(BadPicture):
            read(data)
        assert tracemalloc.get_traced_memory()[1] - before < 70_000
    tracemalloc.stop()


@settings(max_examples=EXAMPLES)
@given(
    whole=st.sampled_from([jpeg(64, 48), png(64, 48), jpeg(9, 9, head=APP0 * 3)]),
    changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6),
    cut=st.integers(0, 400),
)
def test_a_damaged_picture_is_read_or_refused(
    whole: bytes, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(whole)
    for at, byte in changes:
        data[at % len(data)] = byte
    any_bytes(bytes(data[: len(data) - cut % 40]))


@settings(max_examples=EXAMPLES)
@given(st.sampled_from([b"", START, png_of(), png_of(IHDR)]), st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(start: bytes, rest: bytes) -> None:
    any_bytes(start + rest)


def any_bytes(data: bytes) -> None:
    try:
        shape = read(data)
    except BadPicture:
        return
    assert 0 < shape.width <= LARGEST_SIDE
    assert 0 < shape.height <= LARGEST_SIDE
