"""What follows from SOLAPI's codes; their reasons and words stand in ``channels/codes/solapi.py``.

Source: github.com/solapi/documents, API reference and "상태 코드" (2022-09). By the latter 1xxx are
refused at the intake, 2000 is accepted, other 2xxx failed at SOLAPI, 3000 is with the carrier,
other 3xxx failed there, and 4000 arrived: a newer code of a family is read by that rule.
"""

import re
from collections.abc import Mapping

from channels.codes.meaning import Place
from channels.codes.solapi import TABLE
from channels.vocabulary import Reason, Result, Verdict

Ruling = tuple[Verdict, Reason]
Fate = tuple[Result, Reason | None]

NOT_THERE = "ResourceNotFound"
TAKEN = frozenset({"2000", "3000", "4000"})
ON_ITS_WAY = frozenset({"", "2000", "3000"})
_REFUSED = re.compile(r"1[0-9]{3}", re.ASCII)
_FAILED = re.compile(r"[23][0-9]{3}", re.ASCII)

# the account's or the moment's trouble: nothing was taken, and time mends it
_LATER = frozenset({Reason.MISCONFIGURED, Reason.QUOTA, Reason.PROVIDER_DOWN})
# a request like it was there already, so that nobody can say which of the two it speaks of
_DOUBTFUL = frozenset({"DuplicatedSignature", "GroupInProcessing", "ScheduledGroup", "AlreadySent"})


def _ruling(code: str, reason: Reason) -> Ruling:
    if code in _DOUBTFUL:
        return Verdict.UNKNOWN, reason
    return (Verdict.DEFERRED if reason in _LATER else Verdict.REJECTED), reason


ANSWERS: Mapping[str, Ruling] = {
    code: _ruling(code, meaning.reason)
    for code, meaning in TABLE[Place.ANY_ANSWER].items()
    if meaning.reason is not None
}

_RESULT_PLACES = (Place.ANY_RESULT, Place.ALIMTALK_RESULT, Place.TEXT_RESULT)
FATES: Mapping[str, Fate] = {
    "4000": (Result.DELIVERED, None),
    **{
        code: (Result.UNDELIVERED, meaning.reason)
        for place in _RESULT_PLACES
        for code, meaning in TABLE[place].items()
        if meaning.reason is not None
    },
}


def fate(code: str) -> Fate | None:
    """What a status says of a message that was taken; None while it is on its way.

    None also for a refusal at the intake, which is the answer's to tell: one for want of balance
    must not end a message that has been asked for again since.
    """
    if code in ON_ITS_WAY or _REFUSED.fullmatch(code):
        return None
    if known := FATES.get(code):
        return known
    if _FAILED.fullmatch(code):
        return Result.UNDELIVERED, Reason.UNMAPPED
    return Result.UNCERTAIN, Reason.UNMAPPED


def refusal(code: str) -> Ruling | None:
    """What a status says of a message that was refused at the intake; None of any other."""
    if not _REFUSED.fullmatch(code):
        return None
    return ANSWERS.get(code, (Verdict.REJECTED, Reason.UNMAPPED))
