"""What an answer of FCM says of the message."""

import re
from datetime import datetime

from channels.adapters.fcm.codes import GONE, INVALID_ARGUMENT, REASONS, THIRD_PARTY, Ruling
from channels.adapters.fcm.shapes import Fault, at, fault_of, said, words
from channels.contract import Outcome
from channels.transport import Reply, Trouble, judge, retry_after_s
from channels.vocabulary import Reason, Verdict

_ADDRESSES = frozenset({"message.fid", "message.token"})
_OF_ADDRESS = re.compile(r"\b(?:registration|token|fid|installation)\b", re.IGNORECASE)
_TOO_BIG = re.compile(r"\btoo (?:big|large|long)\b", re.IGNORECASE)


def needs_token(answer: Reply | Trouble) -> bool:
    """Whether a new access token may help: FCM did not take this one."""
    fault = fault_of(answer) if isinstance(answer, Reply) and answer.status == 401 else None
    return fault is not None and fault.code == "UNAUTHENTICATED"


def outcome_of(ref: str, answer: Reply | Trouble, now: datetime) -> Outcome:
    """Accepted only with the name that Google gave the message."""
    if isinstance(answer, Reply) and answer.status == 200:
        if name := words(at(said(answer), "name")):
            return Outcome(ref, Verdict.ACCEPTED, provider_id=name)
        return Outcome(ref, Verdict.UNKNOWN, Reason.UNREADABLE, "HTTP 200")
    fault = fault_of(answer)
    if fault is None or isinstance(answer, Trouble):
        return _unread(ref, answer, now)
    verdict, reason = _ruling(fault, answer.status)
    wait = retry_after_s(answer.retry_after, now) if verdict is Verdict.DEFERRED else None
    gone = fault.code in GONE or _is_bad_address(fault)
    return Outcome(ref, verdict, reason, fault.code, fault.text, retry_after_s=wait, gone=gone)


def _unread(ref: str, answer: Reply | Trouble, now: datetime) -> Outcome:
    """No error of Google's: one that says when to come back has not taken the message."""
    judged = judge(answer, now)
    wait = judged.retry_after_s
    verdict, reason = judged.verdict, judged.reason
    if isinstance(answer, Reply) and answer.status in (500, 503):
        wait = retry_after_s(answer.retry_after, now)
        if wait is not None:
            verdict, reason = Verdict.DEFERRED, Reason.PROVIDER_DOWN
    return Outcome(ref, verdict, reason, judged.code, retry_after_s=wait)


def _ruling(fault: Fault, status: int) -> Ruling:
    if _is_bad_address(fault):
        return Verdict.REJECTED, Reason.NOT_REACHABLE
    if fault.code == INVALID_ARGUMENT and _TOO_BIG.search(fault.text):
        return Verdict.REJECTED, Reason.TOO_LONG
    if known := REASONS.get(fault.code):
        return known
    if status == 429:
        return Verdict.DEFERRED, Reason.THROTTLED
    if status in (401, 403):
        return Verdict.DEFERRED, Reason.MISCONFIGURED
    return Verdict.UNKNOWN, Reason.UNMAPPED


def _is_bad_address(fault: Fault) -> bool:
    """INVALID_ARGUMENT has two causes: a bad address, told by FCM, or a field of ours.

    A device is given up only where its address alone is called wrong: what is wrong with a message
    would be wrong with all its devices.
    """
    if fault.fcm != INVALID_ARGUMENT:
        return False
    if fault.fields:
        return _ADDRESSES.issuperset(fault.fields)
    return bool(_OF_ADDRESS.search(fault.text)) and not _TOO_BIG.search(fault.text)


def is_third_partys(fault: Fault) -> bool:
    """Whether Google takes our credential, and Apple not the project's."""
    return fault.code in THIRD_PARTY
