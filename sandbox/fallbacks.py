"""Text messages that came because a notice had failed, as far as a phone can know it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.inbox import Message
from sandbox.relay_results import WORDS
from sandbox.solapi.reports import FINALS
from sandbox.store import Store

WITHIN_MS = 10 * 60 * 1000
MOST_FAILED = 200  # of one phone, the newest


@dataclass(frozen=True, slots=True)
class Fallback:
    """code: as the sender heard it. why: of the phone, what `code` says in one provider's words.

    sure: the provider itself sent the text instead. Otherwise the same account sent it to the same
    number within ten minutes after its notice had failed, which is all a phone can see.
    """

    code: str
    why: str
    sure: bool


def find_fallbacks(store: Store, number: str, lines: Sequence[Message]) -> dict[int, Fallback]:
    """By id, those of `lines` that came in place of a notice; each notice explains one."""
    texts = [line for line in lines if line.app == "sms" and not line.mine]
    if not texts:
        return {}
    # notices that failed have no place in the order of arrival
    failed = store.all(
        "SELECT id, provider, account, request_id, recipient_seq, result, result_at FROM message"
        " WHERE number = ? AND arrival IS NULL AND kind = 'alimtalk' AND state = 'done'"
        " AND result_at IS NOT NULL ORDER BY id DESC LIMIT ?",
        (number, MOST_FAILED),
    )
    found: dict[int, Fallback] = {}
    used: set[int] = set()
    for text in sorted(texts, key=lambda one: one.id):
        for row in failed:
            if row["id"] in used or row["account"] != text.account or row["id"] > text.id:
                continue
            sure = bool(text.request_id) and (row["request_id"], row["recipient_seq"]) == (
                text.request_id,
                text.recipient_seq,
            )
            if sure or 0 <= text.created_at - row["result_at"] <= WITHIN_MS:
                used.add(row["id"])
                code = _heard(row["provider"], row["result"])
                found[text.id] = Fallback(code, row["result"], sure)
                break
    return found


def _heard(provider: str, result: str) -> str:
    if provider == "solapi":
        return FINALS.get(result, result)
    return WORDS.get(result, ("", result))[1] if provider == "relay" else result
