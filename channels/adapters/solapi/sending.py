"""Sending: one request for many messages, and the outcome of each.

Source: github.com/solapi/documents, messages v4 (2022-09); POST /messages/v4/send-many/detail as
the official clients solapi 5.0.3 (PyPI) and 6.0.1 (npm) use it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from channels.adapters.solapi.codes import ANSWERS, TAKEN, refusal
from channels.adapters.solapi.parts import CODE, buttons, not_carried
from channels.adapters.solapi.shapes import REFERENCE, Row, at, error, reference, rows, said, words
from channels.contract import Answer, Call, Outcome, Outgoing
from channels.transport import Reply, Trouble, judge, with_evidence
from channels.vocabulary import Reason, Verdict

PATH = "/messages/v4/send-many/detail"
TYPES = {"alimtalk": "ATA", "sms": "SMS", "lms": "LMS", "mms": "MMS"}


def carried(call: Call) -> tuple[Sequence[Outgoing], Mapping[str, Outcome]]:
    """The messages that may leave, and the refusals of those that would lose a part."""
    kept, refused = [], {}
    for message in call.messages:
        if why := not_carried(message) if call.route == "alimtalk" else "":
            verdict, reason = Verdict.REJECTED, Reason.REQUEST_REFUSED
            refused[message.ref] = Outcome(message.ref, verdict, reason, CODE, why)
        else:
            kept.append(message)
    return kept, refused


def body(route: str, messages: Sequence[Outgoing], caller: str) -> dict[str, Any]:
    """The request; ``caller`` is the number that an Alimtalk names.

    Raises ValueError for an MMS whose picture was not given to SOLAPI.
    """
    return {
        "messages": [_message(route, one, caller) for one in messages],
        "allowDuplicates": True,  # two notices to one person are two: refused as 1026 otherwise
        "showMessageList": True,  # without it the answer names nobody
    }


def outcomes(call: Call, refused: Mapping[str, Outcome], answer: Reply | Trouble) -> Answer:
    """One outcome per message of the call, in its order; ``refused`` never left."""
    received = said(answer)
    found = _refused_whole(received, answer)
    named = _named(received) if isinstance(answer, Reply) and answer.status == 200 else None
    judged = judge(answer, call.now)
    told = []
    for message in call.messages:
        if message.ref in refused:
            told.append(refused[message.ref])
        elif found:
            verdict, reason, code, text = found
            told.append(Outcome(message.ref, verdict, reason, code, text))
        elif named is None:
            lost = (judged.verdict, judged.reason, judged.code, "", "", judged.retry_after_s)
            told.append(Outcome(message.ref, *lost))
        else:
            told.append(_outcome(message.ref, named.get(message.ref, ())))
    return with_evidence(tuple(told), answer, words(at(received, "groupInfo", "groupId")))


def _message(route: str, message: Outgoing, caller: str) -> dict[str, Any]:
    form: dict[str, Any] = {
        "to": message.to,
        "text": message.text,
        "type": TYPES[route],
        "country": "82",
        "autoTypeDetect": False,
        "customFields": {REFERENCE: message.ref},
    }
    if route == "alimtalk":
        named = {"from": caller} if caller else {}
        return {**form, **named, "kakaoOptions": _kakao(message)}
    form["from"] = message.sender
    if route != "sms" and message.title:
        form["subject"] = message.title
    if route == "mms":
        if not message.picture:
            raise ValueError("an MMS whose picture was not given to SOLAPI")
        form["imageId"] = message.picture
    return form


def _kakao(message: Outgoing) -> dict[str, Any]:
    """The text leaves filled, so that there are no variables for SOLAPI to fill."""
    options: dict[str, Any] = {
        "pfId": message.sender,
        "templateId": message.template,
        "disableSms": True,  # falling back is ours; both would send twice
    }
    if message.title:
        options["title"] = message.title
    if message.buttons:
        options["buttons"] = buttons(message.buttons)
    return options


def _refused_whole(
    received: Any, answer: Reply | Trouble
) -> tuple[Verdict, Reason, str, str] | None:
    """The refusal of the whole request; an unlisted code beside 401 or 403 is the account's."""
    refused = error(received)
    if refused is None:
        return None
    code, text = refused
    if code in ANSWERS:
        return *ANSWERS[code], code, text
    if isinstance(answer, Reply) and answer.status in (401, 403):
        return Verdict.DEFERRED, Reason.MISCONFIGURED, code, text
    return Verdict.UNKNOWN, Reason.UNMAPPED, code, text


def _named(received: Any) -> Mapping[str, Sequence[Row]] | None:
    """What is said of each reference; None when neither list can be read."""
    lists = [rows(at(received, name)) for name in ("messageList", "failedMessageList")]
    if lists == [None, None]:
        return None
    found: dict[str, list[Row]] = {}
    for row in (row for one in lists for row in one or ()):
        found.setdefault(reference(row), []).append(row)
    return found


def _outcome(ref: str, said_of: Sequence[Row]) -> Outcome:
    """Both lists may name it; where they contradict each other it is in doubt."""
    codes = {words(row.get("statusCode")) for row in said_of}
    if len(codes) != 1 or codes == {""}:
        return Outcome(ref, Verdict.UNKNOWN, Reason.UNREADABLE)
    (code,) = codes
    text, id_ = (words(said_of[0].get(name)) for name in ("statusMessage", "messageId"))
    if code in TAKEN:
        return Outcome(ref, Verdict.ACCEPTED, None, code, text, id_)
    # a failure after the intake is a result: it is read where the message is looked up
    verdict, reason = refusal(code) or (Verdict.UNKNOWN, Reason.UNMAPPED)
    return Outcome(ref, verdict, reason, code, text)
