"""Text rules: canonical form, what a Korean SMS can carry, and how long it is in bytes."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from templates.limits import LMS_BYTES, SMS_BYTES, SUBJECT_BYTES

# Only characters that cp949 cannot carry, so text that encodes needs no second look.
SYMBOLS: dict[str, str] = {
    "\u20a9": "원",  # won sign
    "\u00a5": "￥",  # the full-width currency signs are in KS X 1001
    "\u00a3": "￡",
    "\u00a2": "￠",
    "\u00a9": "(C)",
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\u2043", "-"),
    **dict.fromkeys("\u2022\u2027\u2219\u22c5\u30fb\uff65\u25e6", "·"),
    **dict.fromkeys("\u25aa\u25fc\u25fe", "■"),
    "\u25ab": "□",
    **dict.fromkeys("\u2023\u25b8\u25ba", "▶"),
    "\u27a1": "→",
    "\u2764": "♥",
    "\u2b50": "★",
    "\u22ef": "…",
    **dict.fromkeys("\u301c\u02dc\u2053", "~"),
    **dict.fromkeys("\u201b\u02bc\u2035", "'"),
    **dict.fromkeys("\u201e\u201f", '"'),
    "\u201a": ",",
    "\u00ab": "《",
    "\u00bb": "》",
    "\u2039": "〈",
    "\u203a": "〉",
    **dict.fromkeys("\u2044\u2215", "/"),
    "\u2716": "×",
    **dict.fromkeys(
        "\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f", " "
    ),
    **dict.fromkeys("\u2028\u2029", "\n"),
    # invisible: zero-width, joiners, direction marks, byte order mark, variation selectors
    **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f", ""),
    **dict.fromkeys("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", ""),
}

_TABLE = str.maketrans(SYMBOLS)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_HANGUL = re.compile("[가-힣]")

SmsRoute = Literal["sms", "lms", "mms"]
Unit = Literal["characters", "bytes"]


class Unsendable(ValueError):
    """Rendered text that no provider would take; the subclasses say why."""


class TooLong(Unsendable):
    """``field`` has ``count`` of ``unit``, more than ``limit``."""

    def __init__(self, field: str, count: int, limit: int, unit: Unit = "characters") -> None:
        super().__init__(f"{field}: {count} {unit}, limit {limit}")
        self.field, self.count, self.limit, self.unit = field, count, limit, unit


class NotEncodable(Unsendable):
    """``chars``, each once in order of appearance, cannot travel in a Korean SMS."""

    def __init__(self, field: str, chars: tuple[str, ...]) -> None:
        super().__init__(f"{field}: " + " ".join(f"U+{ord(ch):04X}" for ch in chars))
        self.field, self.chars = field, chars


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Text ready for SMS, and the characters of the original that were replaced or dropped."""

    text: str
    replaced: tuple[str, ...] = ()


def canonical(text: str) -> str:
    """NFC with ``\\n`` as the only line end; decomposed Hangul (macOS) is composed again."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", text)


def control_characters(text: str) -> tuple[str, ...]:
    """Control characters other than tab and line feed, and lone surrogates; each once."""
    return tuple(dict.fromkeys(_CONTROL.findall(text)))


def clean(text: str, field: str = "sms_text") -> Cleaned:
    """``text`` as an SMS carries it: canonical, symbols mapped, invisible characters dropped.

    Raises NotEncodable naming every character that cp949 has no place for.
    """
    text = canonical(text)
    replaced: tuple[str, ...] = ()
    if "\t" in text:
        text, replaced = text.replace("\t", " "), ("\t",)
    if not _encodes(text):
        replaced += tuple(ch for ch in dict.fromkeys(text) if ch in SYMBOLS)
        text = text.translate(_TABLE)
    bad = control_characters(text)
    if bad or not _encodes(text):
        chars = dict.fromkeys((*bad, *(ch for ch in text if not _encodes(ch))))
        raise NotEncodable(field, tuple(chars))
    return Cleaned(text, replaced)


def byte_length(text: str) -> int:
    """Bytes an SMS takes: Hangul 2, ASCII 1. ``text`` must have passed :func:`clean`.

    Counted in cp949: Python's ``euc_kr`` codec writes 8 bytes for each of the 8,822 syllables
    outside KS X 1001 instead of failing.
    """
    return len(text.encode("cp949"))


def outside_euc_kr(text: str) -> tuple[str, ...]:
    """Characters of cleaned text that a provider limited to plain EUC-KR would spoil; each once."""
    if len(text.encode("euc_kr")) == byte_length(text):
        return ()
    return tuple(ch for ch in dict.fromkeys(_HANGUL.findall(text)) if len(ch.encode("euc_kr")) > 2)


def choose(text: str, subject: str = "", picture: bool = False) -> SmsRoute:
    """The route of two strings that have passed :func:`clean`; raises as :func:`route_of`."""
    return route_of(byte_length(text), byte_length(subject), picture=picture)


def route_of(size: int, subject: int, *, picture: bool) -> SmsRoute:
    """SMS up to 90 bytes (which carries no subject), LMS up to 2,000; nothing is ever cut.

    With a picture it is an MMS, of an LMS's measures. Raises TooLong with the count in bytes; a
    subject over 40 bytes is refused even where the text would fit SMS, so that it shows early.
    """
    if subject > SUBJECT_BYTES:
        raise TooLong("sms_subject", subject, SUBJECT_BYTES, "bytes")
    if size > LMS_BYTES:
        raise TooLong("sms_text", size, LMS_BYTES, "bytes")
    if picture:
        return "mms"
    return "sms" if size <= SMS_BYTES else "lms"


def _encodes(text: str) -> bool:
    try:
        text.encode("cp949")
    except UnicodeEncodeError:
        return False
    return True
