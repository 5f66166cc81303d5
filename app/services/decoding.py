"""Bytes of an uploaded list to text, piece by piece; never silently changed.

What cannot be decoded becomes lone surrogates, which no row may hold: the row is refused.
"""

import codecs

from app.errors import Invalid

SAMPLE = 4_096  # bytes that decide about an encoding nobody named
# what a caller may name → the codec, and how it marks what is none of its characters
ENCODINGS = {
    "utf-8": ("utf-8-sig", "surrogateescape"),
    "utf-16": ("utf-16", "surrogatepass"),
    "utf-16-le": ("utf-16-le", "surrogatepass"),
    "utf-16-be": ("utf-16-be", "surrogatepass"),
    "cp949": ("cp949", "surrogateescape"),
}
MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class Decoder:
    """One list. ``encoding`` is None until the bytes have told it."""

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding
        self._begun = False
        self._waiting = b""  # what may still decide
        self._codec = None if encoding is None else _codec(encoding)

    def feed(self, data: bytes, *, last: bool = False) -> str:
        """The text of what has come; some of it may wait. Raises Invalid ``bad_encoding``."""
        if self._codec is None:
            data, self._waiting = self._waiting + data, b""
            self._codec = self._decide(data, last=last)
        if self._codec is not None:
            return _decode(self._codec, data, last)
        return "" if self._waiting else data.decode("ascii")

    def _decide(self, data: bytes, *, last: bool) -> codecs.IncrementalDecoder | None:
        """None while it may be anything: plain ASCII passes, a little of other bytes waits."""
        if len(data) < SAMPLE and not last and (not self._begun or not data.isascii()):
            self._waiting = data
            return None
        found = None if self._begun else _by_mark(data) or _by_zeros(data)
        self._begun = True
        if found is None and data.isascii() and not last:
            return None
        self.encoding = found or _by_trial(data)
        return _codec(self.encoding)


def _codec(encoding: str) -> codecs.IncrementalDecoder:
    name, errors = ENCODINGS[encoding]
    return codecs.getincrementaldecoder(name)(errors)


def _decode(codec: codecs.IncrementalDecoder, data: bytes, last: bool) -> str:
    try:
        return codec.decode(data, last)
    except UnicodeError:
        raise Invalid(
            "bad_encoding",
            "The list ends in the middle of a character, or is not in the encoding you named. "
            f"Save it as CSV UTF-8, or name another: {', '.join(ENCODINGS)}.",
            field="encoding",
            data={"known": sorted(ENCODINGS)},
        ) from None


def _by_mark(data: bytes) -> str | None:
    return next((name for mark, name in MARKS.items() if data.startswith(mark)), None)


def _by_zeros(data: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of digits and commas is zero."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    most = max(even, odd)
    if most * 10 < len(data) // 2 or min(even, odd) * 20 > most:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _by_trial(data: bytes) -> str:
    """UTF-8, or what Excel calls CSV in Korea: whichever leaves fewer bytes unread."""
    return min(("utf-8", "cp949"), key=lambda name: data.decode(name, "replace").count("\ufffd"))
