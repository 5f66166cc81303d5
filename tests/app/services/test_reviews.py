"""What a person may ask of a review, when, and what is refused with which words."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlmodel import update

from app.db.models import ProviderAccount, TemplateRegistration
from app.errors import GatewayError, Invalid, NotFound, Refused
from app.services import reviews, templates
from app.services.actions import EVERYWHERE, Reach
from app.services.reviews import dump
from app.services.runtime import Runtime
from channels.management import Comment
from channels.vocabulary import CommentKind, ReviewAction
from tests.app.api.shop import registrations
from tests.review_desk import MENDED, Desk, Office, open_office

NHN_HERE = Reach(("sandbox",), "sandbox")  # the shop's NHN account has this name
RELAY_HERE = Reach(("sandbox",), "relay")
A = ReviewAction


@pytest.fixture
async def office(runtime: Runtime) -> AsyncIterator[Office]:
    """A template at NHN and at a relay, in the sandbox."""
    async with httpx.AsyncClient() as client:
        made = await open_office(runtime, Desk(), client)
        async with runtime.database.write() as tx:
            await tx.session.exec(update(ProviderAccount).values(state="active"))
        yield made


async def stands(office: Office, **axes: Any) -> None:
    await office.create()
    async with office.runtime.database.write() as tx:
        await tx.session.exec(update(TemplateRegistration).values({"action": "", **axes}))


async def refused(office: Office, what: Any, *more: Any, **named: Any) -> GatewayError:
    with pytest.raises(GatewayError) as error:
        await office.do(what, *more, **named)
    return error.value


async def actions(office: Office) -> dict[str, str]:
    """By provider, what is to be asked."""
    return {
        one.account.adapter: one.registration.action
        for version in (await office.get()).versions[:1]
        for one in version.registered
    }


FITTING: dict[ReviewAction, dict[str, Any]] = {
    A.WITHDRAW: {"inspection": "in_review"},
    A.COMMENT: {"inspection": "rejected"},
    A.STOP: {"inspection": "approved", "usage": "normal"},
    A.RESUME: {"inspection": "approved", "usage": "stopped"},
    A.RELEASE: {"inspection": "approved", "usage": "normal", "dormant": True},
}
UNFIT: dict[ReviewAction, tuple[str, list[dict[str, Any]]]] = {
    A.WITHDRAW: ("not_in_review", [{"inspection": "rejected"}, {"inspection": "registered"}]),
    A.COMMENT: ("not_in_review", [{"inspection": "approved"}, {"inspection": "registered"}]),
    A.STOP: ("not_in_use", [{"inspection": "in_review"}, {**FITTING[A.RESUME]}]),
    A.RESUME: ("not_stopped", [{**FITTING[A.STOP]}]),
    A.RELEASE: ("not_dormant", [{**FITTING[A.STOP]}]),
}


NEW = {"usage": "waiting", "blocked": False, "dormant": False}  # before each of these


async def test_an_action_waits_where_the_provider_offers_it(office: Office) -> None:
    for action, axes in FITTING.items():
        await stands(office, **NEW | axes)
        await office.do(reviews.act, action, text="네")
        at_nhn = str(action) if action is A.COMMENT else ""
        assert await actions(office) == {"nhn": at_nhn, "relay": str(action)}
        rows = await registrations(office.runtime, office.shop)
        assert all(row.action_text == "네" for row in rows if row.action)
        await office.do(reviews.act, action, text="네")  # again: nothing more


async def test_an_action_that_makes_no_sense_is_refused(office: Office) -> None:
    for action, (code, rows) in UNFIT.items():
        for axes in rows:
            await stands(office, **NEW | axes)
            error = await refused(office, reviews.act, action, text="네")
            assert (error.status, error.code) == (409, code)
            assert await actions(office) == {"nhn": "", "relay": ""}


async def test_what_a_provider_lacks_is_refused_naming_it_and_what_to_do(office: Office) -> None:
    for action in (A.WITHDRAW, A.STOP, A.RESUME, A.RELEASE):
        await stands(office, **NEW | FITTING[action])
        error = await refused(office, reviews.act, action, reach=NHN_HERE)
        assert (error.status, error.code) == (409, "not_offered_by_provider")
        assert "NHN Cloud" in error.detail
        assert "console" in error.detail or "here" in error.detail
        assert error.data["providers"] == {"nhn": ["comment", "delete", "edit"]}


async def test_one_thing_at_a_time(office: Office) -> None:
    await stands(office, **FITTING[A.COMMENT])
    await office.do(reviews.act, A.COMMENT, text="하나")
    error = await refused(office, reviews.act, A.COMMENT, text="둘")
    assert (error.code, error.data["action"]) == ("action_waiting", "comment")


async def test_a_comment_has_1_to_500_characters(office: Office) -> None:
    await stands(office, **FITTING[A.COMMENT])
    for text, code in (
        ("", "comment_missing"),
        ("  ", "comment_missing"),
        ("가" * 501, "too_long"),
    ):
        error = await refused(office, reviews.act, A.COMMENT, text=text)
        assert (type(error), error.code, error.field) == (Invalid, code, "text")
    await office.do(reviews.act, A.COMMENT, text="가" * 500)


async def test_accounts_by_name_by_id_and_unknown_ones(office: Office) -> None:
    await stands(office, **FITTING[A.COMMENT])
    id_ = str(office.shop.accounts["relay"].id)
    await office.do(reviews.act, A.COMMENT, text="네", reach=Reach(("sandbox",), id_))
    assert await actions(office) == {"nhn": "", "relay": "comment"}
    for strange in ("nobody", "live"):  # the live one is out of a test key's reach
        error = await refused(office, reviews.act, A.STOP, reach=Reach(("sandbox",), strange))
        assert (type(error), error.code, error.field) == (NotFound, "unknown_account", "account")


# ---- submit -------------------------------------------------------------------------------------


async def test_a_draft_is_submitted_once_and_frozen(office: Office) -> None:
    await office.create(submit=False)
    assert (await office.get()).version.submitted_at is None
    assert await registrations(office.runtime, office.shop) == []
    await office.put(submit=False, content=MENDED["content"])  # still the first version
    stored = await office.do(reviews.submit)
    assert (stored.version.number, stored.version.body["content"]) == (1, MENDED["content"])
    assert await actions(office) == {"nhn": "submit", "relay": "submit"}
    await office.do(reviews.submit)
    assert (await office.words()).count("submitted") == 1
    assert (await office.put(content="다른 내용")).version.number == 2


async def test_what_was_refused_is_submitted_again_now(office: Office) -> None:
    await stands(office, action="submit", error_code="-1", due_at=datetime(2100, 1, 1, tzinfo=UTC))
    await office.do(reviews.submit)
    rows = await registrations(office.runtime, office.shop)
    assert all(row.due_at and row.due_at.year < 2100 and not row.error_code for row in rows)


async def test_a_rejected_version_is_mended_not_submitted_again(office: Office) -> None:
    await stands(office, inspection="rejected")
    error = await refused(office, reviews.submit)
    assert (error.code, "PUT /v1/templates/order_shipped" in error.detail) == ("rejected", True)


async def test_what_is_reviewed_or_approved_stays_so(office: Office) -> None:
    """Of what is registered, only a withdrawn one is reviewed again; NHN's waits by itself."""
    for inspection in ("in_review", "approved"):
        await stands(office, inspection=inspection)
        await office.do(reviews.submit)
        assert await actions(office) == {"nhn": "", "relay": ""}
    await stands(office, inspection="registered")
    await office.do(reviews.submit)
    assert await actions(office) == {"nhn": "", "relay": "submit"}


