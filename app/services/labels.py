"""Labels: a workspace's own words, put on cases and taken off."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, func
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import Case, CaseLabel, Label, Thread
from app.db.session import Tx
from app.errors import Invalid, NotFound, Refused
from app.services import threads
from app.services.callers import Caller

MOST = 200  # of a workspace
LONGEST = 30  # characters


async def list_labels(session: AsyncSession, workspace_id: UUID) -> Sequence[Label]:
    """Every label of the workspace, by name."""
    statement = select(Label).where(col(Label.workspace_id) == workspace_id)
    return (await session.exec(statement.order_by(col(Label.name)))).all()


async def create(tx: Tx, workspace_id: UUID, name: str) -> Label:
    """A new label. Raises Invalid ``bad_label``, Refused ``label_exists``, ``too_many_labels``."""
    count = await tx.session.scalar(
        select(func.count()).select_from(Label).where(col(Label.workspace_id) == workspace_id)
    )
    if (count or 0) >= MOST:
        raise Refused(
            "too_many_labels",
            f"The workspace has {MOST} labels, the most there may be. Remove some first.",
            data={"limit": MOST},
        )
    label = Label(workspace_id=workspace_id, name=_named(name), created_at=tx.now)
    tx.session.add(label)
    await _flush(tx)
    return label


async def rename(tx: Tx, workspace_id: UUID, label_id: UUID, name: str) -> Label:
    """Another name for a label. Raises as :func:`create`, and NotFound ``label_not_found``."""
    label = await _held(tx, workspace_id, label_id)
    label.name = _named(name)
    await _flush(tx)
    return label


async def remove(tx: Tx, workspace_id: UUID, label_id: UUID) -> None:
    """Forget a label, on every case. Raises NotFound ``label_not_found``."""
    label = await _held(tx, workspace_id, label_id)
    await tx.session.exec(delete(CaseLabel).where(col(CaseLabel.label_id) == label.id))
    await tx.session.delete(label)


async def put(tx: Tx, caller: Caller, case_id: UUID, label_id: UUID, *, on: bool) -> list[Label]:
    """Put a label on a case or take it off; twice changes nothing. The case's labels now.

    Raises NotFound ``case_not_found``, ``label_not_found``.
    """
    case = await _case(tx, caller, case_id)
    await threads.lock_seen(tx, caller, case.thread_id)
    label = await _held(tx, caller.workspace_id, label_id)
    there = await tx.session.get(CaseLabel, (case.id, label.id))
    if on is (there is None):
        if there is None:
            tx.session.add(CaseLabel(case_id=case.id, label_id=label.id))
        else:
            await tx.session.delete(there)
        await tx.session.flush()
        what = {"case_id": str(case.id), "label_id": str(label.id), "on": on}
        tx.emit(case.workspace_id, "case.label", case.thread_id, **what)
    return (await of_cases(tx.session, caller.workspace_id, [case.id])).get(case.id, [])


async def of_cases(
    session: AsyncSession, workspace_id: UUID, cases: Collection[UUID]
) -> dict[UUID, list[Label]]:
    """Labels of many cases by the case's id, by name, in one read."""
    rows = await session.exec(
        select(CaseLabel.case_id, Label)
        .join(Label, col(Label.id) == col(CaseLabel.label_id))
        .where(col(CaseLabel.case_id).in_(cases), col(Label.workspace_id) == workspace_id)
        .order_by(col(Label.name))
    )
    found: dict[UUID, list[Label]] = {}
    for case_id, label in rows:
        found.setdefault(case_id, []).append(label)
    return found


def _named(name: str) -> str:
    plain = " ".join(name.split())
    if not 1 <= len(plain) <= LONGEST or not plain.isprintable():
        raise Invalid(
            "bad_label",
            f"A label has 1–{LONGEST} printable characters.",
            field="name",
            data={"limit": LONGEST, "length": len(plain)},
        )
    return plain


async def _flush(tx: Tx) -> None:
    try:
        await tx.session.flush()
    except IntegrityError:
        raise Refused(
            "label_exists", "There is a label of this name. Use it.", field="name"
        ) from None


async def _held(tx: Tx, workspace_id: UUID, label_id: UUID) -> Label:
    statement = (
        select(Label)
        .where(col(Label.id) == label_id, col(Label.workspace_id) == workspace_id)
        .with_for_update()
    )
    label = (await tx.session.exec(statement)).first()
    if label is None:
        raise NotFound("label_not_found", "There is no such label. List them to find its id.")
    return label


async def _case(tx: Tx, caller: Caller, case_id: UUID) -> Case:
    statement = (
        select(Case)
        .join(Thread, col(Thread.id) == col(Case.thread_id))
        .where(
            col(Case.id) == case_id,
            col(Case.workspace_id) == caller.workspace_id,
            threads.visible(caller),
        )
    )
    case = (await tx.session.exec(statement)).first()
    if case is None:
        raise NotFound("case_not_found", "There is no such case. List consultations to find it.")
    return case
