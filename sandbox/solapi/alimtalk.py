"""One Alimtalk compared with its template: the parts SOLAPI fills in, and what it refuses."""

from collections.abc import Mapping
from typing import Any

import orjson

from sandbox.nhn.checks import FIXED, SENT
from sandbox.nhn.matching import buttons_fit, fill, fits, links_fit, variables
from sandbox.reviews import Template, get_template
from sandbox.store import Store

LONGEST_TEXT = 1_000
MOST_BUTTONS, LONGEST_NAME, LONGEST_LINK = 5, 14, 100
WEB_LINKS, APP_LINKS = ("linkMo", "linkPc"), ("linkAnd", "linkIos")
OURS = {
    "buttonName": "name",
    "name": "name",
    "buttonType": "type",
    "linkType": "type",
    "linkMo": "linkMo",
    "linkPc": "linkPc",
    "linkAnd": "schemeAndroid",
    "linkIos": "schemeIos",
    "chatExtra": "chatExtra",
    "chatEvent": "chatEvent",
}
Json = Mapping[str, Any]


class Lookup:
    """What the messages of one request ask for again and again, of one account."""

    def __init__(self, store: Store, account_id: str) -> None:
        self.store, self.account_id = store, account_id
        self._templates: dict[tuple[str, str], Template | str] = {}
        self._callers: dict[str, bool] = {}

    def template(self, options: Json) -> Template | str:
        """The template of a message, or 1010, 1041, 1042."""
        key = str(options.get("pfId") or ""), str(options.get("templateId") or "")
        if key not in self._templates:
            self._templates[key] = self._find(*key) if all(key) else "1010"
        return self._templates[key]

    def has_caller(self, number: str) -> bool:
        if number not in self._callers:
            sql = "SELECT 1 FROM caller WHERE app_key = ? AND number = ?"
            self._callers[number] = bool(self.store.one(sql, (self.account_id, number)))
        return self._callers[number]

    def _find(self, channel: str, code: str) -> Template | str:
        mine = self.store.one(
            "SELECT blocked FROM sender WHERE sender_key = ? AND solapi_id = ?",
            (channel, self.account_id),
        )
        if mine is None or mine["blocked"]:
            return "1041"
        template = get_template(self.store, channel, code)
        return template if template and template.can_send else "1042"


def values_of(options: Json) -> dict[str, str]:
    """Variables by bare name."""
    given = options.get("variables") or {}
    return {_bare(str(name)): str(value) for name, value in given.items()}


def _bare(name: str) -> str:
    return name[2:-1] if name.startswith("#{") and name.endswith("}") else name


def check(template: Template, text: str, options: Json) -> str:
    """The text that goes out is filled already. A status code, "" when all is well."""
    body, values = template.body, values_of(options)
    if not fits(body["templateContent"], text) or _lacks(body, text, values):
        return "1043"
    if len(text) > LONGEST_TEXT:
        return "1031"
    if (given := options.get("buttons")) is not None:
        return _check_buttons(body.get("buttons") or [], given)
    asked = variables(orjson.dumps([body.get(p) for p in ("buttons", "quickReplies")]).decode())
    return "1044" if asked - values.keys() else ""


def fill_text(template: Template, text: str, options: Json) -> str:
    """The text of a message, or the template's, with the variables filled in."""
    return fill(text or template.body["templateContent"], values_of(options))


def _lacks(body: Json, text: str, values: Json) -> bool:
    """Whether a variable of the text, or of a part nobody sends, has no value."""
    if variables(text) & variables(body["templateContent"]):
        return True
    parts = [body.get(part) for part in SENT if part not in ("buttons", "quickReplies")]
    return bool(variables(orjson.dumps(parts).decode()) - values.keys())


def _check_buttons(registered: list[Json], given: Any) -> str:
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        return "1044"
    if fault := _count_fault(registered, given) or next(filter(None, map(_fault, given)), ""):
        return fault
    ours = buttons_of(given)
    if buttons_fit([dict(one) for one in registered], ours):
        return ""
    if _names(registered) == _names(ours):
        same = zip(registered, ours, strict=True)
        return "1045" if not all(links_fit(one, other) for one, other in same) else "1044"
    return "1052" if sorted(_names(registered)) == sorted(_names(ours)) else "1044"


def _count_fault(registered: list[Json], given: list[Json]) -> str:
    if len(given) > MOST_BUTTONS:
        return "1050"
    if not given:
        return "1046" if registered else ""
    return "" if registered else "1047"


def _fault(button: Json) -> str:
    """What is wrong with a button by itself."""
    if not has_texts(button) or not (button.get("buttonName") and button.get("buttonType")):
        return "1044"
    if len(button["buttonName"]) > LONGEST_NAME:
        return "1049"
    if any(len(button.get(link) or "") > LONGEST_LINK for link in (*WEB_LINKS, *APP_LINKS)):
        return "1048"
    web = [button[link] for link in WEB_LINKS if button.get(link)]
    return "" if all(link.startswith(("http://", "https://")) for link in web) else "1045"


def _names(buttons: list[Any]) -> list[tuple[str, str]]:
    return [(str(one.get("type")), str(one.get("name"))) for one in buttons]


def has_texts(part: Json) -> bool:
    """Whether all we keep of a button is text."""
    return all(isinstance(part.get(name) or "", str) for name in OURS)


def buttons_of(given: list[Any]) -> list[dict[str, Any]]:
    """Buttons or quick replies of SOLAPI in the words they are kept in."""
    return [
        {"ordering": place, **{OURS[key]: v for key, v in one.items() if key in OURS and v}}
        for place, one in enumerate(given, 1)
    ]


def bubble(template: Template, options: Json) -> dict[str, Any]:
    """What the phone shows beside the text."""
    body, values = template.body, values_of(options)
    parts = {name: body[name] for name in FIXED if body.get(name)}
    parts |= {name: _filled(body[name], values) for name in SENT if body.get(name)}
    if options.get("buttons"):
        parts["buttons"] = buttons_of(options["buttons"])
    return parts


def _filled(part: Any, values: dict[str, str]) -> Any:
    if isinstance(part, str):
        return fill(part, values)
    if isinstance(part, list):
        return [_filled(one, values) for one in part]
    if isinstance(part, dict):
        return {name: _filled(one, values) for name, one in part.items()}
    return part
