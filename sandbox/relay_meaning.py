"""Calls of the relay in words."""

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
    rows,
    sending,
    text,
)

PROMISES = {
    "dedupe": Text(
        "dedupe: 접수한 참조를 {ttl}초 기억하고 duplicate로 답해요",
        "dedupe: a reference that was taken is known for {ttl} s and answered as duplicate",
    ),
    "look_up": Text("look_up: 참조로 찾을 수 있어요", "look_up: found by reference"),
    "window_look_up": Text(
        "window_look_up: 번호와 시각으로 찾을 수 있어요",
        "window_look_up: found by number and time",
    ),
    "blind": Text("blind: 물어볼 수 없어요", "blind: it cannot be asked"),
}
UNKNOWN_ACCOUNT = Text("모르는 계정이에요", "unknown account")
CODES = {
    "duplicate": Text("이미 접수한 참조예요", "this reference was taken before"),
    "bad_address": Text("받는 번호가 아니에요", "not a recipient's number"),
    "sender_state": Text("쓸 수 없는 발신자예요", "the sender cannot be used"),
    "template_state": Text("쓸 수 없는 템플릿이에요", "the template cannot be used"),
    "template_mismatch": Text("템플릿과 달라요", "not as the template"),
    "request_refused": Text("요청이 맞지 않아요", "the request is wrong"),
    "misconfigured": Text("모르는 키예요", "unknown key"),
    "throttled": Text("너무 잦아요", "too often"),
    "provider_down": Text("릴레이가 멈췄어요", "the relay is down"),
    "not_reachable": Text("카카오톡 사용자가 아니에요", "not on KakaoTalk"),
    "opted_out": Text("수신을 거부했어요", "opted out"),
    "too_long": Text("너무 길어요", "too long"),
}


def read(call: Reading) -> Meaning:
    """Never raises, whatever the bodies hold."""
    given = rows(call.asked.get("messages"))
    results = {text(one.get("ref")): one for one in rows(call.told.get("results"))}
    people = [_person(one, results.get(text(one.get("ref")))) for one in given]
    first: Mapping[str, Any] = given[0] if given else call.asked
    return Meaning(
        asks=_asks(call, given),
        says=_says(call, people, results),
        promise=_promise(call),
        sender=text(first.get("sender")),
        template=text(first.get("template") or call.asked.get("code")),
        key=text(call.asked.get("key")),
        count=len(given),
        people=tuple(people[:MOST_PEOPLE]),
        ids=(found,) if (found := text(call.told.get("request_id"))) else (),
        refs=tuple(one.ref for one in people if one.ref),
    )


def _promise(call: Reading) -> Text:
    row = call.store.one("SELECT * FROM relay_account WHERE id = ?", (call.exchange.account,))
    if row is None:
        return UNKNOWN_ACCOUNT
    ttl = row["dedupe_ttl_s"]
    return Text(*(words.format(ttl=ttl) for words in PROMISES[row["idempotency"]]))


def _asks(call: Reading, given: list[dict[str, Any]]) -> Text:
    if call.form is None:
        return Text("규격에 없는 요청", "A call in no document")
    action = text(call.asked.get("action"))
    if action and call.exchange.path == "/relay/templates/actions":
        return Text(f"템플릿에: {action}", f"on a template: {action}")
    if not call.exchange.route:
        return call.form.name
    return sending(KINDS[call.exchange.route], len(given))


def _person(message: Mapping[str, Any], result: Mapping[str, Any] | None) -> Person:
    number, ref = digits(message.get("to")), text(message.get("ref"))
    if not result or result.get("status") != "rejected":
        return Person(number, ref)
    code = text(result.get("code"))
    return Person(number, ref, code, _why(code, text(result.get("text"))))


def _why(code: str, said: str) -> Text:
    known = CODES.get(code)
    if known is None:
        return Text(said, said)
    return Text(f"{known.ko} ({said})", f"{known.en} ({said})") if said else known


def _says(call: Reading, people: list[Person], results: Mapping[str, Any]) -> Text:
    if call.exchange.status is None:
        return NO_ANSWER
    if not isinstance(call.answer, dict):
        return UNREADABLE
    if call.exchange.status >= 400:
        code = text(call.told.get("code"))
        return not_taken(code, _why(code, text(call.told.get("text"))))
    if people:
        taken = sum(one.get("status") == "accepted" for one in results.values())
        return outcome(taken, people)
    return plain(call.exchange.status)
