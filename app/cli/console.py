"""Where the console is: its address, and the one that makes the first owner."""

from urllib.parse import quote

from app.cli.api import local_url
from app.config import Settings
from app.services import setup_code, staff
from app.services.runtime import Runtime


def page(chosen: Settings, path: str = "") -> str:
    """The address of a page: by the public name where there is one, else on this machine."""
    base = (chosen.public_url or local_url(chosen)).rstrip("/")
    return f"{base}/console{path}"


async def front(runtime: Runtime) -> str:
    """The address to open; while nobody can log in, the one that makes the first owner."""
    return await first_run(runtime) or page(runtime.settings)


async def first_run(runtime: Runtime) -> str | None:
    """The address with the set-up code; None when there are people already."""
    async with runtime.database.read() as session:
        if not await staff.is_first(session):
            return None
    code = setup_code.make(runtime.settings.data)
    return page(runtime.settings, f"/start?code={quote(code)}")
