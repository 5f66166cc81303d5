"""What a rule bot's file says about itself: places that lead nowhere, values nobody gives."""

from collections.abc import Iterable, Iterator, Mapping

from app.services.rule_bots import PERSON, Page, Rules
from templates.findings import Finding, Severity

# rule → (ko, en, fix_ko, fix_en)
WORDS = {
    "unknown_page": (
        "없는 메뉴로 가요: {detail}",
        "It leads to a menu that is not there: {detail}",
        "[menus.{detail}]을(를) 만들거나 있는 이름으로 바꿔 주세요. 상담원은 person이에요.",
        "Add [menus.{detail}], or name one that is there; a person is `person`.",
    ),
    "unknown_lookup": (
        "없는 조회예요: {detail}",
        "There is no such look-up: {detail}",
        "[lookups.{detail}]에 주소를 적어 주세요.",
        "Give its address in [lookups.{detail}].",
    ),
    "no_without": (
        "값이 없을 수 있는 변수가 있어요: {detail}",
        "It has variables that may have no value: {detail}",
        "알림 없이 온 고객에게 할 말을 without에 적어 주세요.",
        "Say in `without` what a customer hears who came without a notice.",
    ),
    "needs_lookup": (
        "lookup이 없으면 쓸 수 없어요.",
        "Not without `lookup`.",
        "lookup을 적거나 이 항목을 지워 주세요.",
        "Name a lookup, or delete this.",
    ),
    "word_twice": (
        "한 단어가 두 곳으로 가요: {detail}",
        "One word leads to two places: {detail}",
        "한 곳에만 남겨 주세요.",
        "Keep it in one place.",
    ),
    "label_twice": (
        "같은 선택지가 두 번 있어요: {detail}",
        "A choice is there twice: {detail}",
        "하나의 이름을 바꿔 주세요.",
        "Rename one.",
    ),
    "reserved_name": (
        "person은 상담원을 뜻하는 이름이에요.",
        "`person` is the name for a person.",
        "메뉴의 이름을 바꿔 주세요.",
        "Give the menu another name.",
    ),
    "needs_hours": (
        "hours가 없으면 이 말을 할 때가 없어요.",
        "Without `hours` there is never a time to say it.",
        "[hours]를 적거나 이 문구를 지워 주세요.",
        "Add [hours], or delete this text.",
    ),
    "unreachable": (
        "이 메뉴로 가는 길이 없어요.",
        "Nothing leads to this menu.",
        "선택지나 keywords에서 이 메뉴로 보내거나 지워 주세요.",
        "Lead to it from a choice or a keyword, or delete it.",
    ),
}


def check(rules: Rules) -> list[Finding]:
    """Everything wrong between the parts of a file."""
    found = [*_targets(rules), *_texts(rules)]
    for name, page in rules.pages.items():
        found += _page(rules, f"menus.{name}", page)
    return found + [
        _finding(f"menus.{name}", "unreachable", severity=Severity.WARNING)
        for name in rules.pages.keys() - _reached(rules)
    ]


def twice(path: str, word: str) -> Finding:
    """A keyword of two places."""
    return _finding(path, "word_twice", word[:40])


def _targets(rules: Rules) -> Iterator[Finding]:
    there = rules.pages.keys() | {PERSON}
    if rules.start not in rules.pages:
        yield _finding("start", "unknown_page", rules.start)
    if PERSON in rules.pages:
        yield _finding(f"menus.{PERSON}", "reserved_name")
    gone = dict.fromkeys(go for _, go in rules.keywords if go and go not in there)
    yield from (_finding("keywords", "unknown_page", go) for go in gone)
    for name, go in rules.voice.items():
        if go and go not in there:
            yield _finding(f"voice.{name}", "unknown_page", go)


def _texts(rules: Rules) -> Iterator[Finding]:
    if rules.texts["closed"] and not rules.hours:
        yield _finding("texts.closed", "needs_hours")


def _page(rules: Rules, path: str, page: Page) -> Iterator[Finding]:
    there = rules.pages.keys() | {PERSON}
    for at, (_, go) in enumerate(page.choices):
        if go and go not in there:
            yield _finding(f"{path}.choices[{at}].go", "unknown_page", go)
    labels = [label for label, _ in page.choices]
    for label in sorted({one for one in labels if labels.count(one) > 1}):
        yield _finding(f"{path}.choices", "label_twice", label)
    if page.lookup and page.lookup not in rules.lookups:
        yield _finding(f"{path}.lookup", "unknown_lookup", page.lookup)
    if not page.lookup:
        given: Mapping[str, str] = {"ask": page.ask, "none": page.none}
        yield from (_finding(f"{path}.{name}", "needs_lookup") for name in given if given[name])
    if page.text.names and not (page.without or page.lookup):
        yield _finding(f"{path}.text", "no_without", ", ".join(page.text.names)[:80])


def _reached(rules: Rules) -> set[str]:
    found: set[str] = set()
    ways: list[str] = [rules.start, *(go for _, go in rules.keywords), *rules.voice.values()]
    while ways:
        name = ways.pop()
        if name in rules.pages and name not in found:
            found.add(name)
            ways += _ways(rules.pages[name].choices)
    return found


def _ways(choices: Iterable[tuple[str, str]]) -> list[str]:
    return [go for _, go in choices]


def _finding(
    path: str, rule: str, detail: str = "", *, severity: Severity = Severity.ERROR
) -> Finding:
    korean, english, fix_ko, fix_en = (text.format(detail=detail) for text in WORDS[rule])
    return Finding(path, rule, korean, english, severity=severity, fix_ko=fix_ko, fix_en=fix_en)
