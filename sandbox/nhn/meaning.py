"""Calls of NHN Cloud in words."""

from collections.abc import Mapping
from typing import Any

from sandbox.documented import Text
from sandbox.meaning import (
    KINDS,
    MOST_PEOPLE,
    NO_ANSWER,
    UNREADABLE,
    Meaning,
    Person,
    Reading,
    digits,
    not_taken,
    outcome,
    reserved,
    rows,
    sending,
    text,
)
from sandbox.nhn.meaning_words import ALIMTALK_CODES, SMS_CODES

BY_KEY = Text(
    "참조로 찾기. 같은 멱등 키는 10분 동안 -1005로 거절하고 처음 답을 다시 주지 않아요",
    "Look up by reference. The same key is refused with -1005 for 10 minutes, without replay",
)
NO_KEY = Text(
    "참조로 찾기. 멱등 키가 없어서 다시 보내면 두 번 가요",
    "Look up by reference. There is no idempotency key: a repeat is sent twice",
)


def read(call: Reading) -> Meaning:
    """Never raises, whatever the bodies hold."""
    is_text = call.exchange.path.startswith("/nhn/sms/")
    codes = SMS_CODES if is_text else ALIMTALK_CODES
    recipients = rows(call.asked.get("recipientList"))
    results = _results(call)
    people = [_person(one, results.get(place), codes) for place, one in enumerate(recipients, 1)]
    at = text(call.asked.get("requestDate"))
    return Meaning(
        asks=_asks(call, recipients, at),
        says=_says(call, people, codes),
        promise=NO_KEY if is_text else BY_KEY,
        sender=text(call.asked.get("senderKey") or call.asked.get("sendNo")),
        template=_template(call),
        key=call.exchange.header("x-nc-api-idempotency-key"),
        reserved=at,
        count=len(recipients),
        people=tuple(people[:MOST_PEOPLE]),
        ids=_ids(call),
        refs=tuple(ref for one in recipients if (ref := text(one.get("recipientGroupingKey")))),
    )


def _asks(call: Reading, recipients: list[dict[str, Any]], at: str) -> Text:
    if not call.exchange.route:
        return call.form.name if call.form else _no_call()
    more = list(reserved(at))
    if call.exchange.route == "alimtalk":
        more.append(_fallback(recipients))
    return sending(KINDS[call.exchange.route], len(recipients), more)


def _no_call() -> Text:
    return Text("규격에 없는 요청", "A call in no document")


def _fallback(recipients: list[dict[str, Any]]) -> Text:
    """NHN's own, by what the recipients say; where one says nothing its console decides."""
    given = [one.get("resendParameter") for one in recipients]
    said = [one.get("isResend") if isinstance(one, dict) else None for one in given]
    if any(one is True for one in said):
        return Text("대체 문자 켬", "with NHN's own fallback")
    if said and all(one is False for one in said):
        return Text("대체 문자 끔", "NHN's own fallback off")
    return Text("대체 문자는 콘솔 설정대로", "fallback as NHN's console says")


def _template(call: Reading) -> str:
    if call.asked.get("templateCode"):
        return text(call.asked["templateCode"])
    _, _, rest = call.exchange.path.partition("/templates/")
    return rest.split("/")[0]


def _message(call: Reading) -> Mapping[str, Any]:
    """What an answer says of the request: `message` of Alimtalk, `body.data` of SMS."""
    body = call.told.get("body")
    found = call.told.get("message") or (body.get("data") if isinstance(body, dict) else None)
    return found if isinstance(found, dict) else {}


def _results(call: Reading) -> dict[int, dict[str, Any]]:
    message = _message(call)
    found = message.get("sendResults") or message.get("sendResultList")
    return {one["recipientSeq"]: one for one in rows(found) if type(one.get("recipientSeq")) is int}


def _person(
    recipient: Mapping[str, Any], result: Mapping[str, Any] | None, codes: Mapping[int, Text]
) -> Person:
    number, ref = digits(recipient.get("recipientNo")), text(recipient.get("recipientGroupingKey"))
    code = (result or {}).get("resultCode") or 0
    if not code:
        return Person(number, ref)
    said = text((result or {}).get("resultMessage"))
    return Person(number, ref, text(code), codes.get(code) or Text(said, said))


def _ids(call: Reading) -> tuple[str, ...]:
    found = text(_message(call).get("requestId"))
    return (found,) if call.exchange.route and found else ()


def _says(call: Reading, people: list[Person], codes: Mapping[int, Text]) -> Text:
    if call.exchange.status is None:
        return NO_ANSWER
    header = call.told.get("header")
    if not isinstance(header, dict) or "resultCode" not in header:
        return UNREADABLE
    code = header["resultCode"]
    if code and (code != -1031 or not people):
        said = text(header.get("resultMessage"))
        found = codes.get(code) if isinstance(code, int) else None
        return not_taken(text(code), found or Text(said, said))
    if call.exchange.route:
        return outcome(sum(not one.code for one in people), people)
    return Text("성공", "Success")
