"""The file of a rule bot: a TOML menu, its keywords and look-ups, read strictly.

Nothing in it is executed: texts have ``#{name}`` and nothing more. Everything wrong is said at
once, with line, field and remedy. The form is in docs/bots.md.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from app.services import rule_checks
from app.services.bot_replies import LINK_NAME, LONGEST, MOST_LINKS, Link, plain
from app.services.rule_bots import MOST_CHOICES, TEXTS, Page, Rules
from templates.findings import Finding, Severity, finding
from templates.lines import Lines
from templates.reader import Reader
from templates.variables import BadVariable, Compiled, parse
from templates.windows import DAYS

MAX_BYTES = 65_536
MOST_PAGES, MOST_WORDS, MOST_LOOKUPS = 100, 500, 10
LABEL = 20
NAME = "[a-z][a-z0-9_-]{0,39}"
SPAN = r"([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)"
_AT_LINE = re.compile(r"at line (\d+)")
_WEB = re.compile(r"https?://[^\s]+")


class BadRules(ValueError):
    """A file that cannot be used; ``findings`` name everything found, never empty."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(f"{one.field}: {one.message_en}" for one in self.findings))


@lru_cache(maxsize=64)
def load(text: str) -> Rules:
    """The rules of a text that is kept. Raises BadRules."""
    rules, findings = examine(text)
    errors = [one for one in findings if one.severity is Severity.ERROR]
    if errors:
        raise BadRules(errors)
    return rules


def examine(text: str) -> tuple[Rules, tuple[Finding, ...]]:
    """What can be read of a file, and everything to say about it, with lines where known."""
    try:
        data = _parse(text)
    except BadRules as bad:
        return Rules("", TEXTS, {}), bad.findings
    reader = Reader(data)
    rules = _rules(reader)
    found = [*reader.findings, *rule_checks.check(rules)]
    lines = Lines(text)
    return rules, tuple(replace(one, line=_line(lines, one.field)) for one in found)


def _parse(text: str) -> dict[str, Any]:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise BadRules([finding("", "too_large", limit=MAX_BYTES)])
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except RecursionError:
        raise BadRules([finding("", "bad_toml", "nesting")]) from None
    except ValueError as bad:  # TOMLDecodeError, and numbers Python refuses
        at = _AT_LINE.search(str(bad))
        line = int(at[1]) if at else text.count("\n") + 1
        raise BadRules([replace(finding("", "bad_toml", str(bad)), line=line)]) from None


def _line(lines: Lines, path: str) -> int | None:
    """The line of a field, of the list it is in, or of the table around it."""
    while path:
        if line := lines.exactly(path):
            return line
        shorter = re.sub(r"\[\d+\]$", "", path)
        path = shorter if shorter != path else path.rpartition(".")[0]
    return None


def _rules(reader: Reader) -> Rules:
    reader.only(("start", "texts", "hours", "menus", "keywords", "lookups", "voice"))
    pages = _pages(reader)
    return Rules(
        start=reader.matching("start", NAME, 40, "start"),
        texts=_texts(_table(reader, "texts")),
        pages=pages,
        keywords=_keywords(reader),
        lookups=_lookups(_table(reader, "lookups")),
        hours=_hours(_table(reader, "hours")),
        voice=_voice(_table(reader, "voice")),
    )


def _table(reader: Reader, name: str) -> Reader:
    return Reader(reader.data.get(name, {}), reader.at(name), reader.findings)


def _texts(reader: Reader) -> dict[str, str]:
    reader.only(TEXTS)
    found = {}
    for name, usual in TEXTS.items():
        limit = LABEL if name.endswith("_label") else LONGEST
        text = reader.text(name, limit, lines=not name.endswith("_label"))
        reader.no_variables(name, text)
        found[name] = text.strip() or usual
    return found


def _pages(reader: Reader) -> dict[str, Page]:
    tables = _table(reader, "menus")
    names = list(tables.data)
    if len(names) > MOST_PAGES:
        reader.add("menus", "too_many", limit=MOST_PAGES, count=len(names))
    found = {}
    for name in names[:MOST_PAGES]:
        if not isinstance(name, str) or not re.fullmatch(NAME, name):
            tables.add(str(name), "bad_format", NAME)
            continue
        found[name] = _page(name, _table(tables, name))
    return found


