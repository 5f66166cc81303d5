"""Credentials from the command line, files, the environment, or a question; never shown."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from app.cli.failures import BadUsage
from channels.credentials import Credential

PREFIX = "NARU_CREDENTIAL_"


def gather(
    wanted: Sequence[Credential], given: Sequence[str], *, at_sandbox: bool
) -> Mapping[str, str]:
    """``NAME=VALUE`` or ``NAME=@FILE``, else ``NARU_CREDENTIAL_NAME``, else asked for.

    Nothing is asked where there is no terminal, nor for what is optional or what the sandbox
    replaces: the service then says what is missing. Raises BadUsage.
    """
    found = dict(_pair(text) for text in given)
    for one in wanted:
        value = found.get(one.name) or os.environ.get(PREFIX + one.name.upper(), "")
        needed = one.required and not (one.address and at_sandbox)
        if not value and needed and sys.stdin.isatty():
            value = click.prompt(f"{one.help_ko} ({one.name})", hide_input=one.secret)
        if value:
            found[one.name] = value
    return found


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise BadUsage("--credential wants NAME=VALUE, as in app_key=… or secret_key=@file")
    if not value.startswith("@"):
        return name.strip(), value
    try:
        return name.strip(), Path(value[1:]).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadUsage(f"{value[1:]} cannot be read ({type(error).__name__})") from None
