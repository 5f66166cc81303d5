"""The timeline of a room: days, notices, lines and hand-overs, in the order they happened."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.console.words import mark
from app.services.case_history import Step
from app.services.clock import KST
from app.services.lines import LineView
from app.services.thread_notices import SentNotice

PENDING = ("queued", "sending", "unknown")  # what an outgoing line may still leave
TIES = {
    "button": mark("버튼 표식으로 확실하게 이어짐"),
    "earlier": mark("앞선 버튼의 표식으로 이어짐"),
    "forwarded": mark("고객이 전달한 글로 이어짐"),
    "label": mark("버튼 이름이 같아 이어짐"),
}
REASONS = {
    "operator": mark("고객이 상담원을 찾음"),
    "person_wanted": mark("고객이 상담원을 찾음"),
    "not_text": mark("봇이 읽을 수 없는 것을 보냄"),
    "bot_off": mark("봇이 꺼져 있음"),
    "agent": mark("상담원이 끝냄"),
    "transfer": mark("다른 사람에게 넘김"),
    "assign": mark("담당을 정함"),
    "left": mark("담당자가 자리를 비움"),
    "snooze_over": mark("미뤄 둔 때가 됨"),
}
TOGETHER = timedelta(minutes=2)  # of one author: one stamp under the last of them


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; ``kind`` says which of the others is there: day, notice, line or step."""

    id: str
    kind: str
    at: datetime
    line: LineView | None = None
    step: Step | None = None
    notice: SentNotice | None = None


def entries(
    lines: Sequence[LineView],
    steps: Sequence[Step],
    notices: Mapping[UUID, SentNotice],
    told: frozenset[UUID] = frozenset(),
) -> list[Entry]:
    """The timeline of these lines; notices in ``told`` were shown before them."""
    return list(_days(_merged(lines, steps, notices, set(told))))


def _merged(
    lines: Sequence[LineView],
    steps: Sequence[Step],
    notices: Mapping[UUID, SentNotice],
    told: set[UUID],
) -> Iterator[Entry]:
    waiting = list(steps)
    for line in lines:
        while waiting and waiting[0].at <= line.created_at:
            yield _step(waiting.pop(0))
        notice = notices.get(line.notice_id) if line.notice_id else None
        if notice is not None and notice.id not in told:
            told.add(notice.id)
            yield Entry(f"n-{notice.id.hex}", "notice", notice.sent_at, notice=notice, line=line)
        yield Entry(f"l-{line.seq}", "line", line.created_at, line=line)
    for step in waiting:
        yield _step(step)


def _step(step: Step) -> Entry:
    return Entry(f"s-{step.seq}", "step", step.at, step=step)


def _days(found: Iterator[Entry]) -> Iterator[Entry]:
    """A heading before the first entry of each Korean day."""
    today = ""
    for entry in found:
        day = f"{entry.at.astimezone(KST):%Y-%m-%d}"
        if day > today:
            today = day
            yield Entry(f"d-{day}", "day", entry.at)
        yield entry


def settled_before(lines: Sequence[LineView]) -> int:
    """The number before which no line of these can change any more."""
    for line in lines:
        files = any(one.state == "pending" for one in line.attachments)
        if line.status in PENDING or files:
            return line.seq - 1
    return lines[-1].seq if lines else 0


def tie_words(how: str, confidence: float | None) -> str:
    """How sure it is that a notice is what somebody speaks of, in Korean, to be translated."""
    if how in TIES:
        return TIES[how]
    return TIES["button"] if (confidence or 0) >= 1 else mark("아마도 이 알림에 대한 말")
