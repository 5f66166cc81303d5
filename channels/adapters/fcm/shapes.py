"""Reading Google's JSON: every answer may lack anything, and nothing here raises."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from channels.transport import Reply, Trouble

FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as Google writes it.

    ``status`` is its canonical name, ``fcm`` FCM's own code, ``fields`` what is wrong in the
    request; any may be empty.
    """

    status: str
    fcm: str = ""
    text: str = ""
    fields: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """The one that says more."""
        return self.fcm or self.status


def fault_of(answer: Reply | Trouble) -> Fault | None:
    """The error of an answer; None when it holds none that can be read."""
    error = at(said(answer), "error")
    status = words(at(error, "status"))
    if not status:
        return None
    details = at(error, "details")
    rows = [row for row in details if isinstance(row, Mapping)] if isinstance(details, list) else []
    codes = [words(row.get("errorCode")) for row in rows if row.get("@type") == FCM_ERROR]
    fields = tuple(name for row in rows for name in _fields(row))
    return Fault(status, next(filter(None, codes), ""), words(at(error, "message")), fields)


def _fields(row: Mapping[str, Any]) -> Iterator[str]:
    found = row.get("fieldViolations") if row.get("@type") == BAD_REQUEST else None
    for one in found if isinstance(found, list) else ():
        yield words(at(one, "field"))


def said(answer: Reply | Trouble) -> Any:
    """The JSON of an answer, whatever its status; None when there is none."""
    if isinstance(answer, Trouble):
        return None
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None


def at(body: Any, *path: str) -> Any:
    """What is at a path of names, or None."""
    for key in path:
        if not isinstance(body, Mapping):
            return None
        body = body.get(key)
    return body


def words(value: Any) -> str:
    """Text, or empty."""
    return value if isinstance(value, str) else ""
