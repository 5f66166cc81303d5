"""Where apps report what became of a push. Open to everybody: the token is the right to report."""

from typing import Annotated, Literal

from fastapi import APIRouter, status
from pydantic import AwareDatetime, BaseModel, Field

from app.api.deps import Body, RuntimeDep
from app.api.problems import responses
from app.db.models.fields import now as clock
from app.services import app_receipts, room
from app.services.app_receipts import Told

router = APIRouter(tags=["push"])


class ReportIn(Body):
    """One thing that happened to one push."""

    token: str = Field(min_length=1, max_length=100, description="`naru_token` of the push's data")
    what: Literal["received", "shown", "read", "acknowledged"]
    at: AwareDatetime | None = Field(None, description="with a UTC offset; now when left out")


class ReportsIn(Body):
    """What an app reports, several at once after it was away."""

    receipts: Annotated[list[ReportIn], Field(min_length=1, max_length=app_receipts.MOST)]


class ReportsOut(BaseModel):
    """Kept, or not: of a token that is not ours there is nothing to tell."""

    kept: int
    refused: list[int] = Field(description="places in the list whose token is unknown")


@router.post(
    app_receipts.PATH,
    status_code=status.HTTP_202_ACCEPTED,
    summary="Report what became of a push",
    responses=responses(413, 422, 503),
)
async def take_reports(runtime: RuntimeDep, body: ReportsIn) -> ReportsOut:
    """Durable before the answer; the same report twice is no harm."""
    room.check(runtime)
    told = [Told(one.token, one.what, one.at) for one in body.receipts]
    refused = await app_receipts.keep(runtime, told, clock())
    return ReportsOut(kept=len(told) - len(refused), refused=refused)
