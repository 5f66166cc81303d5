"""Components of a skill's answer as a chat without cards shows them: texts, links, choices.

Web links become link buttons (what does not fit stays in the text), everything the customer would
tap becomes a numbered choice. Limits: Kakao's skill guide, read 2026-11.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.services.bot_replies import (
    LINK_NAME,
    LONGEST,
    MOST_CHOICES,
    MOST_LINKS,
    MOST_SAYS,
    Choice,
    Link,
    Say,
    clean,
    cut,
    numbered,
    under,
)

MOST_OUTPUTS, MOST_QUICK, MOST_CARDS, MOST_BUTTONS = 3, 10, 10, 3
PICTURE = "사진 보기"
OPEN = "자세히 보기"
WON = "원"
_WEB = re.compile(r"https?://[^\s]{1,990}")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the customer sees."""

    says: tuple[Say, ...]
    choices: tuple[Choice, ...]


@dataclass
class _Made:
    """One answer while it is put together."""

    notes: list[str]
    lines: list[str] = field(default_factory=list)  # of the text at hand
    links: list[Link] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)

    def text(self, part: Mapping[str, Any], name: str, limit: int, path: str) -> str:
        """A field as text, cut at its limit with a note; empty for what is no text."""
        value = part.get(name)
        if value is None or isinstance(value, dict | list | bool):
            return ""
        text = clean(str(value)).strip()
        if len(text) > limit:
            self.notes.append(f"{path}.{name}: {len(text)} characters, cut at {limit}")
        return cut(text, limit)

    def link(self, name: str, url: Any) -> None:
        """A link button, or a line of the text where there are enough."""
        if not isinstance(url, str) or not _WEB.fullmatch(url):
            self.notes.append("link: no web address, left out")
        elif len(self.links) < MOST_LINKS:
            self.links.append(Link(cut(name or OPEN, LINK_NAME), url))
        else:
            self.lines.append(f"{name}: {url}")

    def close(self) -> Say | None:
        """The text at hand, and begin the next."""
        text = "\n".join(line for line in self.lines if line)
        links = tuple(self.links)
        self.lines, self.links = [], []
        if not text and not links:
            return None
        if len(text) > LONGEST:
            self.notes.append(f"text: {len(text)} characters, cut at {LONGEST}")
        return Say(cut(text or links[0].name), links)


def show(outputs: Sequence[Any], quick: Sequence[Any], notes: list[str]) -> Shown:
    """Chat texts of an answer, with its choices under the last of them."""
    made, says = _Made(notes), list[Say]()
    for at, output in enumerate(_first(outputs, MOST_OUTPUTS, "outputs", notes)):
        path = f"outputs[{at}]"
        for name, part in output.items() if isinstance(output, dict) else ():
            _component(made, name, part, f"{path}.{name}")
        say = made.close()
        if say is None:
            notes.append(f"{path}: nothing to show, left out")
        else:
            says.append(say)
    for at, one in enumerate(_first(quick, MOST_QUICK, "quickReplies", notes)):
        if isinstance(one, dict):
            _action(made, one, f"quickReplies[{at}]")
    extra = made.close()  # links of quick replies
    says += [extra] if extra else []
    choices = tuple(_first(made.choices, MOST_CHOICES, "choices", notes))
    says = under(says, numbered(choices)) if says else []
    return Shown(tuple(says[:MOST_SAYS]), choices)


def _first(found: Sequence[Any], limit: int, path: str, notes: list[str]) -> Sequence[Any]:
    if len(found) > limit:
        notes.append(f"{path}: {len(found)}, shown {limit}")
    return found[:limit]


def _component(made: _Made, name: str, part: Any, path: str) -> None:
    kind = COMPONENTS.get(name)
    if kind is None or not isinstance(part, dict):
        made.notes.append(f"{path}: not known, left out")
        return
    kind(made, part, path)


def _simple_text(made: _Made, part: Mapping[str, Any], path: str) -> None:
    made.lines.append(made.text(part, "text", LONGEST, path))
    _buttons(made, part, path)


def _simple_image(made: _Made, part: Mapping[str, Any], path: str) -> None:
    made.lines.append(made.text(part, "altText", 50, path))
    made.link(PICTURE, part.get("imageUrl"))


def _text_card(made: _Made, part: Mapping[str, Any], path: str) -> None:
    _titled(made, part, path, 50, 400)
    _buttons(made, part, path)


def _basic_card(made: _Made, part: Mapping[str, Any], path: str) -> None:
    _titled(made, part, path, 50, 230)
    _linked(made, part.get("thumbnail"))
    _buttons(made, part, path)


def _titled(made: _Made, part: Mapping[str, Any], path: str, title: int, text: int) -> None:
    made.lines.append(made.text(part, "title", title, path))
    made.lines.append(made.text(part, "description", text, path))


