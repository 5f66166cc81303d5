"""Reading a template from TOML or JSON data: every finding, never only the first."""

from templates import buttons, parts, plan, rules, windows
from templates.findings import Finding, TemplateProblem
from templates.limits import COMMON, PROVIDERS
from templates.reader import Reader
from templates.template import Emphasis, MessageType, Purpose, Template, WhenUnknown


def read_template(data: object) -> Template:
    """A template from a mapping; absent and null fields take their defaults.

    Raises TemplateProblem with everything that forbids storing it.
    """
    template, findings = examine(data)
    if findings:
        raise TemplateProblem(findings)
    return template


def examine(data: object) -> tuple[Template, list[Finding]]:
    """What can be read of a template, and everything that forbids storing it.

    With findings, the template holds defaults where something could not be read: good for looking
    at, never for sending.
    """
    reader = Reader(data)
    template = _fields(reader)
    rules.check(template, reader)
    return template, reader.findings


def _fields(reader: Reader) -> Template:
    reader.only(Template.__slots__)
    row = _row(reader)
    limits = PROVIDERS[row]
    return Template(
        code=reader.matching("code", "[A-Za-z0-9_-]+", limits.code),
        name=reader.text("name", limits.name, required=True),
        content=reader.text("content", required=True, lines=True),
        message_type=reader.choice("message_type", MessageType, MessageType.BASIC),
        emphasis=reader.choice("emphasis", Emphasis, Emphasis.NONE),
        title=reader.text("title", limits.title),
        subtitle=reader.text("subtitle", limits.subtitle),
        extra=reader.text("extra", limits.extra, lines=True),
        buttons=tuple(buttons.read(one, limits) for one in reader.items("buttons", limits.buttons)),
        category=reader.matching("category", "[0-9]{6}", 6, "999999"),
        security=reader.flag("security"),
        sms=reader.text("sms", lines=True) or None,
        sms_subject=reader.text("sms_subject"),
        plan=plan.read(reader),
        when_unknown=reader.choice("when_unknown", WhenUnknown, WhenUnknown.HOLD),
        retention_class=reader.matching("retention_class", "[a-z][a-z0-9_]*", 20, "standard"),
        purpose=reader.choice("purpose", Purpose, Purpose.INFO),
        send_window=windows.read(reader),
        header=reader.text("header", limits.header),
        highlight=parts.highlight(reader, limits),
        items=parts.items(reader, limits),
        summary=parts.summary(reader, limits),
        quick_replies=tuple(
            buttons.read(one, limits, buttons.QuickKind)
            for one in reader.items("quick_replies", limits.quick_replies)
        ),
        link=parts.links(reader, limits),
        image=parts.picture(reader, "image"),
        lms=reader.text("lms", lines=True) or None,
        sms_picture=parts.picture(reader, "sms_picture"),
        limits=row,
    )


def _row(reader: Reader) -> str:
    """Which row of limits it was written for."""
    given = reader.data.get("limits")
    if given is None:
        return COMMON
    if not isinstance(given, str) or given not in PROVIDERS:
        reader.add("limits", "bad_choice", ", ".join(PROVIDERS))
        return COMMON
    return given
