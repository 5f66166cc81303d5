"""Documented request and answer examples, and what "same shape" means."""

from pathlib import Path
from typing import Any

import orjson

FOLDER = Path(__file__).parent / "examples"


def example(name: str) -> Any:
    return orjson.loads((FOLDER / f"{name}.json").read_bytes())


def shape(value: Any) -> Any:
    """Names and types: of a list its first item; any text of digits and marks counts as such."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in sorted(value.items())}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__
