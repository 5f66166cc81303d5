"""The review desk: what waits, what was decided, and one template as its customers will see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from sandbox import moves
from sandbox.nhn.matching import LINKS, variables
from sandbox.pages.bubbles import Bubble, Notice, draw
from sandbox.pages.forms import PageProblem, PageRoute, from_here, read_form
from sandbox.pages.moment import Moment
from sandbox.pages.render import store_of
from sandbox.pages.words import Say
from sandbox.reviews import (
    APPROVED,
    IN_REVIEW,
    REGISTERED,
    REJECTED,
    Template,
    Text,
    get_template,
    list_templates,
)
from sandbox.store import Store

SHOWN = 60
LONGEST_COMMENT = 500
TABS = ("waiting", "approved", "rejected", "all")
# tone and icon of each inspection, and of what lies beside it
INSPECTIONS = {
    REGISTERED: ("", "file"),
    IN_REVIEW: ("busy", "clock"),
    APPROVED: ("ok", "check"),
    REJECTED: ("bad", "x"),
}
AXES = {"stop": ("warn", "pause"), "block": ("bad", "block"), "dormant": ("", "moon")}
# the look of each act; the first that is possible is the filled button
ACTS = {
    "approve": ("btn-primary", "check"),
    "reject": ("btn-bad", "x"),
    "inspect": ("", "search"),
    "answer": ("", "chat"),
    "withdraw": ("btn-quiet", "back"),
    "resume": ("", "play"),
    "release": ("", "play"),
    "unblock": ("", "play"),
    "stop": ("btn-quiet", "pause"),
    "dormant": ("btn-quiet", "moon"),
    "block": ("btn-quiet", "block"),
}

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@dataclass(frozen=True, slots=True)
class Tag:
    tone: str
    icon: str
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One template of the list."""

    template: Template
    at: Moment
    href: str
    tags: tuple[Tag, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Tab:
    words: str
    count: int
    href: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Wording:
    """One text as its bubble. head: which of the two it is. links: the representative link's."""

    head: str
    bubble: Bubble
    length: int
    variables: int
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the talk. version: the text it is about, where there is more than one."""

    who: str
    kind: str
    tone: str
    text: str
    at: Moment
    version: int | None


@dataclass(frozen=True, slots=True)
class Act:
    name: str
    words: str
    look: str
    icon: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The template on the desk."""

    template: Template
    at: Moment
    axes: tuple[tuple[str, Tag], ...]
    wordings: tuple[Wording, ...]
    talk: tuple[Said, ...]
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    tab: str
    tabs: tuple[Tab, ...]
    rows: tuple[Row, ...]
    hidden: int
    opened: Opened | None
    longest_comment: int = LONGEST_COMMENT


@router.post("/desk/review", dependencies=[Depends(from_here)])
async def review(request: Request) -> Response:
    """One step of a review; the template stays open and shows what became of it."""
    form = await read_form(request)
    act, comment = form.get("act", ""), form.get("comment", "").strip()
    if act not in ACTS or len(comment) > LONGEST_COMMENT:
        raise PageProblem("err_value")
    if act in moves.NEED_WORDS and not comment:
        raise PageProblem("err_comment")
    store = store_of(request)
    template = get_template(store, form.get("sender_key", ""), form.get("code", ""))
    if template is None:
        raise PageProblem("err_gone", 404)
    try:
        moves.act(store, template, act, comment)
    except moves.NotNow:
        raise PageProblem("err_not_now", 409) from None
    tab = form.get("tab", "")
    return RedirectResponse(_href(tab if tab in TABS else TABS[0], template), 303)


def desk_of(store: Store, query: Mapping[str, str], say: Say) -> Desk:
    """`?tab=`, and `?sender=` with `?template=` for the one on the desk; else the first."""
    tab = query.get("tab", "")
    tab = tab if tab in TABS else TABS[0]
    every = list_templates(store)
    listed = [one for one in every if _belongs(one, tab)]
    if tab == "waiting":
        listed.sort(key=lambda one: one.queued_at or 0)
    wanted = get_template(store, query.get("sender", ""), query.get("template", ""))
    chosen = wanted or next(iter(listed), None)
    tabs = [
        Tab(say(f"tab_{name}"), sum(_belongs(one, name) for one in every), _href(name), name == tab)
        for name in TABS
    ]
    return Desk(
        tab=tab,
        tabs=tuple(tabs),
        rows=tuple(_row(store, one, tab, chosen, say) for one in listed[:SHOWN]),
        hidden=max(0, len(listed) - SHOWN),
        opened=_opened(store, chosen, say) if chosen else None,
    )


def _belongs(template: Template, tab: str) -> bool:
    return {
        "waiting": template.queued_at is not None,
        "approved": template.status == APPROVED,
        "rejected": template.newest.status == REJECTED,
    }.get(tab, True)


def _href(tab: str, template: Template | None = None) -> str:
    query = {"tab": tab}
    if template:
        query |= {"sender": template.sender_key, "template": template.code}
    return f"/desk?{urlencode(query)}#{'opened' if template else 'review'}"


def _row(store: Store, template: Template, tab: str, chosen: Template | None, say: Say) -> Row:
    tags = [_inspection(template.status, say), *(tag for _, tag in _beside(template, say))]
    if template.edit:
        tone, icon = INSPECTIONS[template.edit.status]
        words = say("edit_is", state=say(f"i_{template.edit.status}"))
        tags.append(Tag(tone, icon, words))
    return Row(
        template=template,
        at=Moment(template.updated_at, store.now(), say),
        href=_href(tab, template),
        tags=tuple(tags),
        is_open=chosen is not None
        and (chosen.sender_key, chosen.code) == (template.sender_key, template.code),
    )


def _opened(store: Store, template: Template, say: Say) -> Opened:
    return Opened(
        template=template,
        at=Moment(template.updated_at, store.now(), say),
        axes=_axes(template, say),
        wordings=_wordings(template, say),
        talk=_talk(store, template, say),
        acts=tuple(
            Act(name, say(f"act_{name}"), look, icon)
            for name, (look, icon) in ACTS.items()
            if moves.may(template, name)
        ),
    )


def _inspection(status: str, say: Say) -> Tag:
    tone, icon = INSPECTIONS[status]
    return Tag(tone, icon, say(f"i_{status}"))


def _beside(template: Template, say: Say) -> list[tuple[str, Tag]]:
    """What is not as usual: stopped, blocked, dormant."""
    return [
        (axis, Tag(tone, icon, say(f"is_{axis}")))
        for axis, (tone, icon) in AXES.items()
        if getattr(template, axis)
    ]


def _axes(template: Template, say: Say) -> tuple[tuple[str, Tag], ...]:
    there = dict(_beside(template, say))
    usual = {axis: Tag("", "check", say(f"not_{axis}")) for axis in AXES}
    beside = [(say(f"axis_{axis}"), there.get(axis, usual[axis])) for axis in AXES]
    return ((say("axis_inspection"), _inspection(template.status, say)), *beside)


def _wordings(template: Template, say: Say) -> tuple[Wording, ...]:
    """The new text beside the one in use, the new one first."""
    if template.edit is None:
        return (_wording(template.current, say("as_seen"), say),)
    head = say("edit_head", state=say(f"i_{template.edit.status}"))
    return (
        _wording(template.edit, head, say),
        _wording(template.current, say("in_use_head"), say),
    )


def _wording(text: Text, head: str, say: Say) -> Wording:
    content = str(text.body.get("templateContent") or "")
    link = text.body.get("templateRepresentLink")
    link = link if isinstance(link, dict) else {}
    words = dict(zip(LINKS, ("leads_mobile", "leads_pc", "leads_app", "leads_app"), strict=True))
    return Wording(
        head=head,
        bubble=draw(Notice(0, "", content, text.body)),
        length=len(content),
        variables=len(variables(orjson.dumps(text.body).decode())),
        links=tuple((say(words[name]), str(link[name])) for name in LINKS if link.get(name)),
    )


def _talk(store: Store, template: Template, say: Say) -> tuple[Said, ...]:
    tones = {"REJ": "bad", "APR": "ok", "INQ": "busy"}
    several = len(template.texts) > 1
    return tuple(
        Said(
            who=str(line["userName"]),
            kind=say(f"said_{line['status']}"),
            tone=tones.get(line["status"], ""),
            text=str(line["content"]),
            at=Moment(line["createdAt"], store.now(), say),
            version=line.get("version", 1) if several else None,
        )
        for line in template.comments
    )
