"""What may be done to a template, by its sender and by the reviewers, and what it becomes.

Life cycle as in Kakao's own (github.com/lunasoft-org/kakao-bzm, center API, 2025-12) with
NHN Cloud's edits of approved templates (guide of 2026-06): the old text stays in use until the new
one passes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sandbox.reviews import (
    APPROVED,
    IN_REVIEW,
    REGISTERED,
    REJECTED,
    Template,
    Text,
    keep,
    list_queued,
    new_kakao_code,
)
from sandbox.store import Store

LONGEST_TALK = 100
REVIEWER = "검수자"
SENDER = "발신자"
NEED_WORDS = ("reject", "answer")


class NotNow(Exception):
    """The state of the template does not allow the move; the text names both."""

    def __init__(self, template: Template, move: str) -> None:
        self.move, self.state = move, state_of(template)
        super().__init__(f"{move}: {template.code} is {self.state}")


@dataclass(frozen=True, slots=True)
class Said:
    """What is said with a move and when (ms). files: {originalFileName, filePath}."""

    text: str
    now: int
    files: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    allowed: Callable[[Template], bool]
    make: Callable[[Template, Said], Template]


def state_of(template: Template) -> str:
    """In words: the inspection, then what lies beside it."""
    words = {REGISTERED: "registered", IN_REVIEW: "in_review", APPROVED: "approved"}
    beside = {"stopped": template.stop, "blocked": template.block, "dormant": template.dormant}
    edit = f"edit {words.get(template.edit.status, 'rejected')}" if template.edit else ""
    inspection = words.get(template.status, "rejected")
    return ", ".join(
        [inspection, *(name for name, on in beside.items() if on), *filter(None, [edit])]
    )


def may(template: Template, move: str) -> bool:
    return MOVES[move].allowed(template)


def acts_of(template: Template) -> list[str]:
    """What the reviewers may do with it now."""
    return [move for move in MOVES if move != "comment" and may(template, move)]


def act(
    store: Store,
    template: Template,
    move: str,
    text: str = "",
    files: tuple[dict[str, str], ...] = (),
) -> Template:
    """The template after a move of :data:`MOVES`. Raises NotNow."""
    if not may(template, move):
        raise NotNow(template, move)
    now = store.now()
    changed = replace(MOVES[move].make(template, Said(text, now, files)), updated_at=now)
    keep(store, changed)
    _tell(store, template, changed)
    return changed


def edit(store: Store, template: Template, body: dict[str, Any]) -> Template:
    """Give a template a new text, which is in review at once. Raises NotNow.

    An approved text stays in use until the new one passes; any other is replaced.
    """
    if template.newest.status == IN_REVIEW:
        raise NotNow(template, "edit")
    now, version = store.now(), template.newest.version + 1
    text = Text(version, body["templateName"], body, IN_REVIEW, now, now)
    dropped = [template.newest, *template.former]
    if template.status == APPROVED:
        dropped = [template.edit, *template.former] if template.edit else [*template.former]
        changed = replace(template, edit=text)
    else:
        changed = _use(template, text)
    changed = replace(changed, former=tuple(dropped), queued_at=now, updated_at=now)
    keep(store, changed)
    _tell(store, template, changed)
    return changed


def _tell(store: Store, before: Template, after: Template) -> None:
    for tell in store.on_template:
        tell(before, after)


def convert(store: Store, template: Template, body: dict[str, Any]) -> Template:
    """Change the text in use without a review, as NHN does for channel-add types."""
    now, version = store.now(), template.version + 1
    text = Text(version, template.name, body, template.status, now, now)
    former = (template.current, *template.former)
    changed = replace(_use(template, text), former=former, updated_at=now)
    keep(store, changed)
    return changed


def review_due(store: Store) -> int | None:
    """Take what is registered into review, approve where reviews are automatic.

    Returns when the next step is due (ms).
    """
    found = [due for template in list_queued(store) if (due := _step(store, template)) is not None]
    return min(found, default=None)


def _step(store: Store, template: Template) -> int | None:
    settings, now = store.settings, store.now()
    if template.newest.status == REGISTERED:
        due = (template.queued_at or 0) + int(settings.registered_s * 1000)
        if due > now:
            return due
        template = act(store, template, "inspect")
    if settings.review != "auto":
        return None
    due = (template.queued_at or 0) + int(settings.auto_review_s * 1000)
    if due > now:
        return due
    act(store, template, "approve")
    return None


def _is(*statuses: str) -> Callable[[Template], bool]:
    return lambda template: template.newest.status in statuses


def _approved_but(axis: str) -> Callable[[Template], bool]:
    return lambda template: template.status == APPROVED and not getattr(template, axis)


def _set(axis: str, on: bool) -> Callable[[Template, Said], Template]:
    changes: dict[str, Any] = {axis: on}
    return lambda template, said: replace(template, **changes)


def _inspect(template: Template, said: Said) -> Template:
    return replace(_newest(template, IN_REVIEW, said.now), queued_at=said.now)


def _approve(template: Template, said: Said) -> Template:
    talked = _say(template, said, "APR", REVIEWER)
    if template.edit:
        former = (template.current, *template.former)
        talked = replace(_use(talked, template.edit), edit=None, former=former)
    code = new_kakao_code() if talked.version > 1 else talked.kakao_code
    return replace(talked, status=APPROVED, queued_at=None, kakao_code=code)


def _reject(template: Template, said: Said) -> Template:
    rejected = _newest(_say(template, said, "REJ", REVIEWER), REJECTED, said.now)
    return replace(rejected, queued_at=None)


def _withdraw(template: Template, said: Said) -> Template:
    """A withdrawn edit of an approved template is no longer beside it."""
    back = replace(_newest(template, REGISTERED, said.now), queued_at=None)
    if back.edit is None:
        return back
    return replace(back, edit=None, former=(back.edit, *back.former))


def _comment(template: Template, said: Said) -> Template:
    """A word on a rejected text asks for its review again."""
    talked = _say(template, said, "INQ", SENDER)
    return talked if template.newest.status != REJECTED else _inspect(talked, said)


def _newest(template: Template, status: str, now: int) -> Template:
    if template.edit is None:
        return replace(template, status=status)
    return replace(template, edit=replace(template.edit, status=status, updated_at=now))


def _use(template: Template, text: Text) -> Template:
    return replace(
        template, name=text.name, body=text.body, status=text.status, version=text.version
    )


def _say(template: Template, said: Said, status: str, author: str) -> Template:
    """One more line of the talk; nothing said changes nothing."""
    if not said.text:
        return template
    last = template.comments[-1]["id"] if template.comments else 0
    line = {
        "id": last + 1,
        "content": said.text,
        "userName": author,
        "createdAt": said.now,
        "status": status,
        "version": template.newest.version,
        **({"attachment": list(said.files)} if said.files else {}),
    }
    return replace(template, comments=[*template.comments, line][-LONGEST_TALK:])


def _has_question(template: Template) -> bool:
    return any(line["status"] == "INQ" for line in template.comments)


MOVES: Mapping[str, Move] = {
    "inspect": Move(_is(REGISTERED), _inspect),
    "approve": Move(_is(REGISTERED, IN_REVIEW), _approve),
    "reject": Move(_is(REGISTERED, IN_REVIEW), _reject),
    "withdraw": Move(lambda template: template.queued_at is not None, _withdraw),
    "answer": Move(_has_question, lambda template, said: _say(template, said, "REP", REVIEWER)),
    "comment": Move(_is(REGISTERED, IN_REVIEW, REJECTED), _comment),
    "stop": Move(_approved_but("stop"), _set("stop", True)),
    "resume": Move(lambda template: template.stop, _set("stop", False)),
    "dormant": Move(_approved_but("dormant"), _set("dormant", True)),
    "release": Move(lambda template: template.dormant, _set("dormant", False)),
    "block": Move(_approved_but("block"), _set("block", True)),
    "unblock": Move(lambda template: template.block, _set("block", False)),
}
