"""How templates stand, in words: states, axes of a registration, steps, findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.console.words import mark
from app.services.standing import RANKS
from app.services.versions import Numbered, Stored
from templates.findings import Finding, Severity

Pill = tuple[str, str, str]  # tone, icon, words
STATES: Mapping[str, Pill] = {
    "approved": ("ok", "check", mark("승인")),
    "in_review": ("busy", "clock", mark("검수 중")),
    "registered": ("busy", "clock", mark("검수 대기")),
    "draft": ("", "note", mark("곧 검수 요청")),
    "waiting_for_picture": ("warn", "clip", mark("그림 기다림")),
    "refused": ("bad", "x", mark("등록 거절")),
    "rejected": ("bad", "x", mark("반려")),
    "replaced": ("", "swap", mark("다음 버전으로 바뀜")),
    "dormant": ("warn", "pause", mark("휴면")),
    "stopped": ("warn", "stop", mark("중지")),
    "blocked": ("bad", "stop", mark("차단")),
}
INSPECTION = {
    "draft": mark("요청 전"),
    "registered": mark("검수 대기"),
    "in_review": mark("검수 중"),
    "approved": mark("승인"),
    "rejected": mark("반려"),
}
USAGE = {"waiting": mark("아직"), "normal": mark("사용할 수 있음"), "stopped": mark("중지")}
COMMENTS = {
    "question": mark("우리"),
    "answer": mark("공급사"),
    "approved": mark("공급사, 승인"),
    "rejected": mark("공급사, 반려"),
    "in_review": mark("공급사, 검수 중"),
}
SEVERITIES: Mapping[Severity, Pill] = {
    Severity.ERROR: ("bad", "x", mark("고쳐야 함")),
    Severity.WARNING: ("warn", "alert", mark("살펴보기")),
    Severity.HINT: ("", "note", mark("참고")),
}
ACTIONS = {
    "submit": mark("검수 요청"),
    "withdraw": mark("검수 취소"),
    "comment": mark("의견 보내기"),
    "stop": mark("중지"),
    "resume": mark("다시 쓰기"),
    "release": mark("휴면 해제"),
    "delete": mark("지우기"),
    "edit": mark("고치기"),
}
DRAFT: Pill = ("busy", "note", mark("초안"))
STOPPED: Pill = ("warn", "stop", mark("우리가 중지함"))
IN_USE: Pill = ("ok", "check", mark("사용 중"))
PAST: Pill = ("", "clock", mark("지난 버전"))
NOWHERE: Pill = ("warn", "alert", mark("등록된 곳 없음"))


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in the reader's language."""

    pill: Pill
    rule: str
    field: str
    line: int | None
    message: str
    fix: str


def told(findings: Sequence[Finding], language: str) -> list[Told]:
    """Findings as they are shown, in the order they were given."""
    return [
        Told(
            SEVERITIES[one.severity],
            one.rule,
            one.field,
            one.line,
            one.message_en if language == "en" else one.message_ko,
            one.fix_en if language == "en" else one.fix_ko,
        )
        for one in findings
    ]


def of_version(stored: Stored, one: Numbered, modes: Sequence[str]) -> Pill:
    """How a version stands, in one pill: the nearest to being sent, at accounts of these modes."""
    if one.version.submitted_at is None:
        return DRAFT
    if any(stored.in_use(mode) is one for mode in modes):
        return IN_USE
    here = [r.standing.state for r in one.registered if r.account.mode in modes]
    if one is not stored.versions[0] and not {"in_review", "registered"} & set(here):
        return PAST
    if not here:
        return NOWHERE
    return STATES[min(here, key=lambda state: RANKS[state])]


# the way of a version, and where on it one is: writing, checks, request, review, use
STEPS = (mark("쓰기"), mark("검사"), mark("검수 요청"), mark("공급사 검수"), mark("사용"))


def step(one: Numbered, modes: Sequence[str], errors: int) -> tuple[int, str]:
    """The step a version is at, from 0 (5 is past the last), and ``bad`` where it is stuck."""
    if one.version.submitted_at is None:
        return (1, "bad") if errors else (2, "")
    if any(one.is_usable(mode) for mode in modes):
        return len(STEPS), ""
    states = {r.standing.state for r in one.registered if r.account.mode in modes}
    stuck = states <= {"rejected", "refused", "blocked", "stopped", "dormant", "replaced"}
    return 3, "bad" if stuck else ""
