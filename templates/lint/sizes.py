"""Checks of lengths: what values may overflow, what phones cut, SMS or LMS."""

from collections.abc import Iterator

from templates.compiled import slot_limits
from templates.findings import Finding, finding
from templates.limits import LMS_BYTES, SMS_BYTES, SUBJECT_BYTES
from templates.lint.subject import NOTHING, Subject, Text
from templates.text import SYMBOLS

# characters before the ellipsis on Android and on iOS
SHOWN = {"title": (23, 27), "subtitle": (18, 21)}


def overflow(subject: Subject) -> Iterator[Finding]:
    """Limits hold after filling, per field as in :mod:`templates.limits`.

    Sources: NHN Cloud guide (docs.nhncloud.com, 2026-06); github.com/lunasoft-org/kakao-bzm,
    2025-12.
    """
    template = subject.template
    limits: dict[tuple[str, str], int] = slot_limits(template)
    limits["content", ""] = template.bounds.room(template.message_type, template.emphasis)
    limits["title", ""] = template.bounds.title
    for text in subject.bubble:
        place, _, name = text.field.partition(".")
        limit = limits[place.partition("[")[0], name]
        count = subject.chars(text) + (len(template.extra) if text.field == "content" else 0)
        if text.slots and count > limit:
            yield finding(text.field, "may_overflow", limit=limit, count=count)


def overflow_bytes(subject: Subject) -> Iterator[Finding]:
    """An LMS holds 2,000 bytes, its subject 40; a value's length counts two bytes a character.

    Source: NHN Cloud, SMS guide (docs.nhncloud.com, 2026-06).
    """
    bodies = [text for text in subject.for_sms if text.field != "sms_subject"]
    counts = [subject.bytes(text) for text in bodies]
    # the long text stands in for a short one that is too long, so both must be
    if bodies and bodies[0].slots and min(counts) > LMS_BYTES:
        field = bodies[0].field
        yield finding(field, "may_overflow_bytes", limit=LMS_BYTES, count=counts[0])
    for text in subject.for_sms:
        if text.field == "sms_subject" and text.slots:
            count = subject.bytes(text)
            if count > SUBJECT_BYTES:
                limit = SUBJECT_BYTES
                yield finding(text.field, "may_overflow_bytes", limit=limit, count=count)


def as_lms(subject: Subject) -> Iterator[Finding]:
    """Over 90 bytes it goes as LMS (NHN Cloud, SMS guide, docs.nhncloud.com, 2026-06)."""
    text = next(iter(subject.for_sms), None)
    if text is None or text.field == "lms" or subject.template.sms_picture:
        return
    count = subject.bytes(text)
    if count > SMS_BYTES:
        start = cut(subject, text, SMS_BYTES)
        own = len(subject.texts[text.field].text) if text.field in subject.texts else 0
        at = (start, own) if start < own else None  # None: the body fits, its links do not
        yield finding(text.field, "goes_as_lms", limit=SMS_BYTES, count=count, at=at)


def cut(subject: Subject, text: Text, limit: int) -> int:
    """Where in a text the first character stands that no longer fits ``limit`` bytes."""
    slots = {slot.start: slot for slot in text.slots}
    at = taken = 0
    while at < len(text.text):
        slot = slots.get(at)
        taken += subject.sizes.get(slot.name, NOTHING).bytes if slot else _width(text.text[at])
        if taken > limit:
            return at
        at = slot.end if slot else at + 1
    return at


def ellipsis(subject: Subject) -> Iterator[Finding]:
    """Phones cut long titles and subtitles with an ellipsis.

    Source: NHN Cloud, KakaoTalk Bizmessage guide (docs.nhncloud.com, 2026-06).
    """
    counts = {"subtitle": len(subject.template.subtitle)}
    if title := subject.texts.get("title"):
        counts["title"] = subject.chars(title)
    for field, count in counts.items():
        android, ios = SHOWN[field]
        if count > android:
            detail = f"Android {android}" if count <= ios else f"Android {android}, iOS {ios}"
            yield finding(field, "ellipsis", detail, limit=android, count=count)


def first_time(subject: Subject) -> Iterator[Finding]:
    """A value may add 14 characters for a sender profile that is new.

    Source: NHN Cloud, KakaoTalk Bizmessage guide (docs.nhncloud.com, 2026-06, error -1028).
    """
    limit = subject.template.bounds.first_time_value
    names = {name for text in subject.bubble for name in text.compiled.slots}
    for name in sorted(names & subject.sizes.keys()):
        if (count := subject.sizes[name].chars) > limit:
            table = "lengths" if name in subject.lengths else "sample"
            yield finding(f"{table}.{name}", "first_time_value", limit=limit, count=count)


def samples(subject: Subject) -> Iterator[Finding]:
    """A sample is no longer than its variable may be: our advice."""
    for name, most in subject.lengths.items():
        if (count := len(subject.sample.get(name, ""))) > most:
            yield finding(f"sample.{name}", "sample_over_length", limit=most, count=count)


def _width(ch: str) -> int:
    sent = SYMBOLS.get(ch, ch)
    return sum(1 if ord(one) < 0x80 else 2 for one in sent)
