"""How an act of the inbox answers: a page for a browser, JSON for the page's script."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import JSONResponse, Response

from app.console.deps import safe_next, visit
from app.console.forms import read_form, see, wants_page
from app.errors import Invalid
from app.services.logins import Visit

Writer = Annotated[Visit, Depends(visit("consultations:write"))]


@dataclass(frozen=True, slots=True)
class Form:
    """What a form of the inbox sent: its fields, the case it is about, the epoch that was seen."""

    fields: dict[str, str]
    case_id: UUID | None
    epoch: int | None

    def get(self, name: str) -> str:
        """A field, empty when it is not there."""
        return self.fields.get(name, "")

    @property
    def case(self) -> UUID:
        """The case. Raises Invalid ``bad_form`` where the form names none."""
        if self.case_id is None:
            raise bad_form("case")
        return self.case_id


async def form_of(request: Request) -> Form:
    """Read the form. Raises Invalid ``bad_form`` for ids and numbers that are none."""
    fields = await read_form(request)
    case, epoch = fields.get("case"), fields.get("epoch")
    return Form(fields, read_id(case, "case") if case else None, _number(epoch))


Given = Annotated[Form, Depends(form_of)]


def read_id(text: str | None, field: str) -> UUID:
    """An id of a form. Raises Invalid ``bad_form``."""
    try:
        return UUID(text or "")
    except ValueError:
        raise bad_form(field) from None


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise bad_form("epoch")
    return int(text)


def bad_form(field: str) -> Invalid:
    """A form that no page of ours sends."""
    return Invalid("bad_form", "The form was not understood. Load the page again.", field=field)


def done(request: Request, form: Form, address: str, **told: object) -> Response:
    """After an act: back to where the form was, or what was done for the script."""
    if not wants_page(request):
        return JSONResponse({"done": True, **told})
    return see(safe_next(form.get("back")) or address)
