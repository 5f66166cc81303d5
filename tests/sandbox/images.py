"""Pictures with given measures, small enough to be written here."""

import struct
import zlib


def png(width: int, height: int) -> bytes:
    """A grey one that a browser shows."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xb0" * width) * height, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int, height: int, size: int = 0) -> bytes:
    """Its head alone, after a comment, filled up to `size` bytes."""
    comment = b"\xff\xfe" + struct.pack(">H", 6) + b"naru"
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 8, 8, height, width, 0)
    head = b"\xff\xd8\xff" + comment + frame + b"\xff\xd9"
    return head + b"\0" * (size - len(head))
