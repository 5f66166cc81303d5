"""The parts of a bubble that SOLAPI carries, and the naming of those it does not.

Source: npm solapi 6.0.1 (2026-04) and github.com/solapi/documents (2022-09): a message has a text,
an emphasised title (``kakaoOptions.title``) and buttons of a name, a type and links. Nothing
published gives a message a header, an item list, a highlight, quick replies or a link of its own,
nor a button a reference of ours (``chat_extra``), a bot event, a plugin or a phone number. Kakao
compares every part with the approved template, and a consultation without its reference would
open for nobody: a notice that needs such a part is refused here, and no template with one is
registered.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields

from channels.bubble import Button
from channels.contract import Outgoing
from channels.management import TemplateForm

CODE = "part_not_carried"
KINDS = frozenset({"WL", "AL", "DS", "BK", "MD", "AC"})
_LINKS = {
    "linkMo": "url_mobile",
    "linkPc": "url_pc",
    "linkAnd": "scheme_android",
    "linkIos": "scheme_ios",
}
_CARRIED = frozenset({"kind", "name", *_LINKS.values()})
_NOT_CARRIED = ("header", "highlight", "items", "summary", "quick_replies", "link")


def not_carried(shown: Outgoing | TemplateForm) -> str:
    """A sentence naming the parts that would be lost, in Korean and English; "" for none."""
    lost = [name for name in _NOT_CARRIED if getattr(shown, name)]
    lost += _of_buttons(shown.buttons)
    if not lost:
        return ""
    named = ", ".join(lost)
    return f"SOLAPI로 보낼 수 없는 부분: {named} (SOLAPI carries no {named})"


def buttons(shown: Sequence[Button]) -> list[dict[str, str]]:
    """Buttons as messages and templates have them; empty links are left out."""
    return [
        {"buttonName": one.name, "buttonType": one.kind}
        | {name: value for name, ours in _LINKS.items() if (value := getattr(one, ours))}
        for one in shown
    ]


def _of_buttons(shown: Sequence[Button]) -> Iterator[str]:
    for place, one in enumerate(shown, start=1):
        if one.kind not in KINDS:
            yield f"button {place} {one.kind}"
            continue
        for field in fields(one):
            if field.name not in _CARRIED and getattr(one, field.name):
                yield f"button {place} {field.name}"
