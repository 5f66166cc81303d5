"""Every rule with a template that keeps it and one that does not: data for the tests of rules."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from templates.findings import Finding
from templates.limits import Limits
from templates.lint.linter import lint

Changes = dict[str, Any]  # of fields; ``sample`` and ``lengths`` beside them

BASE: Changes = {
    "code": "t-1",
    "name": "시험",
    "content": "[나루] 주문이 접수되었습니다.",
}
ALIMTALK: Changes = {"plan": [{"channel": "alimtalk"}]}
SMS: Changes = {"plan": [{"channel": "sms"}]}
URL = "https://naru.example/"
WEB: Changes = {"kind": "WL", "name": "보기", "url_mobile": URL}
ADD: Changes = {"kind": "AC", "name": "채널 추가"}
REPLY: Changes = {"kind": "BK", "name": "문의"}
FORM: Changes = {"kind": "BF", "name": "톡에서 예약하기", "form_id": "1"}
TRACK: Changes = {"buttons": [{"kind": "DS", "name": "배송 조회"}]}
ITEM: Changes = {"title": "상품", "description": "들기름"}
LIST: Changes = {"emphasis": "ITEM_LIST", "header": "주문 내역"}
ITEMS: Changes = LIST | {"items": [ITEM, ITEM]}
HEAD = "[나루] 주문이 접수됐습니다. "  # 17 characters


class Row(NamedTuple):
    """``good`` and ``bad``: changes of the base; ``at``: where in the field the fault is.

    ``sample`` and ``lengths`` among them go beside the template.
    """

    rule: str
    field: str
    good: Changes
    bad: Changes
    at: tuple[int, int] | None = None


class Bound(NamedTuple):
    """A limit of :class:`Limits`: ``build(most(limits))`` is the largest that is allowed."""

    limit: str
    field: str
    rule: str
    build: Callable[[int], Changes]
    most: Callable[[Limits], int] | None = None
    beyond: int = 1  # where one more is one too many; -1: one less


def findings(changes: Changes) -> list[Finding]:
    """What the linter says of the base with these changes."""
    data = {**BASE, **changes}
    beside = {name: data.pop(name, None) for name in ("sample", "lengths")}
    return lint(data, **beside)


def found(changes: Changes) -> dict[tuple[str, str], Finding]:
    """The same by field and rule; the first where there are several."""
    told: dict[tuple[str, str], Finding] = {}
    for one in findings(changes):
        told.setdefault((one.field, one.rule), one)
    return told


def content(text: str, **more: Any) -> Changes:
    return {"content": text} | more


def link(url: str) -> Changes:
    return {"buttons": [WEB | {"url_mobile": url}]}


def title(text: str, subtitle: str = "안내") -> Changes:
    return {"emphasis": "TEXT", "title": text, "subtitle": subtitle}


def _button(**fields: Any) -> Changes:
    return {"buttons": [fields]}


def _highlight(name: str, image: str = "") -> Callable[[int], Changes]:
    def build(n: int) -> Changes:
        shown = {"title": "제목", "description": "설명"} | {name: "가" * n}
        return LIST | {"highlight": shown | ({"image": image} if image else {})}

    return build


def _row(name: str) -> Callable[[int], Changes]:
    return lambda n: LIST | {"items": [ITEM, ITEM | {name: "가" * n}]}


def _summary(name: str) -> Callable[[int], Changes]:
    letter = "가" if name == "title" else "1"
    return lambda n: (
        ITEMS | {"summary": {"title": "합계", "description": "1원"} | {name: letter * n}}
    )


BOUNDS = [
    Bound("code", "code", "too_long", lambda n: {"code": "a" * n}),
    Bound("name", "name", "too_long", lambda n: {"name": "가" * n}),
    Bound("content", "content", "too_long", lambda n: content("가" * n, **ALIMTALK)),
    Bound(
        "item_list_content",
        "content",
        "too_long",
        lambda n: content("가" * n, **LIST, **ALIMTALK),
        lambda row: row.room("BA", "ITEM_LIST"),
    ),
    Bound(
        "channel_add",
        "content",
        "too_long",
        lambda n: content("가" * n, message_type="AD", buttons=[ADD], **ALIMTALK),
        lambda row: row.content - row.channel_add,
    ),
    Bound("extra", "extra", "too_long", lambda n: {"message_type": "EX", "extra": "가" * n}),
    Bound("title", "title", "too_long", lambda n: title("가" * n)),
    Bound("subtitle", "subtitle", "too_long", lambda n: title("제목", "가" * n)),
    Bound("header", "header", "too_long", lambda n: LIST | {"header": "가" * n}),
    Bound("highlight_title", "highlight.title", "too_long", _highlight("title")),
    Bound("highlight_title_beside", "highlight.title", "too_long", _highlight("title", "a.png")),
    Bound("highlight_description", "highlight.description", "too_long", _highlight("description")),
    Bound(
        "highlight_description_beside",
        "highlight.description",
        "too_long",
        _highlight("description", "a.png"),
    ),
    Bound("items_least", "items", "too_few", lambda n: LIST | {"items": [ITEM] * n}, beyond=-1),
    Bound("items", "items", "too_many", lambda n: LIST | {"items": [ITEM] * n}),
    Bound("item_title", "items[1].title", "too_long", _row("title")),
    Bound("item_description", "items[1].description", "too_long", _row("description")),
    Bound("summary_title", "summary.title", "too_long", _summary("title")),
    Bound("summary_description", "summary.description", "too_long", _summary("description")),
    Bound("buttons", "buttons", "too_many", lambda n: {"buttons": [WEB] * n}),
    Bound(
        "buttons_beside",
        "buttons",
        "too_many_beside",
        lambda n: {"buttons": [WEB] * n, "quick_replies": [REPLY]},
    ),
    Bound("quick_replies", "quick_replies", "too_many", lambda n: {"quick_replies": [REPLY] * n}),
    Bound(
        "button_name", "buttons[0].name", "too_long", lambda n: _button(**WEB | {"name": "가" * n})
    ),
    Bound("link", "buttons[0].url_mobile", "too_long", lambda n: link(URL.ljust(n, "a"))),
    Bound(
        "event",
        "buttons[0].event",
        "too_long",
        lambda n: _button(kind="BT", name="봇", event="a" * n),
    ),
    Bound(
        "plugin",
        "buttons[0].plugin_id",
        "too_long",
        lambda n: _button(kind="P1", name="사진", plugin_id="a" * n),
    ),
    Bound(
        "phone",
        "buttons[0].phone",
        "too_long",
        lambda n: _button(kind="TN", name="전화 연결", phone="1" * n),
    ),
    Bound(
        "variables",
        "content",
        "too_many",
        lambda n: content(" ".join(f"가나다#{{{i}}}" for i in range(n))),
    ),
    Bound(
        "variable",
        "lengths.이름",
        "out_of_range",
        lambda n: content(HEAD + "#{이름}", lengths={"이름": n}),
    ),
    Bound(
        "first_time_value",
        "lengths.이름",
        "first_time_value",
        lambda n: content(HEAD + "#{이름}", lengths={"이름": n}),
    ),
]

# as bytes: a good file, a bad one
FILES: Mapping[str, tuple[bytes, bytes]] = {
    "bad_toml": (b'code = "t"', b"code = t"),
    "too_large": (b"#" * 65_536, b"#" * 65_537),
}
