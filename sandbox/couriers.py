"""What a delivery-tracking (DS) button finds in a notice: courier and invoice number.

Patterns of NHN Cloud's Alimtalk troubleshooting guide (2026-06). CJ대한통운 is not supported there.
"""

import re
from dataclasses import dataclass

_CONVENIENCE = r"\d{10}|\d{12}|\d{4}[-_]\d{4}[-_]\d{4}"
COURIERS: dict[str, str] = {
    "우체국택배": r"\d{13}|\d{6}[-_]\d{7}",
    "로젠택배": r"\d{11}|\d{3}[-_]\d{4}[-_]\d{4}",
    "일양로지스": r"\d{9,11}",
    "FedEx": r"\d{12}",
    "한진택배": r"\d{10}|\d{12}",
    "경동택배": r"\d{9,16}|\d{4}-\d{3}-\d{6}",
    "합동택배": r"\d{9,16}",
    "롯데택배": r"\d{12}|\d{4}-\d{4}-\d{4}",
    "농협택배": r"\d{12}",
    "호남택배": r"\d{10}",
    "천일택배": r"\d{11}",
    "대신택배": r"\d{13}",
    "건영택배": r"\d{10}",
    "CU편의점택배": _CONVENIENCE,
    "CVSnet편의점택배": _CONVENIENCE,
    "한덱스": r"\d{10}|\d{14}",
    "TNT Express": r"\d{8,9}",
    "USPS": r"\d{10}|\d{22}|[A-Z]{2}\d{9}[A-Z]{2}",
    "EMS": r"[A-Z]{2}\d{9}[A-Z]{2}|\d{10}",
    "DHL": r"\d{10}",
    "굿투럭": r"\d{4}-\d{4}-\d{4}",
}
_NUMBERS = {
    name: re.compile(rf"(?<![\w-])(?:{pattern})(?![A-Za-z0-9_-])")
    for name, pattern in COURIERS.items()
}


@dataclass(frozen=True, slots=True)
class Parcel:
    courier: str
    invoice: str


def find_parcel(text: str) -> Parcel | None:
    """The first courier named in the text whose number also stands in it; None hides the button."""
    named = sorted((text.find(name), name) for name in COURIERS if name in text)
    for _, name in named:
        if found := _NUMBERS[name].search(text):
            return Parcel(name, found.group())
    return None
