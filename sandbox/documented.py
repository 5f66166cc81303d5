"""Documented calls as data, and the fields of a request that are in no document.

A tree names the fields of an object; lists are not marked. `None` ends a branch: what is inside is
not looked at. The name `*` stands for any name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, NamedTuple, Union

Tree = Mapping[str, Union["Tree", None]]
Place = tuple[str | int, ...]
ANY = "*"
MOST_FOUND = 10_000
ALIKE = 0.7  # below it, another name is rather another thing
_OPERATOR = re.compile(r"\[.*\]$")
# an undocumented name may be the documented one of another provider
MEANT = {
    "to": ("recipientNo", "to", "user_key"),
    "phone": ("recipientNo", "to"),
    "phoneNumber": ("recipientNo", "to"),
    "recipientNo": ("to",),
    "receiver": ("recipientNo", "to"),
    "from": ("sendNo", "sender"),
    "sendNo": ("from", "sender"),
    "caller": ("sendNo", "from", "sender"),
    "senderKey": ("pfId", "sender", "sender_key"),
    "pfId": ("senderKey", "sender"),
    "templateId": ("templateCode", "template"),
    "templateCode": ("templateId", "template"),
    "text": ("content", "body", "message", "templateContent"),
    "content": ("text", "body", "message", "templateContent"),
    "message": ("text", "content", "body", "messages"),
    "body": ("text", "content", "message"),
    "variables": ("templateParameter",),
    "templateParameter": ("variables",),
    "receiveTime": ("requestDate", "scheduledDate"),
    "reserveTime": ("requestDate", "scheduledDate"),
    "sendAt": ("requestDate", "scheduledDate"),
    "sendDate": ("requestDate", "scheduledDate"),
    "scheduledDate": ("requestDate",),
    "requestDate": ("scheduledDate",),
    "reference": ("recipientGroupingKey", "ref", "customFields", "serial_number"),
    "ref": ("recipientGroupingKey", "customFields", "serial_number"),
    "subject": ("title",),
    "title": ("subject",),
    "recipients": ("recipientList", "messages"),
    "messages": ("recipientList", "message"),
    "recipientList": ("messages",),
    "failover": ("resendParameter", "disableSms"),
    "limit": ("pageSize",),
    "pageSize": ("limit",),
    "page": ("pageNum",),
    "size": ("pageSize", "limit"),
    "type": ("kind", "buttonType", "linkType", "route", "message_type"),
    "kind": ("type", "buttonType", "linkType"),
    "url": ("linkMo", "url_mobile"),
}


class Text(NamedTuple):
    """The same words in Korean and English."""

    ko: str
    en: str


@dataclass(frozen=True, slots=True)
class Form:
    """A documented call. body None: it takes none, or one that is no JSON."""

    name: Text
    body: Tree | None = None
    query: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Unknown:
    """A field nobody documents. path: `recipientList[0].recieveTime`, of the first of `times`.

    meant: the documented name that was probably meant, "" when none is near. lies: where a
    documented name of this spelling belongs instead, without indexes. places: all of them.
    """

    where: str  # body | query
    path: str
    name: str
    meant: str = ""
    lies: str = ""
    times: int = 1
    places: tuple[Place, ...] = field(default=(), repr=False)


def fields(names: str = "", **inner: Tree | None) -> Tree:
    """A tree of plain names, and of those with something inside."""
    return {**dict.fromkeys(names.split()), **inner}


def names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def match(forms: Mapping[str, Form], method: str, path: str) -> Form | None:
    """The form of a call. Keys are "POST /a/*/b"; a `*` is one segment; plain segments win."""
    parts = path.strip("/").split("/")
    found: list[tuple[int, Form]] = []
    for key, form in forms.items():
        verb, _, pattern = key.partition(" ")
        wanted = pattern.strip("/").split("/")
        if verb == method and len(wanted) == len(parts):
            same = [a == b for a, b in zip(wanted, parts, strict=True)]
            if all(ok or a == ANY for ok, a in zip(same, wanted, strict=True)):
                found.append((sum(same), form))
    return max(found, key=lambda one: one[0])[1] if found else None


def unknown_in(form: Form, body: Any, query: Iterable[tuple[str, str]]) -> list[Unknown]:
    """Fields of a body and parameters of a query that the form does not have."""
    found = [
        Unknown("query", name, name, *_suggest(name, dict.fromkeys(form.query), {}))
        for name in dict.fromkeys(name for name, _ in query)
        if _OPERATOR.sub("", name) not in form.query and name not in form.query
    ]
    return found + (_unknown_fields(form.body, body) if form.body is not None else [])


def _unknown_fields(tree: Tree, body: Any) -> list[Unknown]:
    places: dict[tuple[str, ...], list[Place]] = {}
    siblings: dict[tuple[str, ...], Tree] = {}
    for count, (place, level) in enumerate(_strays(tree, body, ())):
        if count == MOST_FOUND:
            break
        kind = tuple(part for part in place if isinstance(part, str))
        places.setdefault(kind, []).append(place)
        siblings[kind] = level
    return [
        Unknown(
            "body",
            written(found[0]),
            kind[-1],
            *_suggest(kind[-1], siblings[kind], tree),
            len(found),
            tuple(found),
        )
        for kind, found in places.items()
    ]


def _strays(tree: Tree, body: Any, at: Place) -> Iterator[tuple[Place, Tree]]:
    """Undocumented fields, each with the names that are documented beside it."""
    if isinstance(body, list):
        for place, one in enumerate(body):
            yield from _strays(tree, one, (*at, place))
    elif isinstance(body, dict):
        for name, value in body.items():
            if name in tree or ANY in tree:
                inner = tree[name] if name in tree else tree[ANY]
                if inner is not None:
                    yield from _strays(inner, value, (*at, name))
            else:
                yield (*at, name), tree


def written(place: Place) -> str:
    """A place as people write it: `recipientList[0].content`."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _suggest(name: str, beside: Tree, whole: Tree) -> tuple[str, str]:
    """The name that was probably meant, and where this very name belongs."""
    for other in MEANT.get(name, ()):
        if other in beside:
            return other, ""
    if lies := _where(name, whole, ()):
        return "", lies
    return _alike(name, beside), ""


def _alike(name: str, beside: Tree) -> str:
    by_form = {_plain(one): one for one in beside if one != ANY}
    by_alias = {
        _plain(alias): other
        for alias, others in MEANT.items()
        for other in others
        if other in beside and _plain(alias) not in by_form
    }
    known = {**by_alias, **by_form}
    near = get_close_matches(_plain(name), known, n=1, cutoff=ALIKE)
    return known[near[0]] if near else ""


def _plain(name: str) -> str:
    return re.sub(r"[^0-9a-z가-힣]", "", name.lower())


def _where(name: str, tree: Tree, at: tuple[str, ...]) -> str:
    for one, inner in tree.items():
        if one == name:
            return ".".join((*at, one))
        if inner and (found := _where(name, inner, (*at, one))):
            return found
    return ""
