"""One row of the tenant matrix."""

from dataclasses import dataclass
from typing import Any

from app.services.happenings import READERS


@dataclass(frozen=True)
class Row:
    """How to make one request, and what others get for it.

    ``body`` may name ids of the world as ``{account_id}``, and ``{unique}`` for a new name.
    ``own``: what the owner's test key
    gets; ``foreign``: what a key of a workspace without anything gets; ``wrong_mode``: what a test
    key gets when it aims at live objects. Where that is 200 nothing live may be in the answer.
    """

    scope: str
    own: int = 200
    foreign: int = 404
    wrong_mode: int = 404
    body: dict[str, Any] | None = None
    query: str = ""
    also: tuple[str, ...] = ()  # scopes that open it too


def listing(scope: str, query: str = "") -> Row:
    """A list: others see none of it."""
    return Row(scope, foreign=200, wrong_mode=200, query=query)


def hearing(query: str) -> Row:
    """What any reader may ask: a list for each of what it may read."""
    return Row(READERS[0], foreign=200, wrong_mode=200, query=query, also=READERS[1:])


def shared(scope: str, own: int = 200, body: dict[str, Any] | None = None) -> Row:
    """What has no mode is there for both keys of its workspace."""
    return Row(scope, own, wrong_mode=own, body=body)
