"""Commands that work on the store itself: open it, check it, choose the workspace."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.cli.failures import Failed, explain, read_settings
from app.db import schema
from app.db.models import Workspace
from app.errors import GatewayError
from app.sealing import Unsealable
from app.services.runtime import Runtime, open_runtime

T = TypeVar("T")


def on_store(work: Callable[[Runtime], Awaitable[T]], *, check: bool = True) -> T:
    """Run ``work`` on the open store of this installation; ``check`` refuses another schema.

    Raises Failed for everything an operator can mend.
    """
    chosen = read_settings()

    async def run() -> T:
        async with open_runtime(chosen) as runtime:
            if check:
                await schema.check(runtime.database)
            return await work(runtime)

    try:
        return asyncio.run(run())
    except GatewayError as error:
        raise explain(error) from None
    except Unsealable as error:
        raise Failed(
            f"A sealed value cannot be opened ({error}). Was secrets.toml of another "
            f"installation put into {chosen.data}?"
        ) from None
    except (schema.WrongSchema, ValueError) as error:
        raise Failed(str(error)) from None
    except (SQLAlchemyError, OSError, ImportError) as error:  # an address may name any driver
        cause = getattr(error, "orig", None) or error
        raise Failed(
            f"The store cannot be used ({type(cause).__name__}: {cause}). It is in "
            f"{chosen.data}, or where NARU_DATABASE_URL says."
        ) from None


def workspace_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--workspace``."""
    return click.option(
        "--workspace", "workspace", metavar="NAME", help="Workspace; needed when there are several."
    )(command)


async def choose(session: AsyncSession, name: str | None) -> Workspace:
    """The workspace of that name, or the only one. Raises Failed."""
    found = list(await session.exec(select(Workspace).order_by(col(Workspace.id))))
    named = [one for one in found if name is None or one.name == name.strip()]
    if len(named) == 1:
        return named[0]
    if not found:
        raise Failed('There is no workspace yet. Make one: naru workspaces add "나루 상점"')
    names = ", ".join(one.name for one in found)
    if name is None:
        raise Failed(f"There are several workspaces: {names}. Choose one with --workspace.")
    raise Failed(f"There is no workspace {name}. There are: {names}.")
