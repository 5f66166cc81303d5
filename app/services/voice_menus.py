"""A call centre's voice menu (ARS) sends an approved notice whose button opens a consultation.

The message keeps the menu's name, so that who answers knows what the caller had chosen.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from app.errors import Invalid
from app.services.callers import Caller
from app.services.catalogue import Catalogue
from app.services.idempotency import Asked
from app.services.messages import NewMessage, Prepared, prepare
from app.services.runtime import Runtime
from templates.plan import Channel

ENDPOINT = "POST /v1/hooks/ars"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A caller chose ``menu`` in the call ``call_id``."""

    to: str = field(repr=False)
    template: str
    variables: dict[str, str] = field(repr=False)
    menu: str
    call_id: str

    def message(self) -> NewMessage:
        """What is sent: before everything normal, because somebody waits on the telephone."""
        return NewMessage(
            template=self.template,
            to=self.to,
            variables=self.variables,
            reference=self.call_id,
            priority="high",
            menu=self.menu,
        )


def asked(caller: Caller, chosen: Chosen) -> Asked:
    """What tells a repeat: the call's id stands for an Idempotency-Key."""
    return Asked(caller.workspace_id, ENDPOINT, chosen.call_id, chosen.message().digest())


async def ask(
    runtime: Runtime, catalogue: Catalogue, caller: Caller, chosen: Chosen, now: datetime
) -> Prepared:
    """Check and prepare. Raises Invalid ``no_consultation_button`` and as :func:`prepare`."""
    sending = await catalogue.sending(caller.workspace_id, chosen.template, caller.mode)
    if not sending.compiled.token_buttons or not sending.plan.uses(Channel.ALIMTALK):
        raise Invalid(
            "no_consultation_button",
            "The template has no button that opens a consultation (BC, or BT for a bot) in a plan "
            "with Alimtalk. Use one that has.",
            field="template",
            data={"kinds": ["BC", "BT"]},
        )
    new = chosen.message()
    prepared = await prepare(runtime, catalogue, caller, new, now, key=chosen.call_id)
    return replace(prepared, endpoint=ENDPOINT)
