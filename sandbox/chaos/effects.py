"""The vocabulary of a rule: calls, providers, effects, what each takes, and what may be wrong."""

from typing import Literal

from pydantic_core import PydanticCustomError

Call = Literal["send", "template", "upload", "list", "chat", "any"]
Provider = Literal["nhn", "relay", "solapi", "consult", "fcm"]
Route = Literal["alimtalk", "sms", "lms", "mms", "push"]
Body = Literal["html", "cut_json", "charset", "null", "list", "code_type"]
Forge = Literal["signature", "reference", "result"]
Unit = Literal["requests", "recipients"]
Effect = Literal[
    "timeout_before",
    "timeout_after",
    "http_status",
    "throttle",
    "rate_limit",
    "garbage",
    "error_code",
    "delay",
    "drip",
    "receipt_duplicate",
    "receipt_shuffle",
    "receipt_drop",
    "receipt_delay",
    "receipt_forge",
]

# what each effect may say beside whom it hits; the others would be without meaning
USES: dict[str, frozenset[str]] = {
    "timeout_before": frozenset({"seconds"}),
    "timeout_after": frozenset({"seconds"}),
    "http_status": frozenset({"status", "accepted", "retry_after_s"}),
    "throttle": frozenset({"retry_after_s"}),
    "rate_limit": frozenset({"per_s", "unit"}),
    "garbage": frozenset({"body", "accepted"}),
    "error_code": frozenset({"code"}),
    "delay": frozenset({"seconds", "accepted"}),
    "drip": frozenset({"seconds"}),
    "receipt_duplicate": frozenset({"seconds", "times"}),
    "receipt_shuffle": frozenset({"seconds"}),
    "receipt_drop": frozenset(),
    "receipt_delay": frozenset({"seconds"}),
    "receipt_forge": frozenset({"forge", "seconds"}),
}
NEEDS = {
    "http_status": "status",
    "error_code": "code",
    "rate_limit": "per_s",
    "receipt_forge": "forge",
}
SECONDS = {
    "timeout_before": 5.0,
    "timeout_after": 5.0,
    "receipt_shuffle": 2.0,
    "receipt_forge": 0.0,
}
# what can be told of a call before anybody has checked it; the rest would never fit
KNOWN: dict[str, frozenset[str]] = {
    "send": frozenset({"number", "route", "template", "recipients"}),
    "template": frozenset({"template"}),
    "upload": frozenset(),
    "list": frozenset(),
    "chat": frozenset({"number"}),
    "any": frozenset({"number", "route", "template", "recipients"}),
}

# what is wrong and what to do, in Korean and in English
SLIPS: dict[str, tuple[str, str]] = {
    "chaos_stray": (
        "{effect} 규칙에는 {field} 칸이 없어요. 빼 주세요",
        "{effect} does not know {field}; leave it out",
    ),
    "chaos_needs": (
        "{effect} 규칙에는 {field} 값이 있어야 해요",
        "{effect} needs {field}",
    ),
    "chaos_early": (
        "받은 뒤의 실패는 500부터예요. 상태를 500에서 599로 하거나 accepted를 빼 주세요",
        "only a status from 500 may come after acceptance; say 500 to 599 or leave accepted out",
    ),
    "chaos_digits": (
        "NHN과 상담 허브의 코드는 수예요. 다른 코드는 provider를 relay, solapi, fcm으로 써 주세요",
        "NHN's and the hub's codes are numbers; any other needs provider relay, solapi or fcm",
    ),
    "chaos_no_call": (
        "결과 규칙은 호출이 아니라 결과에 걸려요. call을 빼 주세요",
        "{effect} acts on results, not on calls; leave call out",
    ),
    "chaos_hub_calls": (
        "상담 허브에는 chat 호출만 있어요. call을 chat이나 any로 해 주세요",
        "the consultation hub has chat calls only; say chat or any",
    ),
    "chaos_hub_only": (
        "chat 호출은 상담 허브에만 있어요. provider를 consult로 하거나 빼 주세요",
        "only the consultation hub has chat calls; say provider consult or none",
    ),
    "chaos_hub_results": (
        "상담 허브는 웹훅에 서명하지 않아요. forge를 reference나 result로 해 주세요",
        "the consultation hub signs no webhooks; say reference or result",
    ),
    "chaos_unsigned": (
        "SOLAPI는 결과에 서명하지 않아요. forge를 reference나 result로 해 주세요",
        "SOLAPI signs no results; say reference or result",
    ),
    "chaos_untold": (
        "{call} 호출만 보고는 {field} 값을 알 수 없어요. 빼 주세요",
        "a {call} call does not tell {field}; leave it out",
    ),
}


def slip(kind: str, **values: str) -> PydanticCustomError:
    """What is wrong with a field, in both languages; `kind` is a key of SLIPS."""
    korean, english = SLIPS[kind]
    return PydanticCustomError(kind, f"{korean} ({english})", dict(values))
