"""Rules a template must keep at registration, by code of the "Error code" page (2026-06)."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.nhn.matching import VARIABLE

LONGEST = {"templateCode": 20, "templateName": 150, "templateContent": 1_300}
Json = Mapping[str, Any]


def buttons_of(body: Json) -> list[dict[str, Any]]:
    return list(body.get("buttons") or [])


def fault_of(body: Json) -> int:
    """The code of the first broken rule, 0 when the template may be registered."""
    for code, broken in RULES:
        if broken(body):
            return code
    return 0


def _is_add_type(body: Json) -> bool:
    return body.get("templateMessageType") in ("AD", "MI")


def _has_add(body: Json) -> bool:
    return any(button.get("type") == "AC" for button in buttons_of(body))


def _lacks_title(body: Json) -> bool:
    parts = (body.get("templateTitle"), body.get("templateSubtitle"))
    return body.get("templateEmphasizeType") == "TEXT" and not all(parts)


def _lacks_extra(body: Json) -> bool:
    return body.get("templateMessageType") in ("EX", "MI") and not body.get("templateExtra")


def _surplus_extra(body: Json) -> bool:
    basic = body.get("templateMessageType") or "BA"
    return basic == "BA" and bool(body.get("templateExtra"))


def _bad_link(body: Json) -> bool:
    links = [button.get(one) for button in buttons_of(body) for one in ("linkMo", "linkPc")]
    return any(link and not link.startswith(("http://", "https://", "#{")) for link in links)


def _few_app_links(body: Json) -> bool:
    names = ("schemeAndroid", "schemeIos", "linkMo")
    apps = [button for button in buttons_of(body) if button.get("type") == "AL"]
    return any(sum(bool(button.get(name)) for name in names) < 2 for button in apps)


# in the order they are told
RULES: list[tuple[int, Callable[[Json], bool]]] = [
    (-2018, lambda body: len(buttons_of(body)) > 5),
    (-2505, lambda body: bool(body.get("quickReplies")) and len(buttons_of(body)) > 2),
    (-3009, lambda body: any(not button.get("name") for button in buttons_of(body))),
    (-3008, lambda body: any(VARIABLE.search(b["name"]) for b in buttons_of(body))),
    (
        -3000,
        lambda body: any(b.get("type") == "WL" and not b.get("linkMo") for b in buttons_of(body)),
    ),
    (-3006, _bad_link),
    (-3007, _few_app_links),
    (-3024, lambda body: _has_add(body) and not _is_add_type(body)),
    (-3050, lambda body: _is_add_type(body) and not _has_add(body)),
    (-3025, lambda body: _has_add(body) and buttons_of(body)[0].get("type") != "AC"),
    (-3016, _lacks_title),
    (-3018, _lacks_extra),
    (-3028, _surplus_extra),
]
