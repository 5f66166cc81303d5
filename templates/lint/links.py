"""Checks of links and buttons: where they lead, and what the channel needs for them."""

import re
from collections.abc import Iterator

from templates.findings import Finding, finding
from templates.lint.subject import Subject

WEB = ("url_mobile", "url_pc")
NEEDS_SETTING = {"BC", "BT", "BK"}
_HOST = re.compile(r"https?://((?:[^/?#\\]|#\{[^}]*\})*)")


def hosts(subject: Subject) -> Iterator[Finding]:
    """A link names its host, fixed and public: our advice.

    That it begins with http is a rule (NHN Cloud guide, docs.nhncloud.com, 2026-06, error -3006).
    """
    for field, text in _links(subject):
        found = _HOST.match(text)
        if found is None:
            continue
        host, at = found[1], found.span(1)
        if "#{" in host:
            yield finding(field, "variable_in_host", at=at)
        elif "." not in host.rpartition("@")[2].partition(":")[0].strip("."):
            yield finding(field, "no_host", host or "-", at=at)


def encryption(subject: Subject) -> Iterator[Finding]:
    """Links are https (our advice)."""
    for field, text in _links(subject):
        if text.startswith("http://"):
            yield finding(field, "plain_http", at=(0, len("http://")))


def settings(subject: Subject) -> Iterator[Finding]:
    """Some buttons work only where the channel has consultation or a chatbot set up.

    Sources: NHN Cloud, KakaoTalk Bizmessage guide (docs.nhncloud.com, 2026-06);
    github.com/lunasoft-org/kakao-bzm, 2025-12.
    """
    for group in ("buttons", "quick_replies"):
        for i, button in enumerate(getattr(subject.template, group)):
            if button.kind in NEEDS_SETTING:
                yield finding(f"{group}[{i}].kind", "needs_channel_setting", button.kind)


def _links(subject: Subject) -> Iterator[tuple[str, str]]:
    for field, text in subject.texts.items():
        if field.rpartition(".")[2] in WEB:
            yield field, text.text
