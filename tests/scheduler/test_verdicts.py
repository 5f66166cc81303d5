"""What is noted of a provider's word, and what is told."""

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from app.db.models import Template, TemplateRegistration, TemplateVersion
from app.services import templates
from app.services.runtime import Runtime
from app.services.standing import PICTURE
from channels.management import Comment, Review
from channels.vocabulary import CommentKind, Inspection
from scheduler.asking import Due, End, Heard, Trouble
from scheduler.verdicts import Notes
from tests.app.api.shop import NOTICE, Shop, open_shop

APPROVED = Review(Inspection.APPROVED)


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    made = await open_shop(runtime)
    async with runtime.database.write() as tx:
        await templates.create(tx, made.workspace_id, NOTICE, ("sandbox",))
    return made


async def hear(runtime: Runtime, shop: Shop, *heard: Heard, **axes: Any) -> tuple[Any, list[str]]:
    """One after the other; the registration, and the words told meanwhile."""
    async with runtime.database.write() as tx:
        template = (await tx.session.exec(select(Template))).one()
        version = (await tx.session.exec(select(TemplateVersion))).one()
        row = (await tx.session.exec(select(TemplateRegistration))).one()
        for name, value in axes.items():
            setattr(row, name, value)
        asked = TemplateRegistration(**row.model_dump())
        due = Due(
            asked, shop.accounts["sandbox"], shop.senders["sandbox alimtalk"], version, template
        )
        for one in heard:
            await Notes(tx, template, version, row).write(due, one)
        told = [kind.removeprefix("template.") for kind, _, _ in tx._events[shop.workspace_id]]
    return row, told


async def test_each_axis_is_noted_and_told_once(runtime: Runtime, shop: Shop) -> None:
    usage = ""
    for review, said in (
        (Review(Inspection.IN_REVIEW), ["in_review"]),
        (Review(Inspection.REGISTERED), ["withdrawn"]),
        (Review(Inspection.REJECTED), ["rejected"]),
        (APPROVED, ["approved"]),
        (replace(APPROVED, stopped=True, dormant=True), ["dormant", "stopped"]),
        (replace(APPROVED, blocked=True), ["blocked", "released", "resumed"]),
        (APPROVED, ["unblocked"]),
    ):
        row, told = await hear(runtime, shop, Heard(review), Heard(review))
        assert told == said
        usage = row.usage
        assert (row.inspection, row.blocked, row.dormant) == (
            str(review.inspection),
            review.blocked,
            review.dormant,
        )
    assert usage == "normal"


async def test_what_was_approved_once_is_never_waiting_again(runtime: Runtime, shop: Shop) -> None:
    """Queued messages may name it: its place is not taken by another version."""
    row, _ = await hear(runtime, shop, Heard(Review(Inspection.IN_REVIEW)))
    assert row.usage == "waiting"
    row, _ = await hear(runtime, shop, Heard(APPROVED), Heard(Review(Inspection.REJECTED)))
    assert (row.inspection, row.usage) == ("rejected", "normal")


async def test_comments_are_told_when_there_are_more(runtime: Runtime, shop: Shop) -> None:
    one = Comment("광고 문구", CommentKind.REJECTED, "검수자")
    review = Review(Inspection.REJECTED, comments=(one,))
    row, told = await hear(runtime, shop, Heard(review), Heard(review))
    assert told == ["commented", "rejected"]
    assert row.comments == [
        {"text": "광고 문구", "kind": "rejected", "author": "검수자", "at": None}
    ]


async def test_trouble_is_told_once_and_over_with_the_next_answer(
    runtime: Runtime, shop: Shop
) -> None:
    trouble = Heard(trouble=Trouble("-2008", "no such profile"))
    row, told = await hear(runtime, shop, trouble, trouble)
    assert (told, row.error_code, row.action) == (["trouble"], "-2008", "submit")
    row, _ = await hear(runtime, shop, Heard(APPROVED, end=End.DONE))
    assert (row.error_code, row.error_text, row.action) == ("", "", "")
    # waiting for a picture is visible, and no trouble
    row, told = await hear(
        runtime, shop, Heard(trouble=Trouble(PICTURE, "")), action="submit", inspection="draft"
    )
    assert (told, row.error_code) == ([], "waiting_for_picture")


async def test_only_what_was_asked_is_over(runtime: Runtime, shop: Shop) -> None:
    """Somebody asked for something else meanwhile: that is still to be asked."""
    async with runtime.database.write() as tx:
        row = (await tx.session.exec(select(TemplateRegistration))).one()
        version = (await tx.session.exec(select(TemplateVersion))).one()
        template = (await tx.session.exec(select(Template))).one()
        asked = TemplateRegistration(**row.model_dump() | {"action": "stop"})
        row.action = "resume"
        due = Due(
            asked, shop.accounts["sandbox"], shop.senders["sandbox alimtalk"], version, template
        )
        await Notes(tx, template, version, row).write(due, Heard(APPROVED, end=End.DONE))
        assert row.action == "resume"
