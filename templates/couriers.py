"""Couriers that KakaoTalk's delivery-tracking button (DS) knows, and the shapes of their invoices.

Source: NHN Cloud, KakaoTalk Bizmessage troubleshooting guide (docs.nhncloud.com, 2026-06). Kakao
may change the list with its contracts. A shape: ``13`` is so many digits, ``9..11`` from so many to
so many, ``A`` a capital letter, any other sign itself.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_THREE_FOURS = ("4-4-4", "4_4_4")

COURIERS: Mapping[str, tuple[str, ...]] = {
    "우체국택배": ("13", "6-7", "6_7"),
    "로젠택배": ("11", "3-4-4", "3_4_4"),
    "일양로지스": ("9..11",),
    "FedEx": ("12",),
    "한진택배": ("10", "12"),
    "경동택배": ("9..16", "4-3-6"),
    "합동택배": ("9..16",),
    "롯데택배": ("12", "4-4-4"),
    "농협택배": ("12",),
    "호남택배": ("10",),
    "천일택배": ("11",),
    "대신택배": ("13",),
    "건영택배": ("10",),
    "CU편의점택배": ("10", "12", *_THREE_FOURS),
    "CVSnet편의점택배": ("10", "12", *_THREE_FOURS),
    "한덱스": ("10", "14"),
    "TNT Express": ("8..9",),
    "USPS": ("10", "22", "AA9AA"),
    "EMS": ("AA9AA", "AA10AA"),  # the guide says 9 digits and shows 10
    "DHL": ("10",),
    "굿투럭": ("4-4-4",),
    "KGB택배": (),  # the list names them, the table of shapes does not
    "GTX로지스": (),
}
# told in the same guide: sent without the button
UNSUPPORTED = ("CJ대한통운", "CJ택배", "대한통운")


@dataclass(frozen=True, slots=True)
class Named:
    """A courier named in a text, from ``start`` to ``end``."""

    name: str
    start: int
    end: int

    @property
    def is_supported(self) -> bool:
        """Whether KakaoTalk shows the button for it."""
        return self.name in COURIERS


def named(text: str) -> Named | None:
    """The courier a text names: the first that is supported, else the first that is not."""
    found = [Named(_KEYS[_key(m[0])], m.start(), m.end()) for m in _NAMES.finditer(text)]
    return next((one for one in found if one.is_supported), found[0] if found else None)


def fits(courier: str, invoice: str) -> bool:
    """Whether an invoice number has one of the courier's shapes; any does where none is known."""
    shapes = _SHAPES[courier]
    return shapes is None or bool(shapes.fullmatch(invoice.strip()))


def holds_invoice(courier: str, text: str) -> bool:
    """Whether a text holds something in one of the courier's shapes."""
    shapes = _SHAPES[courier]
    return shapes is None or bool(shapes.search(text))


def _key(name: str) -> str:
    return name.replace(" ", "")


def _pattern(name: str) -> str:
    """The name, its words with or without a blank between, and no part of a Latin word."""
    spaced = re.sub(r"(?<=[A-Za-z])(?=[가-힣])|(?<=편의점)(?=택배)| ", " ?", name)
    return rf"(?<![A-Za-z]){spaced}(?![A-Za-z])"


def _shape(shape: str) -> str:
    def part(found: re.Match[str]) -> str:
        low, high = found[1], found[2]
        if low is None:
            return "[A-Z]"
        return rf"[0-9]{{{low},{high}}}" if high else rf"[0-9]{{{low}}}"

    return re.sub(r"([0-9]+)(?:\.\.([0-9]+))?|A", part, shape)


_KEYS = {_key(name): name for name in (*COURIERS, *UNSUPPORTED)}
_NAMES = re.compile("|".join(map(_pattern, (*COURIERS, *UNSUPPORTED))))
_SHAPES: Mapping[str, re.Pattern[str] | None] = {
    name: re.compile(rf"(?<![0-9A-Za-z])(?:{'|'.join(map(_shape, shapes))})(?![0-9A-Za-z])")
    if shapes
    else None
    for name, shapes in COURIERS.items()
}
