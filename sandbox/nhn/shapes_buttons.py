"""Rules of buttons and quick replies at registration, by code of NHN's page of 2026-06."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.nhn.matching import LINKS, VARIABLE

KINDS = frozenset(["WL", "AL", "DS", "BK", "MD", "BC", "BT", "AC", "BF", "P1", "P2", "P3", "TN"])
QUICK_KINDS = frozenset(["WL", "AL", "BK", "BC", "BT", "BF"])
PLUGINS = ("P1", "P2", "P3")
MOST = MOST_QUICK = 5
MOST_BESIDE_QUICK = 2
LONGEST_NAME, LONGEST_LINK, LONGEST_PLUGIN = 14, 500, 24
FORM_NAMES = ("톡에서 예약하기", "톡에서 설문하기", "톡에서 응모하기")
CALL_NAMES = ("전화 연결", "고객센터 연결", "상담원 연결")
ADD_NAME = "채널 추가"
_PHONE = re.compile(r"[0-9-]{1,14}")
_TEXTS = ("type", "name", *LINKS, "pluginId", "telNumber")
Json = Mapping[str, Any]


def buttons_of(body: Json, part: str = "buttons") -> list[dict[str, Any]]:
    """In the order they stand, by `ordering` where all have one."""
    found = list(body.get(part) or [])
    if all(isinstance(one.get("ordering"), int) for one in found):
        found.sort(key=lambda one: one["ordering"])
    return found


def is_web(url: Any) -> bool:
    """An address of the web, or one that is a variable as a whole."""
    return isinstance(url, str) and url.startswith(("http://", "https://", "#{"))


def is_readable(body: Json) -> bool:
    """Lists of objects whose words are words (else -3103)."""
    for part in ("buttons", "quickReplies"):
        found = body.get(part) or []
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            return False
        if any(not isinstance(one.get(name) or "", str) for one in found for name in _TEXTS):
            return False
    return True


def _any(test: Callable[[Json], bool], *parts: str) -> Callable[[Json], bool]:
    """Whether one of the buttons (and quick replies, where named) is so."""
    wanted = parts or ("buttons",)
    return lambda body: any(test(one) for part in wanted for one in buttons_of(body, part))


def _both(test: Callable[[Json], bool]) -> Callable[[Json], bool]:
    return _any(test, "buttons", "quickReplies")


def _is(kind: str) -> Callable[[Json], bool]:
    return lambda one: one.get("type") == kind


def _orderings(body: Json, part: str) -> list[Any]:
    return [one.get("ordering") for one in buttons_of(body, part)]


def _bad_orderings(found: list[Any], most: int) -> bool:
    given = [place for place in found if place is not None]
    sound = all(type(place) is int and 1 <= place <= most for place in given)
    return not sound or len(set(given)) < len(given)


def _is_long(one: Json) -> bool:
    links = (one.get(name) or "" for name in LINKS)
    return len(one.get("name") or "") > LONGEST_NAME or any(len(u) > LONGEST_LINK for u in links)


def _bad_button(one: Json) -> bool:
    plugin = one.get("pluginId") or ""
    wants = one.get("type") in PLUGINS and not plugin
    return one.get("type") not in KINDS or _is_long(one) or wants or len(plugin) > LONGEST_PLUGIN


def _bad_buttons(body: Json) -> bool:
    return len(buttons_of(body)) > MOST or _bad_orderings(_orderings(body, "buttons"), MOST)


def _bad_quick(body: Json) -> bool:
    quick, places = buttons_of(body, "quickReplies"), _orderings(body, "quickReplies")
    if len(quick) > MOST_QUICK or None in places or _bad_orderings(places, MOST_QUICK):
        return True
    return any(one.get("type") not in QUICK_KINDS or _is_long(one) for one in quick)


def _bad_link(one: Json) -> bool:
    return any(one.get(name) and not is_web(one[name]) for name in ("linkMo", "linkPc"))


def _few_app_links(one: Json) -> bool:
    ways = ("schemeAndroid", "schemeIos", "linkMo")
    return one.get("type") == "AL" and sum(bool(one.get(name)) for name in ways) < 2


def _low_add(body: Json) -> bool:
    places = [place for place, one in enumerate(buttons_of(body)) if one.get("type") == "AC"]
    return bool(places) and places != [0]


def _low_form(body: Json) -> bool:
    """Topmost, below a channel button at most, which is topmost itself."""
    rest = [one for one in buttons_of(body) if one.get("type") != "AC"]
    places = [place for place, one in enumerate(rest) if one.get("type") == "BF"]
    return bool(places) and places != [0]


def _bad_form(one: Json) -> bool:
    form = one.get("bizFormId")
    has_form = bool(form) and (isinstance(form, int) or str(form).isdigit())
    return one.get("type") == "BF" and (one.get("name") not in FORM_NAMES or not has_form)


def _bad_phone(one: Json) -> bool:
    return one.get("type") == "TN" and not _PHONE.fullmatch(one.get("telNumber") or "")


def _misplaced_add(body: Json) -> bool:
    invites = body.get("templateMessageType") in ("AD", "MI")
    return not invites and _any(_is("AC"))(body)


# in the order they are told
BUTTON_RULES: list[tuple[int, Callable[[Json], bool]]] = [
    (-3009, _any(lambda one: not one.get("name"))),
    (-3101, _any(lambda one: not one.get("name"), "quickReplies")),
    (-3008, _any(lambda one: VARIABLE.search(one["name"]) is not None)),
    (-3102, _any(lambda one: VARIABLE.search(one["name"]) is not None, "quickReplies")),
    (
        -2505,
        lambda body: bool(body.get("quickReplies")) and len(buttons_of(body)) > MOST_BESIDE_QUICK,
    ),
    (-2018, _bad_buttons),
    (-2504, _bad_quick),
    (-2018, _any(_bad_button)),
    (-3000, _both(lambda one: one.get("type") == "WL" and not one.get("linkMo"))),
    (-3006, _both(_bad_link)),
    (-3007, _both(_few_app_links)),
    (-3024, _misplaced_add),
    (-3026, _any(lambda one: one.get("type") == "AC" and one.get("name") != ADD_NAME)),
    (-3025, _low_add),
    (-3045, _both(_bad_form)),
    (-3044, _low_form),
    (-3051, _any(lambda one: one.get("type") == "TN" and one.get("name") not in CALL_NAMES)),
    (-3052, _any(lambda one: one.get("type") == "TN" and not one.get("telNumber"))),
    (-3053, _any(_bad_phone)),
]
