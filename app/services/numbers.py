"""Phone numbers: Korean ones in one form, caller numbers by their own rules, masks for people."""

import re

import phonenumbers

from app.errors import Invalid

KOREA = 82
MOBILE = re.compile(r"010[0-9]{8}|01[16-9][0-9]{7,8}")
LANDLINE = re.compile(r"(?:02|0[3-6][1-5])[2-9][0-9]{6,7}")
SERVICE = re.compile(r"0[5-9]0[0-9]{7,9}")
WHOLE = re.compile(r"(?:15|16|18)[0-9]{6}")

# Forms a caller number may have (KISA rules on forged caller numbers, as in the NHN Cloud SMS
# guide, 2026-06): the excluded blocks 010-0, 010-1, 070-0 and 070-1 belong to nobody.
CALLER = (
    re.compile(r"010[2-9][0-9]{7}|01[16-9][2-9][0-9]{6,7}"),
    LANDLINE,
    re.compile(r"070[2-9][0-9]{7}|(?:080|0[56]0)[0-9]{7,8}"),
    WHOLE,
)
CALLER_LENGTHS = (8, 11)


def normalise(text: str, field: str = "to") -> str:
    """A Korean number as digits with its leading zero: ``+82 10-1234-5678`` → ``01012345678``.

    Raises Invalid ``bad_number`` and ``foreign_number``.
    """
    plain = text.replace("-", "").replace(" ", "")
    if MOBILE.fullmatch(plain):  # nearly always; reading notations takes far longer
        return plain
    number = _national(text, field)
    if not any(form.fullmatch(number) for form in (MOBILE, LANDLINE, SERVICE)):
        raise _bad(field)
    return number


def caller(text: str, field: str = "value") -> str:
    """A caller number (발신번호) as digits. Raises Invalid ``bad_caller_number``.

    Landlines with area code, mobile numbers, 15YY/16YY/18YY numbers without one; 8–11 digits.
    """
    try:
        number = _national(text, field)
    except Invalid as error:
        raise _bad_caller(field) from error
    if not any(form.fullmatch(number) for form in CALLER):
        raise _bad_caller(field)
    return number


def mask(number: str) -> str:
    """What people may see: ``01012344821`` → ``010-****-4821``."""
    if not number:  # of somebody who is reached by devices only
        return ""
    if len(number) < 8:
        return "****"
    if number.startswith("02"):
        return f"02-****-{number[-4:]}"
    if WHOLE.fullmatch(number):
        return f"****-{number[-4:]}"
    return f"{number[:3]}-****-{number[-4:]}"


def grouped(number: str) -> str:
    """A whole number as people write it: ``01012344821`` → ``010-1234-4821``."""
    if WHOLE.fullmatch(number):
        return f"{number[:4]}-{number[4:]}"
    head = 2 if number.startswith("02") else 3
    if len(number) < head + 7:
        return number
    return f"{number[:head]}-{number[head:-4]}-{number[-4:]}"


def _national(text: str, field: str) -> str:
    """Digits within Korea. The library only reads the notation: it knows no sandbox numbers."""
    text = text.strip()
    if not 8 <= len(text) <= 32 or any(ch.isalpha() for ch in text):
        raise _bad(field)
    try:
        parsed = phonenumbers.parse(text, "KR")
    except phonenumbers.NumberParseException as error:
        raise _bad(field) from error
    if parsed.extension:
        raise _bad(field)
    if parsed.country_code != KOREA:
        raise Invalid(
            "foreign_number",
            "The number is outside Korea; only Korean numbers (+82) are supported so far. "
            "Leave this recipient out.",
            field=field,
        )
    significant = phonenumbers.national_significant_number(parsed)
    return significant if WHOLE.fullmatch(significant) else "0" + significant


def _bad(field: str) -> Invalid:
    return Invalid(
        "bad_number",
        "The number is not a Korean phone number. Give it as 010-1234-5678, 01012345678 or "
        "+82 10 1234 5678.",
        field=field,
    )


def _bad_caller(field: str) -> Invalid:
    low, high = CALLER_LENGTHS
    return Invalid(
        "bad_caller_number",
        "The caller number has no form that carriers accept: a landline with its area code "
        "(02-123-4567), a mobile number (not 010-0… or 010-1…), 070 or 080 numbers, or a "
        f"15YY/16YY/18YY number without area code; {low}–{high} digits.",
        field=field,
        data={"shortest": low, "longest": high},
    )
