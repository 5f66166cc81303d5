"""What is asked of a provider, and what becomes of it when somebody dies on the way."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from app.services import removal, reviews
from app.services.runtime import Runtime
from channels.vocabulary import ReviewAction
from tests.review_desk import CODE, MENDED, Desk, Killed, Office, open_office

TEXT = MENDED["content"]


@pytest.fixture
async def office(runtime: Runtime) -> AsyncIterator[Office]:
    desk = Desk()
    async with httpx.AsyncClient(transport=httpx.MockTransport(desk.answer)) as client:
        made = await open_office(runtime, desk, client)
        desk.runtime = runtime
        yield made


async def rejected(office: Office) -> None:
    """The first version is rejected, with a comment."""
    await office.create()
    await office.turn()
    office.desk.judge("rejected", text="광고 문구가 있습니다")
    await office.turn()


async def approved(office: Office) -> None:
    await office.create()
    await office.turn()
    office.desk.judge("approved")
    await office.turn()


def dies(office: Office, action: str, *, before: bool = False) -> None:
    """The process dies once while this action is asked."""

    def die(asked: str) -> None:
        if asked == action:
            office.desk.before = office.desk.after = lambda _: None
            raise Killed

    setattr(office.desk, "before" if before else "after", die)


async def killed(office: Office) -> None:
    with pytest.raises(BaseExceptionGroup) as died:
        await office.turn()
    assert died.value.subgroup(Killed)


async def test_a_mended_version_takes_the_rejected_one_s_code(office: Office) -> None:
    await rejected(office)
    await office.put(content=TEXT)
    await office.turn()
    assert office.desk.asked == [("submit", CODE), ("edit", CODE)]
    form = office.desk.known[CODE]["form"]
    assert (form["code"], form["name"], form["content"]) == (CODE, MENDED["name"], TEXT)
    new, old = await office.row(2), await office.row(1)
    assert (new.code, new.inspection, new.action) == (CODE, "registered", "")
    assert (old.inspection, old.action, old.due_at) == ("rejected", "replaced", None)
    office.desk.judge("approved")
    await office.turn()
    assert await office.in_use() == 2
    assert (await office.row(1)).inspection == "rejected"  # never asked about again


async def test_a_look_that_was_overtaken_is_not_noted(office: Office) -> None:
    """Its place was taken while the provider answered; it is never asked about again."""
    await rejected(office)
    office.desk.looked = lambda: office.put(content=TEXT)
    await office.turn()
    old = await office.row(1)
    assert (old.inspection, old.action, old.due_at) == ("rejected", "replaced", None)
    await office.turn()
    office.desk.judge("approved")
    await office.turn(2)
    assert await office.in_use() == 2
    assert (await office.row(1)).inspection == "rejected"


async def test_an_edit_is_not_begun_for_a_version_that_was_replaced(office: Office) -> None:
    """A third version comes while the second looks whether it may edit the first."""
    await rejected(office)
    await office.put(content=TEXT)
    office.desk.looked = lambda: office.put(content=TEXT + " 고맙습니다.")
    await office.turn()
    assert ("edit", CODE) not in office.desk.asked
    await office.turn()
    assert office.desk.known[CODE]["form"]["content"] == TEXT + " 고맙습니다."
    third = await office.row(3)
    assert (third.code, third.inspection) == (CODE, "registered")


@pytest.mark.parametrize("before", [True, False])
async def test_an_edit_whose_asker_died_is_not_done_twice(office: Office, before: bool) -> None:
    await rejected(office)
    await office.put(content=TEXT)
    dies(office, "edit", before=before)
    await killed(office)
    assert (await office.row(2)).action == "edit"
    await office.turn()
    assert (await office.row(2)).inspection in ("in_review", "registered")
    assert (await office.row(2)).action == ""
    assert office.desk.known[CODE]["form"]["content"] == TEXT
    assert office.desk.asked.count(("edit", CODE)) == (2 if before else 1)


async def test_an_old_text_s_approval_is_never_the_new_one_s(office: Office) -> None:
    """Somebody had the rejected text looked at again, and it was approved, before we edited it."""
    await rejected(office)
    await office.put(content=TEXT)
    office.desk.judge("approved")
    await office.turn()
    assert ("edit", CODE) not in office.desk.asked
    new, old = await office.row(2), await office.row(1)
    assert (new.inspection, new.code, new.edits_id) == ("draft", f"{CODE}-2", None)
    assert old.action == ""
    await office.turn()
    assert await office.in_use() == 1  # the old one, by its own code
    assert office.desk.known[f"{CODE}-2"]["form"]["name"] == "배송 시작 (2)"
    assert office.desk.known[CODE]["form"]["content"] != TEXT


async def test_a_refused_edit_begins_anew_later(office: Office) -> None:
    await rejected(office)
    await office.put(content=TEXT)
    office.desk.before = lambda action: office.desk.judge("in_review")
    await office.turn()
    row = await office.row(2)
    assert (row.inspection, row.action, row.error_code) == ("draft", "submit", "template_state")
    office.desk.before = lambda action: None
    office.desk.judge("rejected")
    await office.turn()
    assert (await office.row(2)).inspection == "registered"


async def test_what_was_approved_keeps_its_code_and_stays_in_use(office: Office) -> None:
    await approved(office)
    await office.put(content=TEXT)
    await office.turn()
    assert office.desk.asked[-1] == ("submit", f"{CODE}-2")
    assert await office.in_use() == 1
    office.desk.judge("approved", f"{CODE}-2")
    await office.turn()
    assert await office.in_use() == 2
    assert ((await office.row(1)).code, (await office.row(2)).code) == (CODE, f"{CODE}-2")


@pytest.mark.parametrize("before", [True, False])
async def test_an_action_whose_asker_died_is_done_once(office: Office, before: bool) -> None:
    """Asked again, it is refused; a look shows that it is done, which is no trouble."""
    await approved(office)
    await office.do(reviews.stop)
    dies(office, "stop", before=before)
    await killed(office)
    assert (await office.row()).action == "stop"
    await office.turn()
    row = await office.row()
    assert (row.action, row.usage, row.error_code) == ("", "stopped", "")
    assert (await office.words()).count("stopped") == 2  # by us, and at the provider


async def test_withdrawn_and_submitted_again(office: Office) -> None:
    await office.create()
    await office.turn()
    await office.do(reviews.act, ReviewAction.WITHDRAW)
    dies(office, "withdraw")
    await killed(office)
    await office.turn()
    row = await office.row()
    assert (row.inspection, row.action, row.error_code) == ("registered", "", "")
    assert "withdrawn" in await office.words()
    await office.do(reviews.submit)
    await office.turn(2)
    assert office.desk.asked[-1] == ("edit", CODE)  # the same text, reviewed again
    assert (await office.row()).inspection == "in_review"


async def test_a_comment_is_said_once_and_told(office: Office) -> None:
    await rejected(office)
    await office.do(reviews.act, ReviewAction.COMMENT, text="고쳤습니다")
    dies(office, "comment")
    await killed(office)
    await office.turn()
    row = await office.row()
    assert [one["text"] for one in row.comments] == ["광고 문구가 있습니다", "고쳤습니다"]
    assert (row.inspection, row.action) == ("in_review", "")
    assert (await office.words()).count("commented") == 2


async def test_a_comment_with_the_submission_waits_for_a_reader(office: Office) -> None:
    await office.create(submit=False)
    await office.do(reviews.submit, comment="주문 고객에게만")
    office.desk.first = "registered"  # it lies in the tray
    await office.turn(3)
    assert (await office.row()).action == "comment"
    assert office.desk.known[CODE]["comments"] == []
    office.desk.judge("in_review")
    await office.turn()
    assert [one["text"] for one in office.desk.known[CODE]["comments"]] == ["주문 고객에게만"]
    assert (await office.row()).action == ""


async def test_a_refusal_stays_visible_until_something_else_is_asked(office: Office) -> None:
    await approved(office)
    office.desk.judge("approved", dormant=True)
    await office.turn()
    office.desk.refuses = {"release"}
    await office.do(reviews.act, ReviewAction.RELEASE)
    await office.turn(3)
    row = await office.row()
    assert office.desk.asked.count(("release", CODE)) == 1  # a refusal is final
    assert (row.action, row.dormant, row.error_code) == ("", True, "release_refused")
    assert row.error_text == "template_state not now"
    assert (await office.words()).count("trouble") == 1
    office.desk.refuses = set()
    await office.do(reviews.act, ReviewAction.RELEASE)
    assert (await office.row()).error_code == ""
    await office.turn()
    assert (await office.row()).dormant is False
    assert (await office.words())[-1] == "released"


async def test_what_is_asked_meanwhile_is_not_forgotten(office: Office) -> None:
    """Resumed while the stop is on its way: the stop's answer does not end the resume."""
    await approved(office)
    await office.do(reviews.stop)
    office.desk.runtime = None
    asked: list[asyncio.Future[object]] = []

    def meanwhile(action: str) -> None:
        if action == "stop":
            asked.append(asyncio.ensure_future(office.do(reviews.resume)))

    office.desk.after = meanwhile
    await office.turn()
    await asked[0]
    await office.turn(2)
    row = await office.row()
    assert (row.action, row.usage) == ("", "normal")
    assert [action for action, _ in office.desk.asked] == ["submit", "stop", "resume"]


