"""Which approved templates can open a chat: those a closed conversation may be answered with."""

from dataclasses import dataclass

from app.errors import GatewayError
from app.services import templates
from app.services.callers import Caller
from app.services.catalogue import Catalogue
from app.services.runtime import Runtime

MOST = 100  # templates looked at, the oldest first


@dataclass(frozen=True, slots=True)
class Choice:
    """A template with a consultation button. ``text`` has ``#{name}`` for each of ``names``."""

    code: str
    name: str
    text: str
    names: tuple[str, ...]


async def choices(runtime: Runtime, catalogue: Catalogue, caller: Caller) -> list[Choice]:
    """Templates of the workspace that may be sent in the caller's mode and bring an answer."""
    async with runtime.database.read() as session:
        stored = await templates.list_templates(session, caller.workspace_id, limit=MOST)
    found: list[Choice] = []
    for one in stored:
        code = one.template.code
        try:
            sending = await catalogue.sending(caller.workspace_id, code, caller.mode)
        except GatewayError:
            continue  # not approved here, or being deleted
        if sending.compiled.token_buttons:
            form = sending.compiled.template
            found.append(
                Choice(code, form.name, form.content, tuple(sorted(sending.compiled.names)))
            )
    return found
