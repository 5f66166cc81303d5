"""What a picture is, read from its own bytes: JPEG or PNG, how wide and how high.

Nothing is decoded. The headers are read and the rest is walked over once, so whatever a picture
claims, it costs no more time and memory than its bytes. Sources: ITU-T T.81, annex B (JPEG); W3C,
Portable Network Graphics, third edition (2025-06), §5 and §11.2.1.
"""

from dataclasses import dataclass
from zlib import crc32

JPEG, PNG = "image/jpeg", "image/png"
LARGEST_SIDE = 5_000  # pixels; our own: a few bytes may claim what no phone can unpack

_JPEG_START, _PNG_START = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
_END = b"\xff\xd9"  # never within a JPEG's picture data, where an FF is followed by 00
_SCAN = 0xDA
_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended, progressive: what phones show
_RARE_FRAMES = (0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF)
_ALONE = (0x01, *range(0xD0, 0xD8))  # markers without a length
_NEVER_HERE = (0x00, 0xD8, 0xD9)
# PNG colour type → bit depths
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}


class BadPicture(ValueError):
    """Bytes that are no picture we can use; the text says why, as half a sentence."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the bytes say: media type, and sides in pixels."""

    media_type: str
    width: int
    height: int


def read(data: bytes, largest_side: int = LARGEST_SIDE) -> Shape:
    """The shape of a whole JPEG or PNG; ``largest_side`` in pixels. Raises BadPicture."""
    if data.startswith(_JPEG_START):
        shape = Shape(JPEG, *_jpeg(data))
    elif data.startswith(_PNG_START):
        shape = Shape(PNG, *_png(data))
    else:
        raise BadPicture("it is neither a JPEG nor a PNG")
    if max(shape.width, shape.height) > largest_side:
        raise BadPicture(
            f"it is {shape.width}×{shape.height} pixels, and no side may be over {largest_side}"
        )
    return shape


def _jpeg(data: bytes) -> tuple[int, int]:
    """Its segments up to the picture data, whose end must be there too."""
    at, sides = len(_JPEG_START), None
    while True:
        marker, at = _marker(data, at)
        if marker in _ALONE:
            continue
        length = _number(data, at, 2)
        if length < 2 or at + length > len(data):
            raise BadPicture("it is cut off or damaged")
        if marker in _RARE_FRAMES or (marker in _FRAMES and sides is not None):
            raise BadPicture("it is a rare kind of JPEG. Save it as a plain one")
        if marker in _FRAMES:
            sides = _frame(data[at + 2 : at + length])
        at += length
        if marker == _SCAN:
            break
    if sides is None or data.find(_END, at) < 0:
        raise BadPicture("it is cut off or damaged")
    return sides


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """The marker at this place, and the place after it; any number of FF may stand before it."""
    start = at
    while at < len(data) and data[at] == 0xFF:
        at += 1
    if at == start or at == len(data) or data[at] in _NEVER_HERE:
        raise BadPicture("it is cut off or damaged")
    return data[at], at + 1


def _frame(body: bytes) -> tuple[int, int]:
    """Width and height of a frame header: precision, height, width, components of 3 bytes each."""
    if len(body) < 6 or not 1 <= body[5] <= 4 or len(body) != 6 + 3 * body[5]:
        raise BadPicture("it is cut off or damaged")
    height, width = _number(body, 1, 2), _number(body, 3, 2)
    if not width or not height:
        raise BadPicture("it does not say how large it is")
    return width, height


def _png(data: bytes) -> tuple[int, int]:
    """Every chunk with its checksum: the header first, the end last, picture data between."""
    at, sides, has_data = len(_PNG_START), None, False
    while at < len(data):
        length, kind = _number(data, at, 4), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data) or crc32(data[at + 4 : end - 4]) != _number(data, end - 4, 4):
            raise BadPicture("it is cut off or damaged")
        if (sides is None) != (kind == b"IHDR"):
            break
        if sides is None:
            sides = _header(data[at + 8 : end - 4])
        has_data |= kind == b"IDAT" and length > 0
        at = end
        if kind == b"IEND":
            if at == len(data) and has_data and sides is not None:
                return sides
            break
    raise BadPicture("it is cut off or damaged")


def _header(body: bytes) -> tuple[int, int]:
    """Width and height of an IHDR: both of 4 bytes, then depth, colour and three methods."""
    if len(body) != 13:
        raise BadPicture("it is cut off or damaged")
    width, height = _number(body, 0, 4), _number(body, 4, 4)
    depth, colour, packing, filtering, interlace = body[8:]
    if depth not in _DEPTHS.get(colour, ()) or packing or filtering or interlace > 1:
        raise BadPicture("it is a kind of PNG that no standard knows")
    if not width or not height:
        raise BadPicture("it does not say how large it is")
    return width, height


def _number(data: bytes, at: int, size: int) -> int:
    """A big-endian number; what is missing at the end counts as nothing, and is found out later."""
    return int.from_bytes(data[at : at + size], "big")
