"""The newest message for a phone, arrived or not, with what its sender knows of it."""

from dataclasses import dataclass

from sandbox import inbox
from sandbox.inbox import Message
from sandbox.pages.talk import kind_of
from sandbox.pages.words import Say
from sandbox.store import Store


@dataclass(frozen=True, slots=True)
class LastGot:
    """facts: (label, value, is code)."""

    tone: str
    icon: str
    word: str
    request_id: str
    facts: list[tuple[str, str, bool]]


def last_got(store: Store, number: str, say: Say) -> LastGot | None:
    found = store.number(
        "SELECT max(id) FROM message WHERE number = ?"
        " AND kind IN ('alimtalk', 'sms', 'lms', 'mms', 'push')",
        (number,),
    )
    message = inbox.get_message(store, found)
    if message is None:
        return None
    tone, icon, word = ("busy", "clock", "under_way")
    if message.state == "done":
        arrived = message.arrival is not None
        tone, icon, word = ("ok", "check", "arrived") if arrived else ("bad", "x", "failed")
    facts = [
        (say("kind"), kind_of(message, say), False),
        (say("template"), message.template_code, True),
        (say("provider"), f"{message.provider.upper()} · {message.account}", False),
        (say("reference"), message.ref, True),
        (say("request_id"), message.request_id, True),
        (say("times"), _times(store, message, say), False),
        (say("code"), message.result, True),
        (say("took"), _took(message, say), False),
    ]
    return LastGot(tone, icon, word, message.request_id, [fact for fact in facts if fact[1]])


def _times(store: Store, message: Message, say: Say) -> str:
    if not message.ref:
        return ""
    times = store.number(
        "SELECT count(*) FROM message WHERE account = ? AND ref = ? AND ref <> ''",
        (message.account, message.ref),
    )
    return say("times_n", n=times)


def _took(message: Message, say: Say) -> str:
    if message.result_at is None:
        return ""
    return say("seconds", n=f"{(message.result_at - message.created_at) / 1000:.1f}")
