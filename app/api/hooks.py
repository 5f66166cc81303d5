"""Hooks of other systems: a call centre's voice menu sends a notice that opens a consultation."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from app.api.deps import Body, Line, RuntimeDep, caller_with
from app.api.messages import Accepted
from app.api.problems import responses
from app.db.models.fields import now as clock
from app.services import voice_menus
from app.services.accept import Acceptor
from app.services.callers import Caller
from app.services.catalogue import Catalogue

router = APIRouter(prefix="/v1/hooks", tags=["Messages"])
Writer = Annotated[Caller, Depends(caller_with("messages:write"))]


class VoiceMenu(Body):
    """A caller chose a menu."""

    to: str = Field(max_length=40, description="the caller", examples=["010-0000-1001"])
    template: str = Field(
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f]+$",
        description="approved, with a BC or BT button",
        examples=["call_to_chat"],
    )
    variables: dict[str, str] = Field(default_factory=dict, max_length=100)
    menu: Line = Field(
        min_length=1,
        max_length=40,
        description="what they chose: who answers sees it",
        examples=["배송 문의"],
    )
    call_id: str = Field(
        pattern=r"^[A-Za-z0-9_.:-]{1,100}$",
        description="unique per call: the same again sends nothing twice; kept 72 hours",
        examples=["call-20261127-0042"],
    )


@router.post(
    "/ars",
    status_code=202,
    response_model=Accepted,
    summary="Send a notice from a voice menu",
    responses=responses(400, 401, 403, 409, 413, 422, 503),
)
async def send_from_voice_menu(
    request: Request, response: Response, body: VoiceMenu, runtime: RuntimeDep, caller: Writer
) -> Any:
    """The caller gets an approved notice; the case that its button opens carries `menu`.

    422 `no_consultation_button`: the template has no button that opens a consultation.
    """
    chosen = voice_menus.Chosen(**body.model_dump())
    catalogue: Catalogue = request.app.state.catalogue
    acceptor: Acceptor = request.app.state.acceptor
    preparing = voice_menus.ask(runtime, catalogue, caller, chosen, clock())
    accepted = await acceptor.accept_once(voice_menus.asked(caller, chosen), preparing)
    if accepted.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return accepted.response
