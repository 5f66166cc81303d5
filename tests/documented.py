"""The examples that NHN Cloud's public guides print, and what it means to be like one.

Each file of `wire/nhn/examples` is one call: request and answer as printed, where from and when.
A value is a sample, or the name of a type. `not_null` are the fields that the guide's table marks
so; `mended` says what had to be corrected to make JSON of the print.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

FOLDER = Path(__file__).parent / "wire" / "nhn" / "examples"
TYPES: Mapping[str, type] = {"String": str, "Integer": int, "Boolean": bool, "boolean": bool}
# parts that are given back as they were registered or sent, with the fields that were given
ECHOED = {
    "buttons",
    "quickReplies",
    "templateItem",
    "templateItemHighlight",
    "templateRepresentLink",
}


def documented(name: str) -> dict[str, Any]:
    """One example."""
    found: dict[str, Any] = orjson.loads((FOLDER / f"{name}.json").read_bytes())
    return found


def names() -> list[str]:
    """All examples."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def filled(tree: Any, values: Mapping[str, Any], name: str = "") -> Any:
    """The printed tree with our values, by field name; a value of None leaves the field out.

    A field without a value of ours keeps its sample. Raises KeyError where a type has no value.
    """
    if name in values:
        return values[name]
    if isinstance(tree, dict):
        kept = {key: part for key, part in tree.items() if values.get(key, key) is not None}
        return {key: filled(part, values, key) for key, part in kept.items()}
    if isinstance(tree, list):
        return [filled(tree[0], values)]
    if tree in (*TYPES, "File"):
        raise KeyError(name)
    return tree


def differences(
    tree: Any, found: Any, not_null: list[str], path: str = "", echoed: bool = False
) -> Iterator[str]:
    """What is not as printed: fields, types, emptiness, nulls where the table forbids them."""
    if found is None:
        if path in not_null:
            yield f"{path} is null"
    elif isinstance(tree, dict):
        yield from _fields(tree, found, not_null, path, echoed)
    elif isinstance(tree, list):
        rows = found if isinstance(found, list) else []
        if not rows:
            yield f"{path} has no rows"
        for row in rows:
            yield from differences(tree[0], row, not_null, path, echoed)
    else:
        yield from _types(tree, found, path)


def _types(tree: Any, found: Any, path: str) -> Iterator[str]:
    wanted = TYPES.get(tree, str) if isinstance(tree, str) else type(tree)
    if tree is not None and type(found) is not wanted:
        yield f"{path} is {found!r}, not {wanted.__name__}"


def _fields(
    tree: dict[str, Any], found: Any, not_null: list[str], path: str, echoed: bool
) -> Iterator[str]:
    if not isinstance(found, dict):
        yield f"{path} is no object"
        return
    missing = set() if echoed else tree.keys() - found.keys()
    for name in sorted(missing | (found.keys() - tree.keys())):
        yield f"{path}.{name} is {'missing' if name in missing else 'not printed'}"
    for name in tree.keys() & found.keys():
        inside = f"{path}.{name}".removeprefix(".")
        part = echoed or name in ECHOED
        yield from differences(tree[name], found[name], not_null, inside, part)
