"""Checks of characters: what a text message makes of them, blanks nobody sees, emoji."""

import re
from collections.abc import Iterator

from templates.findings import Finding, finding
from templates.lint.subject import Subject
from templates.text import SYMBOLS, NotEncodable, clean, outside_euc_kr

MOST_SHOWN = 10
_EMOJI = re.compile("[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
SENT_AS = SYMBOLS | {"\t": " "}


def mapped(subject: Subject) -> Iterator[Finding]:
    """What Korean text messages have no place for is sent as something near, or left out.

    What cannot be sent at all is an error. Source: NHN Cloud, SMS guide (docs.nhncloud.com,
    2026-06: EUC-KR).
    """
    for text in subject.for_sms:
        for ch in dict.fromkeys(text.masked):
            becomes = SENT_AS.get(ch)
            if becomes is None:
                continue
            start, code = text.masked.index(ch), f"U+{ord(ch):04X}"
            rule = "mapped_character" if becomes else "dropped_character"
            detail = f"{ch.strip()}({code}) → {becomes!r}" if becomes else code
            at = subject.place(text, start, start + 1)
            yield finding(text.field, rule, detail, count=text.masked.count(ch), at=at)


def spoilt(subject: Subject) -> Iterator[Finding]:
    """No syllables that a provider limited to plain EUC-KR spoils: 8,822 of the 11,172.

    Source: NHN Cloud, SMS guide (docs.nhncloud.com, 2026-06: EUC-KR).
    """
    for text in subject.for_sms:
        try:
            chars = outside_euc_kr(clean(text.compiled.literal).text)
        except NotEncodable:
            continue
        if chars:
            start = text.masked.index(chars[0])
            detail = "".join(chars[:MOST_SHOWN]) + ("…" if len(chars) > MOST_SHOWN else "")
            at = subject.place(text, start, start + 1)
            yield finding(text.field, "spoilt_in_euc_kr", detail, count=len(chars), at=at)


def blanks(subject: Subject) -> Iterator[Finding]:
    """No blanks nobody sees: they count, and must match the approved text (our advice)."""
    for field in ("content", "sms", "lms", "title"):
        if field in subject.texts:
            yield from _blanks(field, subject.texts[field].text)
    yield from _blanks("extra", subject.template.extra)


def emoji(subject: Subject) -> Iterator[Finding]:
    """No emoji: with them the text message that stands in for the notice fails.

    Source: NHN Cloud, KakaoTalk Bizmessage guide (docs.nhncloud.com, 2026-06: resend).
    """
    for field, text in subject.read():
        places = [found.start() for found in _EMOJI.finditer(text) if not _is_sign(found[0])]
        if places and field not in ("sms", "lms", "sms_subject"):  # there they are errors
            kinds = list(dict.fromkeys(text[at] for at in places))[:MOST_SHOWN]
            at = (places[0], places[0] + 1)
            yield finding(field, "emoji", " ".join(kinds), count=len(places), at=at)


def _blanks(field: str, text: str) -> Iterator[Finding]:
    empty: list[int] = []
    trailing: list[tuple[int, int]] = []
    start, run = 0, 0
    for line in text.split("\n"):
        bare = line.rstrip(" \t\u00a0\u3000")
        run = 0 if bare else run + 1
        if run == 2:
            empty.append(start)
        if len(bare) < len(line):
            trailing.append((start + len(bare), start + len(line)))
        start += len(line) + 1
    if text and text.endswith("\n"):
        trailing.append((len(text.rstrip()), len(text)))
    if empty:
        at = (empty[0], empty[0] + 1)
        yield finding(field, "blank_lines", count=len(empty), at=at)
    if trailing:
        yield finding(field, "trailing_blanks", count=len(trailing), at=trailing[0])


def _is_sign(ch: str) -> bool:
    """Whether a text message can carry it, as ★ and ☎, or something like it."""
    try:
        ch.encode("cp949")
    except UnicodeEncodeError:
        return ch in SYMBOLS
    return True
