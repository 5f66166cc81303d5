"""How a command that cannot do its work ends: a line on standard error and an exit code."""

from typing import IO, Any

import click
from pydantic import ValidationError
from pydantic_settings import SettingsError

from app.config import Settings, settings
from app.errors import GatewayError


class Failed(click.ClickException):
    """The command ends here with code 1; the text says what, why and what to do."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the line."""
        click.echo(f"naru: {self.message}", file=file, err=file is None)


class BadUsage(Failed):
    """What was given cannot be used: code 2."""

    exit_code = 2


class PortBusy(Failed):
    """Another program listens where we would: code 3."""

    exit_code = 3


def explain(error: GatewayError) -> Failed:
    """What a service refused, in one line with its stable code."""
    field = f" [{error.field}]" if error.field else ""
    return Failed(f"{error.detail} ({error.code}){field}")


def read_settings() -> Settings:
    """The settings in force. Raises BadUsage with the variable that cannot be read."""
    try:
        return settings()
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[0]
        name = "NARU_" + "_".join(str(part) for part in found["loc"]).upper()
        raise BadUsage(f"{name}: {found['msg']}. See `naru settings`.") from None
    except SettingsError as error:  # a list that is no JSON
        raise BadUsage(f"{error}. Lists are JSON, as in [1,5,30]. See `naru settings`.") from None
