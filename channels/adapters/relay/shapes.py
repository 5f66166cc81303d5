"""The relay's JSON: what we write, and how its rows are read; nothing here asks anybody."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from channels.adapters.relay.account import REASONS
from channels.contract import Found, Listed, Outgoing, Receipt
from channels.management import (
    Comment,
    ProviderRefused,
    ProviderSilent,
    Review,
    TemplateForm,
)
from channels.transport import Reply, Trouble, judge, read
from channels.vocabulary import CommentKind, Inspection, Lookup, Reason, Result, Standing, Verdict

Row = Mapping[str, Any]

NO_PICTURES = "a relay is given no pictures, so it has no template with one"


def found(ref: str, mine: Sequence[Row], whole: bool) -> Found:
    """What a list says of one reference: none, one, or too many rows."""
    if not mine:
        return Found(ref, Lookup.ABSENT if whole else Lookup.UNCLEAR)
    if len(mine) > 1:  # one of them is ours, and nobody can tell which, or whether
        return Found(ref, Lookup.UNCLEAR)
    code, id_ = words(mine[0].get("code")), words(mine[0].get("id"))
    status = words(mine[0].get("status"))
    if status == "rejected":
        _, reason = REASONS.get(code, (Verdict.REJECTED, Reason.UNMAPPED))
        return Found(ref, Lookup.REFUSED, id_, reason, code)
    if status == "accepted":
        return Found(ref, Lookup.ACCEPTED, id_, code=code)
    word = receipt({**mine[0], "ref": ref})
    return (
        Found(ref, Lookup.ACCEPTED, id_, code=code, receipt=word)
        if word
        else Found(ref, Lookup.UNCLEAR)
    )


def listed(row: Row) -> Listed | None:
    """One message of the relay's whole list; None for a row in no documented shape."""
    status, code, id_ = (words(row.get(name)) for name in ("status", "code", "id"))
    if status in (Result.READ, Result.ACKNOWLEDGED):  # it arrived; that somebody read it is told
        status = Result.DELIVERED  # by results
    if status not in tuple(Standing) or not id_:
        return None
    state, reason = Standing(status), None
    if state is Standing.UNCERTAIN:
        reason = Reason.UNCERTAIN
    elif state in (Standing.UNDELIVERED, Standing.REJECTED):
        reason = REASONS.get(code, (Verdict.UNKNOWN, Reason.UNMAPPED))[1]
    return Listed(
        route=words(row.get("route")),
        provider_id=id_,
        state=state,
        ref=words(row.get("ref")),
        reason=reason,
        code=code,
        at=moment(row.get("taken_at")),
        ended_at=None if state is Standing.ACCEPTED else moment(row.get("at")),
    )


def written(message: Outgoing) -> dict[str, Any]:
    """A message as the relay gets it; empty parts are left out."""
    filled = _filled(message)
    return filled | {
        "ref": message.ref,
        "to": message.to,
        "sender": message.sender,
        "template": message.template,
        "title": message.title,
        "text": message.text,
        "buttons": filled.get("buttons", ()),
    }


def registered(form: TemplateForm) -> dict[str, Any]:
    """A template as the relay gets it; empty parts are left out.

    Raises ProviderRefused for one with a picture, which a relay cannot be given.
    """
    if form.emphasis == "IMAGE" or (form.highlight is not None and form.highlight.image):
        raise ProviderRefused(Reason.REQUEST_REFUSED, "request_refused", NO_PICTURES)
    filled = _filled(form)
    return filled | {"security": form.security, "buttons": filled.get("buttons", ())}


def _filled(part: Outgoing | TemplateForm) -> dict[str, Any]:
    return asdict(part, dict_factory=lambda pairs: {k: v for k, v in pairs if v})


def receipt(row: Row) -> Receipt | None:
    """None for a row in no documented shape."""
    ref, id_ = words(row.get("ref")), words(row.get("id"))
    status, code = words(row.get("status")), words(row.get("code"))
    if status not in tuple(Result) or not (ref or id_):
        return None
    result, reason = Result(status), None
    if result in (Result.UNDELIVERED, Result.UNCERTAIN):
        reason = REASONS.get(code, (Verdict.UNKNOWN, Reason.UNMAPPED))[1]
        reason = Reason.UNCERTAIN if result is Result.UNCERTAIN else reason
    return Receipt(
        result,
        ref=ref,
        provider_id=id_,
        event_id=words(row.get("event_id")),
        reason=reason,
        code=code,
        text=words(row.get("text")),
        at=moment(row.get("at")),
    )


def review(body: Row) -> Review:
    """A template's state. Raises ProviderSilent."""
    try:
        inspection = Inspection(words(body.get("inspection")))
    except ValueError:
        raise ProviderSilent("no inspection") from None
    comments = body.get("comments")
    return Review(
        inspection,
        provider_code=words(body.get("code")),
        blocked=body.get("blocked") is True,
        dormant=body.get("dormant") is True,
        stopped=body.get("stopped") is True,
        comments=tuple(map(_comment, comments)) if isinstance(comments, list) else (),
    )


def _comment(row: Any) -> Comment:
    """A plain text, or an object that also says who and when."""
    if not isinstance(row, Mapping):
        return Comment(words(row))
    kind = words(row.get("kind"))
    return Comment(
        words(row.get("text")),
        CommentKind(kind) if kind in set(CommentKind) else CommentKind.ANSWER,
        words(row.get("author")),
        moment(row.get("at")),
    )


def readable(answer: Reply | Trouble) -> Row:
    """The body of a successful answer. Raises ProviderRefused, ProviderSilent."""
    body = read(answer)
    if isinstance(body, Mapping) and isinstance(answer, Reply):
        if answer.status == 200:
            return body
        if 400 <= answer.status < 500 and (code := words(body.get("code"))):
            reason = REASONS.get(code, (Verdict.REJECTED, Reason.UNMAPPED))[1]
            raise ProviderRefused(reason, code, words(body.get("text")))
    judged = judge(answer)
    if judged.reason is Reason.MISCONFIGURED:
        raise ProviderRefused(judged.reason, judged.code, "")
    raise ProviderSilent(judged.code or str(judged.reason))


def rows(body: Any, name: str) -> list[Row] | None:
    """The list of that name, or None when there is none."""
    listed = body.get(name) if isinstance(body, Mapping) else None
    if not isinstance(listed, list) or not all(isinstance(row, Mapping) for row in listed):
        return None
    return listed


def words(value: Any) -> str:
    """Text, or empty."""
    return value if isinstance(value, str) else ""


def moment(value: Any) -> datetime | None:
    """A time with its zone, or None."""
    try:
        at = datetime.fromisoformat(words(value))
    except ValueError:
        return None
    return at if at.tzinfo else None


def made_at(ref: str) -> datetime | None:
    """The time in a reference: the first 48 bits of its UUIDv7, milliseconds since 1970."""
    try:
        raw = base64.b32decode(ref + "=" * (-len(ref) % 8))
        return datetime.fromtimestamp(int.from_bytes(raw[:6], "big") / 1000, UTC)
    except (ValueError, binascii.Error, OverflowError, OSError):
        return None
