"""Reviews over HTTP: submit, withdraw, comment, stop, resume, release, ask again."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from app.api.deps import Body, RuntimeDep
from app.api.problems import responses
from app.api.template_shapes import TemplateOut, modes_of, template_out
from app.api.templates import CodeDep, WriterDep
from app.db.session import Tx
from app.services import reviews, templates
from app.services.actions import Reach
from app.services.callers import Caller
from app.services.reviews import MOST_TEXT
from app.services.runtime import Runtime
from app.services.versions import Stored
from channels.vocabulary import ReviewAction

router = APIRouter(prefix="/v1/templates/{code}", tags=["templates"])
REFUSALS = responses(400, 401, 403, 404, 409, 413, 422)
Account = Annotated[
    str, Field(max_length=100, examples=["NHN sandbox"], description="name or id; all if empty")
]


class AccountIn(Body):
    """Where."""

    account: Account = ""


class SubmitIn(AccountIn):
    """Where, and what is said to the reviewers."""

    comment: str = Field("", max_length=MOST_TEXT, examples=["주문 고객에게만 보냅니다."])


class CommentIn(AccountIn):
    """What is said to the reviewers."""

    text: str = Field(min_length=1, max_length=MOST_TEXT, examples=["광고 문구를 지웠습니다."])


Asked = Callable[[Tx], Awaitable[Stored]]


async def _answer(runtime: Runtime, caller: Caller, code: str, asked: Asked) -> TemplateOut:
    async with runtime.database.write() as tx:
        await asked(tx)
        stored = await templates.get(tx.session, caller.workspace_id, code)
    return template_out(stored, caller)


def _reach(caller: Caller, given: AccountIn) -> Reach:
    return Reach(modes_of(caller), given.account)


@router.post("/submit", summary="Have the newest version reviewed", responses=REFUSALS)
async def submit_template(
    runtime: RuntimeDep, caller: WriterDep, code: CodeDep, given: SubmitIn | None = None
) -> TemplateOut:
    """A draft, one that was refused or withdrawn, or one that new senders do not know yet.

    What is under review or approved already stays so. From now on the version never changes.
    """
    asked = given or SubmitIn()
    reach, of = _reach(caller, asked), caller.workspace_id
    return await _answer(
        runtime, caller, code, lambda tx: reviews.submit(tx, of, code, reach, asked.comment)
    )


@router.post("/comments", summary="Say something to the reviewers", responses=REFUSALS)
async def comment_template(
    runtime: RuntimeDep, caller: WriterDep, code: CodeDep, given: CommentIn
) -> TemplateOut:
    """While it is reviewed or after it was rejected; a rejected one is looked at again."""
    reach, of, action = _reach(caller, given), caller.workspace_id, ReviewAction.COMMENT
    return await _answer(
        runtime, caller, code, lambda tx: reviews.act(tx, of, code, action, reach, given.text)
    )


@router.post("/withdraw", summary="Take back a request for review", responses=REFUSALS)
async def withdraw_template(
    runtime: RuntimeDep, caller: WriterDep, code: CodeDep, given: AccountIn | None = None
) -> TemplateOut:
    """Where the provider offers it; then mend it with PUT, or submit it again."""
    reach, of, action = _reach(caller, given or AccountIn()), caller.workspace_id, ReviewAction
    return await _answer(
        runtime, caller, code, lambda tx: reviews.act(tx, of, code, action.WITHDRAW, reach)
    )


@router.post("/release", summary="Wake a dormant template", responses=REFUSALS)
async def release_template(
    runtime: RuntimeDep, caller: WriterDep, code: CodeDep, given: AccountIn | None = None
) -> TemplateOut:
    """Where the provider offers it; unused for 30 days it falls asleep again."""
    reach, of, action = _reach(caller, given or AccountIn()), caller.workspace_id, ReviewAction
    return await _answer(
        runtime, caller, code, lambda tx: reviews.act(tx, of, code, action.RELEASE, reach)
    )


@router.post("/stop", summary="Let nothing leave with a template", responses=REFUSALS)
async def stop_template(
    runtime: RuntimeDep, caller: WriterDep, code: CodeDep, given: AccountIn | None = None
) -> TemplateOut:
    """At once, by every channel: new messages are refused, queued ones end as `blocked`.

    Providers that offer it are asked to stop it too. With `account` only that provider is.
    """
    reach, of = _reach(caller, given or AccountIn()), caller.workspace_id
    return await _answer(runtime, caller, code, lambda tx: reviews.stop(tx, of, code, reach))


@router.post("/resume", summary="Use a stopped template again", responses=REFUSALS)
async def resume_template(
    runtime: RuntimeDep, caller: WriterDep, code: CodeDep, given: AccountIn | None = None
) -> TemplateOut:
    """Undo a stop, here and at the providers that offer it; what has ended stays so."""
    reach, of = _reach(caller, given or AccountIn()), caller.workspace_id
    return await _answer(runtime, caller, code, lambda tx: reviews.resume(tx, of, code, reach))


@router.post("/sync", summary="Ask the providers now", responses=REFUSALS)
async def sync_template(
    runtime: RuntimeDep, caller: WriterDep, code: CodeDep, given: AccountIn | None = None
) -> TemplateOut:
    """How it stands is asked within seconds; look at the template again then."""
    reach, of = _reach(caller, given or AccountIn()), caller.workspace_id
    return await _answer(runtime, caller, code, lambda tx: reviews.sync(tx, of, code, reach))
