"""``naru settings``: every setting, what is in force, and what it means."""

import os
from collections.abc import Mapping
from typing import Any

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.cli.failures import read_settings
from app.cli.output import json_option, show_rows
from app.config import Settings

# read by the sandbox and by commands, not by Settings: name → (is secret, default, meaning)
OTHERS: Mapping[str, tuple[bool, str, str]] = {
    "NARU_KEY": (True, "", "API key of `naru send`, `show`, `messages`"),
    "NARU_SANDBOX_HOST": (False, "127.0.0.1", "address the sandbox listens on"),
    "NARU_SANDBOX_STORE": (False, "", "file of a sandbox that runs alone; empty = temporary"),
    "NARU_SANDBOX_PASSWORD": (True, "", "password of the sandbox's pages; needed in production"),
}


@click.command("settings")
@json_option
def show_settings(as_json: bool) -> None:
    """List every setting: its variable, the value in force, the default, the meaning.

    Secrets are never shown.

    예: NARU_PORT=9000 naru settings
    """
    show_rows(list_settings(read_settings()), as_json=as_json, empty="")


def list_settings(chosen: Settings) -> list[Mapping[str, Any]]:
    """One row per variable."""
    rows: list[Mapping[str, Any]] = [
        {
            "name": f"NARU_{name.upper()}",
            "value": _shown(name, getattr(chosen, name)),
            "default": _words(field.default),
            "meaning": field.description or _choices(field.annotation),
        }
        for name, field in Settings.model_fields.items()
    ]
    for name, (is_secret, default, meaning) in OTHERS.items():
        value = os.environ.get(name, default)
        shown = "(set)" if is_secret and value else value
        rows.append({"name": name, "value": shown, "default": default, "meaning": meaning})
    return rows


def _shown(name: str, value: object) -> str:
    """The address of a database without its password."""
    if name != "database_url" or not value:
        return _words(value)
    try:
        return make_url(str(value)).render_as_string(hide_password=True)
    except ArgumentError:
        return "(not an address)"


def _words(value: object) -> str:
    if isinstance(value, tuple):
        return str(list(value)).replace(" ", "")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _choices(annotation: object) -> str:
    return " | ".join(str(one) for one in getattr(annotation, "__args__", ()))
