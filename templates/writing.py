"""A template written as TOML: the same one gives the same text, and the text reads back equal.

Only what is not at its default is written, in an order people read: code and name, the text, what
stands around it, the plan, the sample values.
"""

import re
from collections.abc import Mapping
from typing import Any

from templates.files import BLOCKS
from templates.template import Template

Value = str | bool | int | list[str]

PLAIN = (
    "code", "name", "category", "message_type", "emphasis", "security", "header", "title",
    "subtitle", "image", "content", "extra", "sms", "lms", "sms_subject", "sms_picture",
    "when_unknown", "retention_class", "purpose", "limits",
)  # fmt: skip
TABLES = (
    "highlight", "items", "summary", "buttons", "quick_replies", "link", "send_window", "plan",
)  # fmt: skip

_DEFAULTS = Template(code="", name="", content="").to_mapping()
_BARE = re.compile("[A-Za-z0-9_-]+")
_ESCAPES = {"\\": "\\\\", '"': '\\"', '"""': '""\\"', "\n": "\\n", "\t": "\\t"}
_SPECIAL = re.compile(r'[\\"\x00-\x1f\x7f]')
_SPECIAL_IN_BLOCK = re.compile(r'[\\\x00-\x08\x0b-\x1f\x7f]|"""')


def write(
    template: Template,
    sample: Mapping[str, str],
    lengths: Mapping[str, int] | None = None,
    head: str = "",
) -> str:
    """The text of a template file. ``head``: comment lines that stand above it."""
    written = fields(template)
    parts = ["".join(written[name] for name in PLAIN if name in written)]
    parts += [written[name] for name in TABLES if name in written]
    parts += [
        _table(name, rows) for name, rows in (("sample", sample), ("lengths", lengths)) if rows
    ]
    return head + "\n".join(parts)


def fields(template: Template) -> dict[str, str]:
    """By field the lines that write it, for the fields that are not at their default."""
    data = template.to_mapping()
    return {
        name: _field(name, data[name])
        for name in (*PLAIN, *TABLES)
        if name in data and data[name] != _DEFAULTS.get(name)
    }


def _field(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return _table(name, value)
    if name in TABLES:
        return "\n".join(f"[[{name}]]\n{_lines(row)}" for row in value)
    if name in BLOCKS and "\n" in value:
        return f"{name} = {_block(value)}\n"
    return _line(name, value)


def _table(name: str, rows: Mapping[str, Value]) -> str:
    return f"[{name}]\n{_lines(rows)}"


def _lines(rows: Mapping[str, Value]) -> str:
    return "".join(_line(name, value) for name, value in rows.items())


def _line(name: str, value: Value) -> str:
    return f"{name if _BARE.fullmatch(name) else _text(name)} = {_value(value)}\n"


def _value(value: Value) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else _text(value)


def _text(text: str) -> str:
    return f'"{_SPECIAL.sub(_escaped, text)}"'


def _block(text: str) -> str:
    """Several lines; the line end before the closing quotes is taken off again when it is read."""
    return f'"""\n{_SPECIAL_IN_BLOCK.sub(_escaped, text)}\n"""'


def _escaped(found: re.Match[str]) -> str:
    text = found[0]
    return _ESCAPES.get(text) or f"\\u{ord(text):04X}"
