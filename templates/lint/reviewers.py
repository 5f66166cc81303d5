"""Checks of what reviewers look at: who sends, what about, no advertising, codes kept secret."""

import re
from collections.abc import Iterator

from templates import advertising
from templates.findings import Finding, finding
from templates.lint.subject import Slot, Subject, Text
from templates.template import Purpose

BRACKETS = {"[": "]", "\uff3b": "\uff3d", "【": "】", "<": ">", "〈": "〉", "(": ")"}
AD_MARK = "(광고)"
# at the end of a text; the number may be a variable, NUL in a masked text
_OPT_OUT = re.compile(r"무료 ?(?:수신 ?)?거부[\s\[\]():]*(?:080|\0)[-0-9\s\[\]()\0]*$")
LETTERS_EACH = 3  # fixed letters a variable needs beside it to be understood
SECRETS = (
    "인증 ?번호|인증 ?코드|보안 ?코드|비밀 ?번호|패스워드|일회용 ?번호|otp|passcode|password"
    "|verification ?code"
)
NEAR = 40  # characters before a variable in which such a word may speak of it
# as a variable is called, and as a text leads up to it: 인증번호는 [
_NAMED = re.compile(rf"({SECRETS})[ _]*(?:값|[0-9])?$", re.IGNORECASE)
_LED_TO = re.compile(rf"({SECRETS})(?:은|는|이|가|을|를)?[^0-9a-z가-힣]*$", re.IGNORECASE)
LINK_FIELDS = ("url_", "scheme_")


def ad_words(subject: Subject) -> Iterator[Finding]:
    """A notice invites to nothing, nor does the text message that stands in for it.

    Sources: a vendor's summary of Kakao's review guide (groobee.net/?p=25565, read 2026-11-27);
    github.com/lunasoft-org/kakao-bzm, 2025-12.
    """
    if subject.template.purpose is Purpose.AD:
        return
    for field, text in subject.read():
        found: dict[str, tuple[int, int]] = {}
        for word, start, end in advertising.words(text):
            found.setdefault(word, (start, end))
        for word, at in found.items():
            yield finding(field, "ad_words", word, at=at)


def ad_form(subject: Subject) -> Iterator[Finding]:
    """An advertising text message begins with (광고) and ends with a free number to refuse more.

    Source: NHN Cloud, SMS guide, sending policy (docs.nhncloud.com, 2026-06).
    """
    if subject.template.purpose is not Purpose.AD:
        return
    for text in subject.for_sms:
        if text.field != "sms_subject" and not text.text.lstrip().startswith(AD_MARK):
            at = subject.place(text, 0, _first_line(text.text))
            yield finding(text.field, "ad_unmarked", at=at)
        if text.field != "sms_subject" and not _OPT_OUT.search(text.masked):
            yield finding(text.field, "no_opt_out")


def sender(subject: Subject) -> Iterator[Finding]:
    """Body and text message begin with the sender's name in brackets; a variable in them counts.

    A text message with advertising must name its sender (NHN Cloud, SMS guide, docs.nhncloud.com,
    2026-06); for notices it is a habit of approved ones, our advice.
    """
    for field in ("content", "sms", "lms"):
        text = subject.texts.get(field)
        if text is not None and not names_sender(text.text):
            yield finding(field, "no_sender", at=(0, _first_line(text.text)))


def names_sender(text: str) -> bool:
    """Whether a text begins with something in brackets, behind the mark of advertising if any."""
    text = text.lstrip().removeprefix(AD_MARK).lstrip()
    end = text.find(BRACKETS.get(text[:1], "\0"), 1, _first_line(text))
    return end > 1 and bool(text[1:end].strip())


def beginning(subject: Subject) -> Iterator[Finding]:
    """The body does not begin with a variable: our advice, no guide states it."""
    if (body := subject.texts.get("content")) and body.slots:
        first = body.slots[0]
        if not body.text[: first.start].strip():
            yield finding("content", "starts_with_variable", at=(first.start, first.end))


def substance(subject: Subject) -> Iterator[Finding]:
    """The fixed words say what the notice is about; the number is ours, no guide has one."""
    if (body := subject.texts.get("content")) and body.slots:
        count = sum(map(str.isalnum, body.compiled.literal))
        limit = LETTERS_EACH * len(body.slots)
        if count < limit:
            yield finding("content", "mostly_variables", limit=limit, count=count)


def secrets(subject: Subject) -> Iterator[Finding]:
    """What carries a one-time code or a password hides on secondary devices.

    Source: NHN Cloud, KakaoTalk Bizmessage guide (docs.nhncloud.com, 2026-06: securityFlag).
    """
    shown = () if subject.template.security else subject.bubble
    for text in shown:
        if text.field.rpartition(".")[2].startswith(LINK_FIELDS):
            continue
        for slot in text.slots:
            if word := _secret(text, slot):
                at = (slot.start, slot.end)
                yield finding(text.field, "needs_security", word, at=at)
                break


def _secret(text: Text, slot: Slot) -> str:
    """The word that makes a variable a secret: its own name, or what leads up to it."""
    before = text.masked[max(0, slot.start - NEAR) : slot.start].rpartition("\0")[2]
    name = slot.name.strip()[-NEAR:]
    found = _NAMED.search(name) or _LED_TO.search(before.rpartition("\n")[2])
    return found[1] if found else ""


def _first_line(text: str) -> int:
    end = text.find("\n")
    return len(text) if end < 0 else end
