"""Checks of the delivery-tracking button (DS).

KakaoTalk finds courier and invoice number in the body and shows the button only where it knows both
(NHN Cloud, KakaoTalk Bizmessage troubleshooting guide, docs.nhncloud.com, 2026-06).
"""

from collections.abc import Iterator

from templates import couriers
from templates.findings import Finding, finding
from templates.lint.subject import Slot, Subject, Text

# what variables of these are called; the first table wins, since 운송장 is no 운송사
INVOICE_NAMES = ("송장", "등기번호", "등기 번호", "배송번호", "화물번호", "invoice", "tracking")
COURIER_NAMES = (
    "택배",
    "배송사",
    "배송업체",
    "배송회사",
    "운송사",
    "운송업체",
    "courier",
    "carrier",
)
SHOWN = ", ".join(list(couriers.COURIERS)[:6])


def courier(subject: Subject) -> Iterator[Finding]:
    """The body names a courier that KakaoTalk tracks (source above)."""
    body = _body(subject)
    if body is None:
        return
    fixed, slot = couriers.named(body.masked), _slot(body, COURIER_NAMES)
    if fixed is not None:
        if not fixed.is_supported:
            at = (fixed.start, fixed.end)
            yield finding("content", "courier_unsupported", fixed.name, at=at)
    elif slot is None:
        yield finding("content", "no_courier", SHOWN)
    else:
        yield from _filled(slot, subject.sample.get(slot.name))


def invoice(subject: Subject) -> Iterator[Finding]:
    """The body holds an invoice number of the courier's shape (source above)."""
    body = _body(subject)
    if body is None:
        return
    name, slot = _courier(subject, body), _slot(body, INVOICE_NAMES)
    if slot is None:
        names = [name] if name else [one for one, shapes in couriers.COURIERS.items() if shapes]
        if not any(couriers.holds_invoice(one, body.masked) for one in names):
            yield finding("content", "no_invoice")
        return
    value = subject.sample.get(slot.name)
    if name and value and not couriers.fits(name, value):
        shapes = ", ".join(couriers.COURIERS[name])
        yield finding("content", "invoice_form", f"{name} {shapes}", at=(slot.start, slot.end))


def _filled(slot: Slot, value: str | None) -> Iterator[Finding]:
    """A courier that is a variable: as good as its value."""
    at, known = (slot.start, slot.end), ", ".join(couriers.COURIERS)
    if value:
        named = couriers.named(value)
        if named is None:
            yield finding("content", "no_courier", SHOWN, at=at)
            return
        if not named.is_supported:
            yield finding("content", "courier_unsupported", named.name, at=at)
            return
    yield finding("content", "courier_variable", known, at=at)


def _courier(subject: Subject, body: Text) -> str | None:
    """The supported courier that is named in the text or in the sample value, if any."""
    named = couriers.named(body.masked)
    if named is None and (slot := _slot(body, COURIER_NAMES)):
        named = couriers.named(subject.sample.get(slot.name, ""))
    return named.name if named is not None and named.is_supported else None


def _body(subject: Subject) -> Text | None:
    """The body of a template with the button."""
    has_button = any(button.kind == "DS" for button in subject.template.buttons)
    return subject.texts.get("content") if has_button else None


def _slot(body: Text, words: tuple[str, ...]) -> Slot | None:
    """The first variable whose name says so; an invoice number's is no courier's."""
    for slot in body.slots:
        name = slot.name.lower().replace("배송장소", "")  # a place holds no 송장
        if words is COURIER_NAMES and any(word in name for word in INVOICE_NAMES):
            continue
        if any(word in name for word in words):
            return slot
    return None