# ---- stop and resume ----------------------------------------------------------------------------


async def test_our_own_stop_counts_at_once_and_for_every_version(office: Office) -> None:
    await stands(office, **FITTING[A.STOP])
    await office.do(reviews.stop)
    assert (await office.get()).template.stopped_at is not None
    assert await actions(office) == {"nhn": "", "relay": "stop"}
    with pytest.raises(Refused) as error:
        async with office.runtime.database.read() as session:
            await templates.approved(session, office.shop.workspace_id, "order_shipped", "sandbox")
    assert (error.value.code, error.value.field) == ("template_stopped", "template")
    await office.do(reviews.stop)
    await office.do(reviews.resume)
    assert (await office.get()).template.stopped_at is None
    assert await actions(office) == {"nhn": "", "relay": "resume"}  # instead of the stop
    assert await office.in_use() == 1
    assert [word for word in await office.words() if word in ("stopped", "resumed")] == [
        "stopped",
        "resumed",
    ]


async def test_with_an_account_only_its_provider_is_asked(office: Office) -> None:
    await stands(office, **FITTING[A.STOP])
    await office.do(reviews.stop, reach=RELAY_HERE)
    assert (await office.get()).template.stopped_at is None
    assert await actions(office) == {"nhn": "", "relay": "stop"}


async def test_a_test_key_stops_nothing_live(office: Office) -> None:
    async with office.runtime.database.write() as tx:
        await templates.create(tx, office.shop.workspace_id, MENDED)  # live and sandbox
    assert (await refused(office, reviews.stop)).code == "live_template"
    assert (await refused(office, reviews.resume)).code == "live_template"
    await office.do(reviews.stop, reach=EVERYWHERE)
    assert (await office.get()).template.stopped_at is not None


async def test_sync_asks_now(office: Office) -> None:
    far = datetime(2100, 1, 1, tzinfo=UTC)
    await stands(office, inspection="approved", due_at=far)
    await office.do(reviews.sync, reach=RELAY_HERE)
    due = {row.sender_id: row.due_at for row in await registrations(office.runtime, office.shop)}
    relay = due.pop(office.sender.id)
    assert relay is not None
    assert relay < far
    assert set(due.values()) == {far}


def test_comments_are_kept_as_plain_data() -> None:
    at = datetime(2026, 11, 23, 2, tzinfo=UTC)
    rows = dump([Comment("a", CommentKind.REJECTED, "검수자", at), Comment("b")])
    assert rows[0] == {"text": "a", "kind": "rejected", "author": "검수자", "at": at.isoformat()}
    assert rows[1] == {"text": "b", "kind": "answer", "author": "", "at": None}