def _page(name: str, reader: Reader) -> Page:
    reader.only(("text", "without", "choices", "links", "lookup", "ask", "none"))
    return Page(
        name=name,
        text=_compiled(reader, "text", reader.text("text", LONGEST, required=True, lines=True)),
        without=_fixed(reader, "without"),
        choices=tuple(_choice(one) for one in reader.items("choices", MOST_CHOICES)),
        links=tuple(_link(one) for one in reader.items("links", MOST_LINKS)),
        lookup=reader.matching("lookup", NAME, 40, required=False),
        ask=_fixed(reader, "ask"),
        none=_fixed(reader, "none"),
    )


def _fixed(reader: Reader, name: str) -> str:
    text = reader.text(name, LONGEST, lines=True)
    reader.no_variables(name, text)
    return text.strip()


def _compiled(reader: Reader, name: str, text: str) -> Compiled:
    try:
        return parse(text.strip())
    except BadVariable as bad:
        reader.add(name, "bad_variable", bad.rule, at=bad.at)
        return Compiled(("",))


def _choice(reader: Reader) -> tuple[str, str]:
    reader.only(("label", "go"))
    label = reader.text("label", LABEL, required=True)
    reader.no_variables("label", label)
    return label, reader.matching("go", NAME, 40)


def _link(reader: Reader) -> Link:
    reader.only(("name", "url"))
    name = reader.text("name", LINK_NAME, required=True)
    url = reader.text("url", 1_000, required=True)
    if url and not _WEB.fullmatch(url):
        reader.add("url", "bad_link", "https://")
    return Link(name, url)


def _keywords(reader: Reader) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for row in reader.items("keywords", MOST_PAGES):
        row.only(("words", "go"))
        go = row.matching("go", NAME, 40)
        for word in _strings(row, "words"):
            key = plain(word)
            if not 2 <= len(key) <= 30:
                row.add("words", "out_of_range", "2–30", limit=30)
            elif found.setdefault(key, go) != go:
                row.findings.append(rule_checks.twice(row.at("words"), word))
    if len(found) > MOST_WORDS:
        reader.add("keywords", "too_many", limit=MOST_WORDS, count=len(found))
    # the longest first: "배송지 변경" is not "배송"
    return tuple(sorted(found.items(), key=lambda pair: -len(pair[0])))


def _strings(reader: Reader, name: str) -> list[str]:
    value = reader.data.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        reader.add(name, "wrong_type", 'array ["…"]')
        return []
    return value[:MOST_WORDS]


def _lookups(reader: Reader) -> dict[str, str]:
    if len(reader.data) > MOST_LOOKUPS:
        reader.add("", "too_many", limit=MOST_LOOKUPS, count=len(reader.data))
    found = {}
    for name in list(reader.data)[:MOST_LOOKUPS]:
        row = _table(reader, str(name))
        row.only(("url",))
        found[str(name)] = row.matching("url", r"https?://[^\s]+", 2_000)
    return found


def _hours(reader: Reader) -> dict[int, tuple[tuple[int, int], ...]]:
    reader.only(DAYS)
    found = {}
    for number, day in enumerate(DAYS):
        if day not in reader.data:
            continue
        value = reader.data[day]
        spans = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) and re.fullmatch(SPAN, one) for one in spans):
            reader.add(day, "bad_format", '["09:00-12:00", "13:00-18:00"]')
            continue
        found[number] = tuple(_span(str(one)) for one in spans)
        if any(start >= end for start, end in found[number]):
            reader.add(day, "out_of_range", "09:00-18:00")
    return found


def _span(text: str) -> tuple[int, int]:
    start, end = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
    return start, end


def _voice(reader: Reader) -> dict[str, str]:
    return {
        plain(str(name)): reader.matching(str(name), NAME, 40)
        for name in list(reader.data)[:MOST_PAGES]
    }
