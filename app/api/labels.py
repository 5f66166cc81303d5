"""Labels over HTTP: a workspace's own, and on and off a case."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from app.api.consultations import Part, Reader, Writer
from app.api.deps import Answer, Body, RuntimeDep
from app.api.problems import responses
from app.db.models import Label as Row
from app.services import labels
from app.services.callers import Caller

router = APIRouter(prefix="/v1/consultations", tags=["consultations"])


class Label(Part):
    """A word cases are sorted by."""

    id: UUID
    name: str = Field(examples=["환불"])
    created_at: datetime


class LabelAnswer(Label, Answer):
    """One label."""


class LabelList(Answer):
    """Labels by name."""

    items: list[Label]


class NewLabel(Body):
    """A label's name."""

    name: str = Field(max_length=200, description="1–30 characters, unique", examples=["환불"])


class Removed(Answer):
    """What is gone."""

    id: UUID


@router.get("/labels", summary="List labels", responses=responses(401, 403))
async def list_labels(runtime: RuntimeDep, caller: Reader) -> LabelList:
    """Every label of the workspace."""
    async with runtime.database.read() as session:
        return _list(await labels.list_labels(session, caller.workspace_id), caller)


@router.post(
    "/labels", summary="Add a label", status_code=201, responses=responses(401, 403, 409, 422)
)
async def create_label(runtime: RuntimeDep, caller: Writer, body: NewLabel) -> LabelAnswer:
    """A new label; 409 `label_exists` for a name that is taken."""
    async with runtime.database.write() as tx:
        label = await labels.create(tx, caller.workspace_id, body.name)
    return _one(label, caller)


@router.put(
    "/labels/{label_id}", summary="Rename a label", responses=responses(401, 403, 404, 409, 422)
)
async def rename_label(
    runtime: RuntimeDep, caller: Writer, label_id: UUID, body: NewLabel
) -> LabelAnswer:
    """Cases that carry it carry it under its new name."""
    async with runtime.database.write() as tx:
        label = await labels.rename(tx, caller.workspace_id, label_id, body.name)
    return _one(label, caller)


@router.delete("/labels/{label_id}", summary="Remove a label", responses=responses(401, 403, 404))
async def remove_label(runtime: RuntimeDep, caller: Writer, label_id: UUID) -> Removed:
    """It is taken off every case, too."""
    async with runtime.database.write() as tx:
        await labels.remove(tx, caller.workspace_id, label_id)
    return Removed(id=label_id, simulated=caller.simulated)


@router.put(
    "/cases/{case_id}/labels/{label_id}",
    summary="Label a case",
    responses=responses(401, 403, 404),
)
async def label_case(
    runtime: RuntimeDep, caller: Writer, case_id: UUID, label_id: UUID
) -> LabelList:
    """The case's labels now; twice changes nothing."""
    async with runtime.database.write() as tx:
        return _list(await labels.put(tx, caller, case_id, label_id, on=True), caller)


@router.delete(
    "/cases/{case_id}/labels/{label_id}",
    summary="Take a label off a case",
    responses=responses(401, 403, 404),
)
async def unlabel_case(
    runtime: RuntimeDep, caller: Writer, case_id: UUID, label_id: UUID
) -> LabelList:
    """The case's labels now; twice changes nothing."""
    async with runtime.database.write() as tx:
        return _list(await labels.put(tx, caller, case_id, label_id, on=False), caller)


def _list(rows: Sequence[Row], caller: Caller) -> LabelList:
    items = [Label.model_validate(row) for row in rows]
    return LabelList(items=items, simulated=caller.simulated)


def _one(row: Row, caller: Caller) -> LabelAnswer:
    answer = LabelAnswer.model_validate(row)
    answer.simulated = caller.simulated
    return answer
