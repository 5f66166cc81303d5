"""Calls of FCM in words."""

from collections.abc import Mapping
from typing import Any

from sandbox.documented import Text
from sandbox.fcm.devices import find_place
from sandbox.fcm.wire import CODES, DOOR
from sandbox.meaning import (
    NO_ANSWER,
    UNREADABLE,
    Meaning,
    Person,
    Reading,
    not_taken,
    plain,
    text,
)

PROMISE = Text(
    "물어볼 수 없음(blind). 같은 요청이 두 번 오면 두 번 보내요",
    "Blind: it cannot be asked. The same request twice is two pushes",
)
WORDS = {
    "INVALID_ARGUMENT": Text(
        "요청의 값이나 기기 주소가 맞지 않아요", "a value or the address is wrong"
    ),
    "UNREGISTERED": Text("앱이 지워졌거나 주소가 바뀌었어요", "the app was removed, or renewed"),
    "SENDER_ID_MISMATCH": Text("다른 프로젝트의 기기예요", "a device of another project"),
    "QUOTA_EXCEEDED": Text("너무 잦아요", "too often"),
    "THIRD_PARTY_AUTH_ERROR": Text("APNs 키가 맞지 않아요", "the key for APNs is wrong"),
    "UNAVAILABLE": Text("구글 서버가 쉬어요", "Google is down"),
    "INTERNAL": Text("구글 서버의 오류예요", "an error of Google's"),
    "UNAUTHENTICATED": Text("모르거나 끝난 접근 토큰이에요", "an unknown or ended access token"),
    "PERMISSION_DENIED": Text("다른 프로젝트의 토큰이에요", "a token of another project"),
    "NOT_FOUND": Text("그런 프로젝트가 없어요", "no such project"),
    "invalid_grant": Text("서명을 받지 않아요", "the signed assertion is not accepted"),
    "invalid_scope": Text("푸시를 보낼 수 있는 범위가 아니에요", "no scope that may send"),
    "invalid_request": Text("값이 빠졌어요", "a value is missing"),
    "unsupported_grant_type": Text("모르는 인증 방식이에요", "an unknown grant"),
}
assert WORDS.keys() >= CODES.keys() | DOOR.keys()
KINDS = {
    "fid": Text("설치 아이디", "an installation"),
    "token": Text("등록 토큰", "a registration token"),
    "topic": Text("주제", "a topic"),
    "condition": Text("조건", "a condition"),
}


def read(call: Reading) -> Meaning:
    """Never raises, whatever the bodies hold."""
    message = _dict(call.asked.get("message"))
    data = _dict(message.get("data"))
    code = code_of(call.told)
    ref = text(data.get("naru_id"))
    people = tuple(_people(call, message, ref, code))
    named = text(call.told.get("name")).rpartition("/")[2]
    return Meaning(
        asks=_asks(call, message),
        says=_says(call, code),
        promise=PROMISE,
        sender=text(call.exchange.account),
        template=text(data.get("naru_template")),
        count=len(people),
        people=people,
        ids=(named,) if named else (),
        refs=(ref,) if ref else (),
        marks=(found,) if (found := text(data.get("naru_token"))) else (),
    )


def code_of(answer: Mapping[str, Any]) -> str:
    """FCM's own code, else Google's status or OAuth's error; "" when all is well."""
    error = answer.get("error")
    if not isinstance(error, dict):
        return text(error)
    details = error.get("details")
    for one in details if isinstance(details, list) else ():
        if isinstance(one, dict) and one.get("errorCode"):
            return text(one["errorCode"])
    return text(error.get("status"))


def _people(call: Reading, message: Mapping[str, Any], ref: str, code: str) -> list[Person]:
    address = text(message.get("fid") or message.get("token"))
    if not address:
        return []
    found = find_place(call.store, address)
    return [Person(found.number if found else address, ref, code, _why(call, code))]


def _asks(call: Reading, message: Mapping[str, Any]) -> Text:
    if call.form is None:
        return Text("규격에 없는 요청", "A call in no document")
    kind = next((words for name, words in KINDS.items() if message.get(name)), None)
    if kind is None:
        return call.form.name
    judged = bool(call.asked.get("validateOnly") or call.asked.get("validate_only"))
    only = Text(", 확인만", ", only validated") if judged else Text("", "")
    return Text(f"푸시 1건, {kind.ko}{only.ko}", f"1 × push, to {kind.en}{only.en}")


def _says(call: Reading, code: str) -> Text:
    if call.exchange.status is None:
        return NO_ANSWER
    if not isinstance(call.answer, dict):
        return UNREADABLE
    if code:
        return not_taken(code, _why(call, code))
    return Text("1건 접수", "1 taken") if call.told.get("name") else plain(call.exchange.status)


def _why(call: Reading, code: str) -> Text:
    error = call.told.get("error")
    said = error.get("message") if isinstance(error, dict) else call.told.get("error_description")
    known = WORDS.get(code)
    if not code or known is None:
        return Text(text(said), text(said))
    return Text(f"{known.ko} ({text(said)})", f"{known.en} ({text(said)})")


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