def _commerce_card(made: _Made, part: Mapping[str, Any], path: str) -> None:
    _titled(made, part, path, 30, 40)
    price, less = _amount(part, "price"), _amount(part, "discountedPrice")
    if price is None:
        made.notes.append(f"{path}.price: missing")
    elif less is not None and less < price:
        made.lines.append(f"{less:,}{WON} (정가 {price:,}{WON})")
    else:
        made.lines.append(f"{price:,}{WON}")
    _buttons(made, part, path)


def _amount(part: Mapping[str, Any], name: str) -> int | None:
    value = part.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 13:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 10**12:
        return None
    return value


def _list_card(made: _Made, part: Mapping[str, Any], path: str) -> None:
    made.lines.append(made.text(_part(part, "header"), "title", 50, f"{path}.header"))
    for at, item in enumerate(_first(_rows(part, "items"), 5, f"{path}.items", made.notes)):
        here = f"{path}.items[{at}]"
        title = made.text(item, "title", 50, here)
        about = made.text(item, "description", 230, here)
        made.lines.append(f"• {title}" + (f" — {about}" if about else ""))
        if item.get("action") in ("message", "block"):
            _action(made, {**item, "label": title}, here)
        else:
            _linked(made, item, title)
    _buttons(made, part, path)


def _item_card(made: _Made, part: Mapping[str, Any], path: str) -> None:
    head = _part(part, "head") or _part(part, "profile")
    made.lines.append(made.text(head, "title", 50, f"{path}.head"))
    _titled(made, part, path, 50, 230)
    for at, item in enumerate(_first(_rows(part, "itemList"), 10, f"{path}.itemList", made.notes)):
        here = f"{path}.itemList[{at}]"
        title, about = made.text(item, "title", 6, here), made.text(item, "description", 50, here)
        made.lines.append(f"{title}: {about}")
    total = _part(part, "itemListSummary")
    if total:
        here = f"{path}.itemListSummary"
        title, about = made.text(total, "title", 6, here), made.text(total, "description", 50, here)
        made.lines.append(f"{title}: {about}")
    _buttons(made, part, path)


def _carousel(made: _Made, part: Mapping[str, Any], path: str) -> None:
    kind = part.get("type")
    if not isinstance(kind, str) or kind not in COMPONENTS or kind == "carousel":
        made.notes.append(f"{path}.type: not known, left out")
        return
    header = _part(part, "header")
    _titled(made, header, f"{path}.header", 50, 230)
    for at, card in enumerate(
        _first(_rows(part, "items"), MOST_CARDS, f"{path}.items", made.notes)
    ):
        if any(made.lines):
            made.lines.append(" ")  # an empty line between cards
        COMPONENTS[kind](made, card, f"{path}.items[{at}]")


COMPONENTS: Mapping[str, Callable[[_Made, Mapping[str, Any], str], None]] = {
    "simpleText": _simple_text,
    "simpleImage": _simple_image,
    "textCard": _text_card,
    "basicCard": _basic_card,
    "commerceCard": _commerce_card,
    "listCard": _list_card,
    "itemCard": _item_card,
    "carousel": _carousel,
}


def _part(part: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = part.get(name)
    return value if isinstance(value, dict) else {}


def _rows(part: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = part.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _linked(made: _Made, part: Any, name: str = OPEN) -> None:
    """A picture's or an item's own link."""
    link = part.get("link") if isinstance(part, dict) else None
    if isinstance(link, dict) and link.get("web"):
        made.link(name, link["web"])


def _buttons(made: _Made, part: Mapping[str, Any], path: str) -> None:
    buttons = _rows(part, "buttons")
    for at, one in enumerate(_first(buttons, MOST_BUTTONS, f"{path}.buttons", made.notes)):
        _action(made, one, f"{path}.buttons[{at}]")


def _action(made: _Made, one: Mapping[str, Any], path: str) -> None:
    """What a button or quick reply does, in a chat without buttons of that kind."""
    action, label = one.get("action"), made.text(one, "label", 14, path)
    said = made.text(one, "messageText", LONGEST, path) or label
    if action == "webLink":
        made.link(label, one.get("webLinkUrl"))
    elif action == "phone":
        made.lines.append(f"{label}: {made.text(one, 'phoneNumber', 20, path)}")
    elif action == "operator":
        made.choices.append(Choice(label=label or "상담원 연결", person=True))
    elif action in ("message", "block", None) and label:
        extra = one.get("extra")
        made.choices.append(
            Choice(
                label=label,
                says=said,
                block=made.text(one, "blockId", 100, path) if action == "block" else "",
                extra=extra if isinstance(extra, dict) and len(extra) <= 50 else {},
            )
        )
    else:
        made.notes.append(f"{path}: no place for it in a chat, left out")
