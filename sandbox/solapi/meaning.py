"""Calls of SOLAPI in words."""

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
    plain,
    reserved,
    rows,
    sending,
    text,
)
from sandbox.solapi.meaning_words import ERRORS, STATUS

NO_KEY = Text(
    "목록에서 찾기. 멱등 키가 없고, 서명은 15분 안에 한 번만 쓸 수 있어요",
    "Look up in the list. No idempotency key; a signature holds once within 15 minutes",
)
MESSAGE = Text("메시지", "messages")


def read(call: Reading) -> Meaning:
    """Never raises, whatever the bodies hold."""
    given = _messages(call)
    people = _people(given, _refused(call))
    options = _options(given[0]) if given else {}
    at = text(call.asked.get("scheduledDate"))
    return Meaning(
        asks=_asks(call, given, at),
        says=_says(call, people, len(given)),
        promise=NO_KEY,
        sender=text(options.get("pfId") or (given[0].get("from") if given else "")),
        template=text(options.get("templateId")) or _template(call),
        reserved=at,
        count=len(given),
        people=tuple(people[:MOST_PEOPLE]),
        ids=_ids(call),
        refs=tuple(ref for one in given if (ref := _reference(one))),
    )


def _messages(call: Reading) -> list[dict[str, Any]]:
    """One for each recipient: `to` may be a list."""
    given = rows([call.asked.get("message")]) or rows(call.asked.get("messages"))
    return [
        {**one, "to": to}
        for one in given
        for to in (one["to"] if isinstance(one.get("to"), list) else [one.get("to")])
    ]


def _options(message: Mapping[str, Any]) -> Mapping[str, Any]:
    found = message.get("kakaoOptions")
    return found if isinstance(found, dict) else {}


def _reference(message: Mapping[str, Any]) -> str:
    found = message.get("customFields")
    return text(next(iter(found.values()), "")) if isinstance(found, dict) else ""


def _template(call: Reading) -> str:
    _, _, rest = call.exchange.path.partition("/kakao/v2/templates/")
    return rest.split("/")[0]


def _asks(call: Reading, given: list[dict[str, Any]], at: str) -> Text:
    if call.form is None:
        return Text("규격에 없는 요청", "A call in no document")
    if not given:
        return call.form.name
    more = list(reserved(at))
    if any(_options(one).get("templateId") for one in given):
        off = all(_options(one).get("disableSms") is True for one in given)
        more.append(
            Text("대체 문자 끔", "SOLAPI's own fallback off")
            if off
            else Text("대체 문자 켬", "with SOLAPI's own fallback")
        )
    if call.asked.get("allowDuplicates") is True:
        more.append(Text("같은 번호 여러 번 허용", "repeated numbers allowed"))
    asks = sending(KINDS.get(call.exchange.route, MESSAGE), len(given), more)
    if call.exchange.route:
        return asks
    return Text(f"{call.form.name.ko}: {asks.ko}", f"{call.form.name.en}: {asks.en}")


Refused = dict[tuple[str, str], list[dict[str, Any]]]


def _refused(call: Reading) -> Refused:
    """Refused messages by number and reference."""
    found = rows(call.told.get("failedMessageList")) + [
        one for one in rows(call.told.get("resultList")) if one.get("statusCode") != "2000"
    ]
    if call.told.get("statusCode") not in (None, "2000"):
        found.append(dict(call.told))
    refused: Refused = {}
    for one in found:
        refused.setdefault((digits(one.get("to")), _reference(one)), []).append(one)
    return refused


def _people(given: list[dict[str, Any]], refused: Refused) -> list[Person]:
    """Of equal messages the later ones were refused."""
    last_first = [_person(one, refused) for one in reversed(given)]
    return last_first[::-1]


def _person(message: Mapping[str, Any], refused: Refused) -> Person:
    number, ref = digits(message.get("to")), _reference(message)
    results = refused.get((number, ref))
    if not results:
        return Person(number, ref)
    result = results.pop()
    code, said = text(result.get("statusCode")), text(result.get("statusMessage"))
    return Person(number, ref, code, STATUS.get(code) or Text(said, said))


def _ids(call: Reading) -> tuple[str, ...]:
    group = call.told.get("groupInfo")
    found = text((group if isinstance(group, dict) else call.told).get("groupId"))
    return (found,) if found and call.exchange.method == "POST" else ()


def _says(call: Reading, people: list[Person], count: int) -> Text:
    if call.exchange.status is None:
        return NO_ANSWER
    if call.answer is None or (not call.told and not isinstance(call.answer, list)):
        return UNREADABLE
    if code := text(call.told.get("errorCode")):
        said = text(call.told.get("errorMessage"))
        return not_taken(code, ERRORS.get(code) or Text(said, said))
    if count:
        return outcome(count - sum(bool(one.code) for one in people), people)
    return plain(call.exchange.status)
