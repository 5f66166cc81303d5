"""A case as the API shows it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.api.deps import Answer
from app.services import rooms
from app.services.callers import Caller


class Part(BaseModel):
    """A piece of an answer, read from what the services give."""

    model_config = ConfigDict(from_attributes=True)


class CaseState(Part):
    """One piece of work inside a thread."""

    id: UUID
    number: int
    state: str = Field(description="bot, queued, assigned, waiting, snoozed or resolved")
    owner_kind: str = Field(description="bot, none or agent")
    owner: str
    owner_id: UUID | None = Field(description="of staff or a bot; null: a name from the API")
    team_id: UUID | None
    priority: str = Field(description="urgent, normal or low")
    epoch: int = Field(description="send it back when you write: it proves what you saw")
    opened_by: str
    waiting_since: datetime | None = Field(description="since when the customer waits for a person")
    handed_at: datetime | None = Field(description="since when a person is needed")
    due_first_at: datetime | None = Field(description="the first reply's aim, in open hours")
    first_human_reply_at: datetime | None
    snooze_until: datetime | None
    resolved_at: datetime | None
    resolve_reason: str
    menu: str = Field("", description="of the voice menu that sent the notice")
    reopens: int = Field(description="how often it came back after it was resolved")


class CaseAnswer(CaseState, Answer):
    """One case."""


def case_answer(found: rooms.CaseView, caller: Caller) -> CaseAnswer:
    """The answer that shows a case."""
    answer = CaseAnswer.model_validate(found)
    answer.simulated = caller.simulated
    return answer
