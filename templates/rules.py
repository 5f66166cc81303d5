"""The rules of a template that concern more than one field.

Error numbers are those of the NHN Cloud "KakaoTalk Bizmessage" guide (2026-06).
"""

from templates import buttons as button_rules
from templates import parts, windows
from templates import plan as plans
from templates.limits import LMS_BYTES, SUBJECT_BYTES
from templates.reader import Reader
from templates.template import Template
from templates.text import NotEncodable, byte_length, clean
from templates.variables import BadVariable, Compiled, parse

WITH_EXTRA = {"EX", "MI"}
LIST_PARTS = ("header", "highlight", "items", "summary")


def check(template: Template, reader: Reader) -> None:
    """Add what is wrong, for fields without a finding of their own."""
    flagged = {found.field for found in reader.findings}
    found = Reader({})
    button_rules.place(found, template.buttons, template.message_type)
    _parts(template, found)
    _lists(template, found)
    _replies(template, found)
    _lengths(template, found)
    compiled = _variables(template, found)
    _sms(template, found, compiled)
    if template.purpose == "ad" and template.uses(plans.Channel.ALIMTALK):
        found.add("purpose", "ad_on_alimtalk")
    if windows.is_vain(template.send_window, is_ad=template.purpose == "ad"):
        found.add("send_window", "window_never_open")
    reader.findings += [one for one in found.findings if one.field not in flagged]


def _parts(template: Template, found: Reader) -> None:
    kind, emphasis = template.message_type, template.emphasis
    for field, because, wanted, may in (  # -3018, -3020, -3028, -3030; -3016, -3027; -3032
        ("extra", kind.value, kind in WITH_EXTRA, kind in WITH_EXTRA),
        ("title", emphasis.value, emphasis == "TEXT", emphasis == "TEXT"),
        ("subtitle", emphasis.value, emphasis == "TEXT", emphasis == "TEXT"),
        ("image", emphasis.value, emphasis == "IMAGE", emphasis in {"IMAGE", "ITEM_LIST"}),
    ):
        given = bool(getattr(template, field).strip())
        if wanted and not given:
            found.add(field, "needed_by", because)
        elif given and not may:
            found.add(field, "not_allowed", because)
    for field in ("subtitle", "extra", "name"):
        found.no_variables(field, getattr(template, field))  # -3017, -3021
    if template.title.endswith("\\s"):  # -3047
        end = len(template.title)
        found.add("title", "strike_through", at=(end - 2, end))


def _lists(template: Template, found: Reader) -> None:
    given = [name for name in LIST_PARTS if getattr(template, name)]
    if template.emphasis != "ITEM_LIST":
        for name in given:
            found.add(name, "not_allowed", template.emphasis.value)
        return
    if not given and not template.image:  # -3035
        found.add("items", "list_empty")
    if template.summary is not None and not template.items:  # -3039
        found.add("items", "needed_by", "summary")
    if template.security:  # -3036
        found.add("security", "not_allowed", template.emphasis.value)
    amount = template.summary.description if template.summary is not None else ""
    if amount and "#{" not in amount and not parts.is_amount(amount):  # Kakao 3040
        found.add("summary.description", "bad_amount")


def _replies(template: Template, found: Reader) -> None:
    limit = template.bounds.buttons_beside
    if template.quick_replies and len(template.buttons) > limit:  # -2505
        found.add("buttons", "too_many_beside", limit=limit, count=len(template.buttons))


def _lengths(template: Template, found: Reader) -> None:
    room = template.bounds.room(template.message_type, template.emphasis)
    count = len(template.content) + len(template.extra)
    if count > room:
        at = (max(0, room - len(template.extra)), len(template.content))
        found.add("content", "too_long", limit=room, count=count, at=at)


def _variables(template: Template, found: Reader) -> dict[str, Compiled]:
    compiled: dict[str, Compiled] = {}
    for field, text in template.texts():
        try:
            compiled[field] = parse(text)
        except BadVariable as bad:
            found.add(field, "bad_variable", str(bad), at=bad.at)
    names = {name for text in compiled.values() for name in text.names}
    limit = template.bounds.variables
    if len(names) > limit:
        found.add("content", "too_many", limit=limit, count=len(names))
    return compiled


def _sms(template: Template, found: Reader, compiled: dict[str, Compiled]) -> None:
    """What is wrong before any value is filled in would be wrong with every message."""
    bounds = [("sms_subject", template.sms_subject, SUBJECT_BYTES)]
    if template.sms is not None or template.lms is not None or template.uses(plans.Channel.SMS):
        bounds.append((template.sms_field, template.sms_source, LMS_BYTES))
    for field, source, limit in bounds:
        if field in compiled:
            _bytes(found, field, source, compiled[field].masked, limit)
    if template.lms is not None and template.sms is not None and "lms" in compiled:
        # too long is no fault of it: the short text then takes its place
        _bytes(found, "lms", template.lms, compiled["lms"].masked, None)


def _bytes(found: Reader, field: str, source: str, own: str, limit: int | None) -> None:
    """``own``: the field's own text, masked; ``source`` may go on with links."""
    try:
        count = byte_length(clean(parse(source).literal).text)
    except NotEncodable as bad:
        chars = " ".join(f"{ch}(U+{ord(ch):04X})" for ch in bad.chars)
        start = own.find(bad.chars[0])
        found.add(field, "not_encodable", chars, at=(start, start + 1) if start >= 0 else None)
    except BadVariable:  # a broken link: it has its own finding
        return
    else:
        if limit is not None and count > limit:
            rule = "needs_sms_variant" if field == "content" else "too_many_bytes"
            found.add(field, rule, limit=limit, count=count)
