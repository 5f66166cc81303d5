"""Whether what is about to leave is the approved template with its variables filled, part by part.

A messenger refuses anything else: Kakao's codes 3016 (text), 3027 (buttons, quick replies), 3028
(title), 3031 (header), 3033 (highlight), 3036 (items) and 3038 (summary), as published in
github.com/lunasoft-org/kakao-bzm (2025-12), and 3042 (link; NHN Cloud guide, 2026-06).
"""

from typing import Any, Protocol

from channels.bubble import Button, Highlight, Item, Links
from templates.compiled import (
    GROUPS,
    NAMES,
    CompiledTemplate,
    fields_of,
    first_difference,
    groups_of,
)


class Bubble(Protocol):
    """What leaves: a rendered template, or the outgoing message made of it."""

    @property
    def text(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def buttons(self) -> tuple[Button, ...]: ...
    @property
    def header(self) -> str: ...
    @property
    def highlight(self) -> Highlight | None: ...
    @property
    def items(self) -> tuple[Item, ...]: ...
    @property
    def summary(self) -> Item | None: ...
    @property
    def quick_replies(self) -> tuple[Button, ...]: ...
    @property
    def link(self) -> Links | None: ...


def differs(source: CompiledTemplate, sent: Bubble) -> str | None:
    """The path of the first part that is not the template filled; None when all of it is.

    Paths are such as ``text``, ``buttons`` (one too many or too few), ``buttons[0].url_mobile``.
    Any value will do, blanks too (NHN Cloud release note, 2022-04-26), and one may hold the
    template's own words. The token of a consultation or bot button is free; others have none.
    Linear in the length of what leaves.
    """
    if not source.text.fits(sent.text):
        return "text"
    template = source.template
    if sent.title != template.title and not source.title.fits(sent.title):
        return "title"
    if sent.header != template.header and not source.header.fits(sent.header):
        return "header"
    for group, given, wanted in zip(GROUPS, groups_of(sent), source.groups, strict=True):
        if given is not wanted and (found := _in_group(source, group, given, wanted)):
            return found
    return None


def _in_group(source: CompiledTemplate, group: str, given: Any, wanted: Any) -> str | None:
    if given is None or wanted is None:
        return group
    if not isinstance(wanted, tuple):
        name = _in_part(source, (group, -1), given, wanted)
        return f"{group}.{name}" if name else None
    if len(given) != len(wanted):
        return group
    for index, (one, like) in enumerate(zip(given, wanted, strict=True)):
        if name := _in_part(source, (group, index), one, like):
            return f"{group}[{index}].{name}"
    return None


def _in_part(source: CompiledTemplate, at: tuple[str, int], one: Any, like: Any) -> str | None:
    """The first field of a part that is not as the template has it."""
    part, given = source.made.get(at), fields_of(one)
    place = first_difference(given, fields_of(like)) if part is None else part.differs(given)
    return None if place is None else NAMES[type(like)][place]
