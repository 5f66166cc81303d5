"""Sending: the body of each product's request, and the outcome of each recipient."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from channels.adapters.nhn.account import Product
from channels.adapters.nhn.codes import ALL_FAILED
from channels.adapters.nhn.parts import bubble
from channels.adapters.nhn.shapes import (
    Header,
    at,
    header,
    number,
    provider_id,
    reference,
    rows,
    words,
)
from channels.contract import Answer, Call, Outcome, Outgoing
from channels.transport import Judged, Reply, Trouble, judge, one_for_all, read, with_evidence
from channels.vocabulary import Reason, Verdict

PATHS = {
    "alimtalk": "/raw-messages",
    "sms": "/sender/sms",
    "lms": "/sender/mms",
    "mms": "/sender/mms",
}

Row = Mapping[str, Any]


def body(call: Call) -> dict[str, Any]:
    """The request of one call; its messages share what the route says they must.

    Raises ValueError for an MMS whose picture is not the number NHN gave it.
    """
    first = call.messages[0]
    if call.route == "alimtalk":
        return {
            "senderKey": first.sender,
            "templateCode": first.template,
            "senderGroupingKey": call.key,
            "recipientList": [_notice(message) for message in call.messages],
        }
    shared: dict[str, Any] = {
        "body": first.text,
        "sendNo": first.sender,
        "senderGroupingKey": call.key,
    }
    if call.route != "sms":
        shared["title"] = first.title
    if call.route == "mms":
        shared["attachFileIdList"] = [_file_id(first.picture)]
    people = [{"recipientNo": m.to, "recipientGroupingKey": m.ref} for m in call.messages]
    return {**shared, "recipientList": people}


def outcomes(call: Call, product: Product, answer: Reply | Trouble) -> Answer:
    """One outcome per message of the call, in its order."""
    received = read(answer)
    head = header(received)
    if head is None:
        return one_for_all(call, judge(answer, call.now), answer)
    if not head.ok and head.code != ALL_FAILED:
        refusals = (_refused(product, m.ref, head.code, head.text) for m in call.messages)
        return with_evidence(tuple(refusals), answer)
    request_id, results = _results(product, received)
    if results is None and head.ok:
        return one_for_all(call, Judged(Verdict.UNKNOWN, Reason.UNREADABLE), answer)
    found = _by_reference(call, results or [])
    return with_evidence(
        tuple(_outcome(product, m.ref, found.get(m.ref), request_id, head) for m in call.messages),
        answer,
        request_id,
    )


def _file_id(picture: str) -> int:
    if (found := number(picture)) is None:
        raise ValueError("an MMS whose picture was not given to NHN")
    return found


def _notice(message: Outgoing) -> dict[str, Any]:
    recipient: dict[str, Any] = {
        "recipientNo": message.to,
        "content": message.text,
        "resendParameter": {"isResend": False},  # falling back is ours; both would send twice
        "recipientGroupingKey": message.ref,
    }
    if message.title:
        recipient["templateTitle"] = message.title
    return recipient | bubble(message)


def _results(product: Product, received: Any) -> tuple[str, list[Row] | None]:
    if product.name == "sms":
        data = at(received, "body", "data")
        return words(at(data, "requestId")), rows(at(data, "sendResultList"))
    message = at(received, "message")
    return words(at(message, "requestId")), rows(at(message, "sendResults"))


def _by_reference(call: Call, results: list[Row]) -> Mapping[str, Row]:
    """Rows by our reference; by their sequence only when none names one and none is missing."""
    counted = Counter(reference(row) for row in results)
    if set(counted) - {""}:
        return {reference(row): row for row in results if counted[reference(row)] == 1}
    ordered = sorted(results, key=lambda row: number(row.get("recipientSeq")) or 0)
    if [number(row.get("recipientSeq")) for row in ordered] != [*range(1, len(call.messages) + 1)]:
        return {}
    pairs = list(zip(call.messages, ordered, strict=True))
    if any(words(row.get("recipientNo")) not in ("", message.to) for message, row in pairs):
        return {}
    return {message.ref: row for message, row in pairs}


def _outcome(product: Product, ref: str, row: Row | None, request_id: str, head: Header) -> Outcome:
    if row is None and not head.ok:
        return _refused(product, ref, head.code, head.text)
    code = None if row is None else number(row.get("resultCode"))
    if row is None or code is None:
        return Outcome(ref, Verdict.UNKNOWN, Reason.UNREADABLE)
    if code == 0:
        return Outcome(
            ref,
            Verdict.ACCEPTED,
            code="0",
            text=words(row.get("resultMessage")),
            provider_id=provider_id(row, request_id),
        )
    return _refused(product, ref, code, words(row.get("resultMessage")))


def _refused(product: Product, ref: str, code: int, text: str) -> Outcome:
    verdict, reason = product.api_codes.get(code, (Verdict.UNKNOWN, Reason.UNMAPPED))
    return Outcome(ref, verdict, reason, str(code), text)