async def test_no_answer_is_no_refusal(office: Office) -> None:
    await approved(office)
    await office.do(reviews.stop)

    def silent(action: str) -> None:
        raise httpx.ReadTimeout("away")

    office.desk.before = silent
    await office.turn()
    row = await office.row()
    assert (row.action, row.error_code) == ("stop", "no_answer")
    office.desk.before = lambda action: None
    await office.turn()
    assert ((await office.row()).usage, (await office.row()).error_code) == ("stopped", "")


async def test_deleted_at_the_provider_first(office: Office) -> None:
    await rejected(office)
    assert await office.do(removal.remove) is not None
    dies(office, "delete")
    await killed(office)
    assert await office.is_there()
    await office.turn()
    assert not await office.is_there()
    assert office.desk.known == {}
    assert office.desk.asked.count(("delete", CODE)) == 1
    assert (await office.words())[-2:] == ["deleted", "deleted"]  # there, and as a whole


async def test_what_was_approved_meanwhile_is_not_deleted(office: Office) -> None:
    await rejected(office)
    await office.do(removal.remove)
    office.desk.judge("approved")
    await office.turn()
    row = await office.row()
    assert (row.inspection, row.action, row.error_code) == ("approved", "", "delete_refused")
    assert CODE in office.desk.known
    assert await office.in_use() == 1
