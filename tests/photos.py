"""Small pictures, made byte by byte: JPEG headers over empty data, and real PNGs."""

import struct
import zlib


def segment(marker: int, body: bytes) -> bytes:
    """One segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def frame(width: int, height: int, marker: int = 0xC0, components: int = 3) -> bytes:
    """A frame header of 8-bit components."""
    body = struct.pack(">BHHB", 8, height, width, components)
    return segment(marker, body + b"\x01\x11\x00" * components)


SCAN = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
APP0 = segment(0xE0, b"JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00")


def jpeg(width: int = 640, height: int = 480, *, size: int = 0, head: bytes = b"") -> bytes:
    """A JPEG of these sides, filled up to ``size`` bytes where that is given."""
    start = b"\xff\xd8" + APP0 + head + frame(width, height) + SCAN
    return start + b"\x00" * max(1, size - len(start) - 2) + b"\xff\xd9"


def chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int = 800, height: int = 400, *, size: int = 0) -> bytes:
    """A black PNG of these sides, with a comment up to ``size`` bytes where that is given."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rows = zlib.compress(bytes(height * (1 + (width + 7) // 8)), 9)
    data, end = chunk(b"IDAT", rows), chunk(b"IEND", b"")
    start = b"\x89PNG\r\n\x1a\n" + head
    room = size - len(start) - len(data) - len(end) - 12
    return start + (chunk(b"tEXt", b"x" * room) if room > 0 else b"") + data + end
