"""What a difference between our books and a provider's list is, and what to do about it.

One function decides for one attempt; it knows no database and no provider.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.services.sides import Ours
from app.services.states import AttemptStatus
from app.services.transitions import Event, may
from channels.contract import Listed, Receipt
from channels.vocabulary import Result, Standing


class Kind(StrEnum):
    """How the two sides differ."""

    ONLY_OURS = "only_ours"
    ONLY_THEIRS = "only_theirs"
    STATE = "state"
    DUPLICATE = "duplicate"


class Todo(StrEnum):
    """What follows from it; ``WORDS`` says it to people."""

    APPLY = "apply"
    ASK_PROVIDER = "ask_provider"
    WAIT = "wait"
    FIND_SENDER = "find_sender"
    OTHER_ACCOUNT = "other_account"
    STOP_QUEUED = "stop_queued"
    SENT_TWICE = "sent_twice"
    NOTE = "note"


WORDS: dict[Todo, tuple[str, str]] = {
    Todo.APPLY: (
        "--apply 로 제공자의 말을 반영하세요.",
        "Run again with --apply: the provider's word is applied by the normal rules.",
    ),
    Todo.ASK_PROVIDER: (
        "우리는 보낸 것으로 알지만 제공자 목록에 없어요. 제공자에게 참조로 물어보세요.",
        "We hold it as handed over and the provider does not list it. Ask the provider, naming "
        "the reference.",
    ),
    Todo.WAIT: (
        "제공자가 갖고 있어요. 스케줄러가 저절로 물어봐요.",
        "The provider has it; the scheduler finds that out by itself.",
    ),
    Todo.FIND_SENDER: (
        "우리가 모르는 메시지예요. 이 계정을 쓰는 다른 프로그램이 없다면 키를 바꾸세요.",
        "A message we know nothing of. Is another program using this account? If not, change its "
        "keys.",
    ),
    Todo.OTHER_ACCOUNT: (
        "다른 계정으로 보낸 것으로 알아요. 두 번 갔을 수 있으니 제공자에게 물어보세요.",
        "We hold it at another account of this workspace; it may have left through both. Ask the "
        "provider.",
    ),
    Todo.STOP_QUEUED: (
        "보내지 않은 것으로 아는데 제공자가 갖고 있어요. 다시 보내기 전에 제공자에게 확인하세요.",
        "We hold it as not sent and the provider has it. Do not send it again before asking the "
        "provider.",
    ),
    Todo.SENT_TWICE: (
        "한 참조로 두 번 받았어요. 두 번 도착했을 수 있어요. 제공자에게 두 번호를 주고 물어보세요.",
        "Taken twice under one reference; it may have arrived twice. Ask the provider about both "
        "ids.",
    ),
    Todo.NOTE: (
        "이미 끝난 메시지라 바뀌지 않아요. 기록만 달라요.",
        "It has ended and is not changed by this; only the records differ.",
    ),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing to look at; ``receipt`` is what ``--apply`` feeds to the engine."""

    kind: Kind
    todo: Todo
    ref: str
    provider_ids: tuple[str, ...]
    route: str
    ours: str  # our status; "" for what we do not know
    theirs: str  # theirs; "" for what they do not list
    code: str = ""
    message_id: UUID | None = None
    receipt: Receipt | None = None


# held as handed over, whatever became of it
SENT = frozenset(
    {
        AttemptStatus.ACCEPTED,
        AttemptStatus.DELIVERED,
        AttemptStatus.UNDELIVERED,
        AttemptStatus.NO_REPORT,
    }
)
OPEN = frozenset({AttemptStatus.SENDING, AttemptStatus.UNKNOWN})
RESULTS = {
    Standing.DELIVERED: (Result.DELIVERED, Event.DELIVERED),
    Standing.UNDELIVERED: (Result.UNDELIVERED, Event.UNDELIVERED),
    Standing.REJECTED: (Result.UNDELIVERED, Event.UNDELIVERED),
}
AGREED = {
    Standing.DELIVERED: frozenset({AttemptStatus.DELIVERED}),
    Standing.UNDELIVERED: frozenset({AttemptStatus.UNDELIVERED, AttemptStatus.REJECTED}),
    Standing.REJECTED: frozenset({AttemptStatus.UNDELIVERED, AttemptStatus.REJECTED}),
}


def is_held(ours: Ours) -> bool:
    """Whether we hold it as not handed over."""
    return AttemptStatus(ours.status) not in SENT | OPEN


def compare(ours: Ours, listed: Sequence[Listed]) -> Iterator[Difference]:
    """What is different about one attempt; nothing when both sides say the same."""
    status = AttemptStatus(ours.status)
    if status is AttemptStatus.SENDING:
        return  # its call runs; whatever is listed, our own answer comes first
    if not listed:
        if status in SENT:
            yield _say(Kind.ONLY_OURS, Todo.ASK_PROVIDER, ours, None)
        return
    ids = tuple(sorted({one.provider_id for one in listed}))
    word = min(listed, key=lambda one: (one.state is not Standing.DELIVERED, one.provider_id))
    if len(ids) > 1:
        yield _say(Kind.DUPLICATE, Todo.SENT_TWICE, ours, word, ids)
    yield from _states(ours, status, word)


def _states(ours: Ours, status: AttemptStatus, word: Listed) -> Iterator[Difference]:
    held = is_held(ours)
    kind = Kind.ONLY_THEIRS if held else Kind.STATE
    final = RESULTS.get(word.state)
    if final is None:  # on its way, or not confirmed
        if held:
            yield _say(kind, Todo.STOP_QUEUED, ours, word)
        elif status is AttemptStatus.UNKNOWN:
            yield _say(kind, Todo.WAIT, ours, word)
        return
    if status in AGREED[word.state] or (word.state is Standing.REJECTED and held):
        return
    result, event = final
    if may(status, event):
        yield _say(kind, Todo.APPLY, ours, word, result=result)
    else:
        yield _say(kind, Todo.NOTE, ours, word)


def unknown(one: Listed, todo: Todo = Todo.FIND_SENDER) -> Difference:
    """A message of theirs that this account does not know."""
    return Difference(
        Kind.ONLY_THEIRS,
        todo,
        one.ref,
        (one.provider_id,),
        one.route,
        "",
        str(one.state),
        one.code,
    )


def _say(
    kind: Kind,
    todo: Todo,
    ours: Ours,
    word: Listed | None,
    ids: tuple[str, ...] = (),
    result: Result | None = None,
) -> Difference:
    receipt = None
    if word is not None and result is not None:
        receipt = Receipt(
            result,
            ref=ours.ref,
            provider_id=word.provider_id,
            reason=word.reason if result is Result.UNDELIVERED else None,
            code=word.code,
            at=word.ended_at,
        )
    known = (word.provider_id,) if word else ((ours.provider_id,) if ours.provider_id else ())
    return Difference(
        kind=kind,
        todo=todo,
        ref=ours.ref,
        provider_ids=ids or known,
        route=ours.route,
        ours=ours.status,
        theirs=str(word.state) if word else "",
        code=word.code if word else "",
        message_id=ours.message_id,
        receipt=receipt,
    )
