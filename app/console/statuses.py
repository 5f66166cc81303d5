"""Statuses as people read them: a word, an icon and a tone; the same ones on every page."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.console.words import mark


@dataclass(frozen=True, slots=True)
class Status:
    """``tone`` is a class of the pill; ``words`` are to be translated where they are shown."""

    tone: str
    icon: str
    words: str


MESSAGES: Mapping[str, Status] = {
    "scheduled": Status("busy", "clock", mark("예약됨")),
    "held": Status("warn", "pause", mark("기다리는 중")),
    "queued": Status("busy", "check", mark("접수")),
    "sending": Status("busy", "send", mark("보내는 중")),
    "unknown": Status("doubt", "q", mark("확인 중")),
    "sent": Status("busy", "send", mark("보냄")),
    "delivered": Status("ok", "check", mark("도착")),
    "failed": Status("bad", "x", mark("실패")),
    "expired": Status("", "clock", mark("기한 지남")),
    "cancelled": Status("", "stop", mark("취소됨")),
    "blocked": Status("bad", "lock", mark("막음")),
    "no_report": Status("doubt", "q", mark("결과 없음")),
}
ATTEMPTS: Mapping[str, Status] = {
    "queued": Status("busy", "clock", mark("차례를 기다림")),
    "sending": Status("busy", "send", mark("보내는 중")),
    "unknown": Status("doubt", "q", mark("확인 중")),
    "accepted": Status("busy", "send", mark("보냄")),
    "delivered": Status("ok", "check", mark("도착")),
    "undelivered": Status("bad", "x", mark("도착 못 함")),
    "rejected": Status("bad", "x", mark("거절됨")),
    "expired": Status("", "clock", mark("기한 지남")),
    "cancelled": Status("", "stop", mark("취소됨")),
    "no_report": Status("doubt", "q", mark("결과 없음")),
}
FALLBACK = Status("alt", "swap", mark("문자로 대체"))
ROUTES: Mapping[str, str] = {
    "alimtalk": mark("알림톡"),
    "sms": mark("SMS"),
    "lms": mark("LMS"),
    "mms": mark("MMS"),
    "push": mark("앱 푸시"),
}


def of_message(status: str) -> Status:
    """One that is not known yet is shown by its own name."""
    return MESSAGES.get(status, Status("", "q", status))


def of_attempt(status: str) -> Status:
    """As :func:`of_message`, of one try."""
    return ATTEMPTS.get(status, Status("", "q", status))


def route(name: str) -> str:
    """A route's name, to be translated."""
    return ROUTES.get(name, name)
