"""The overview: numbers of one mode, what waits for a person, and an honest empty installation."""

import pytest
from sqlmodel import col, update

from app.console.overview import axis, scale_of
from app.db.models import ProviderAccount, Sender, TemplateRegistration
from app.services import workspaces
from tests.app.console.sent import World, visitor_of
from tests.app.console.visitors import words_of


async def test_the_numbers_of_a_mode(world: World) -> None:
    viewer = await world.visitor("viewer")
    shown = words_of(await viewer.get("/console/overview"))
    for words in (
        "오늘 발송 6 건",
        "66.7 %",
        "확인 중 1",
        "15.5원",
        "2건이 차례를 기다려요",
        "없는 번호예요.",
        "보냈는지 아직 몰라요.",
        "scripted",
        "정상",
        "표로 보기",
    ):
        assert words in shown, words
    assert "첫 알림을 보내 볼까요" not in shown
    for days in (7, 30):
        more = words_of(await viewer.get(f"/console/overview?days={days}"))
        assert "날짜별 발송" in more
        assert "66.7 %" in more
    real = words_of(await (await world.visitor("owner", "live")).get("/console/overview"))
    assert "없는 번호예요." not in real
    assert "scripted" not in real


async def test_links_lead_to_the_filtered_list(world: World) -> None:
    viewer = await world.visitor("viewer")
    page = await viewer.get("/console/overview")
    assert "/console/messages?status=failed&amp;reason=bad_address&amp;from=" in page.text
    assert 'href="/console/send"' not in page.text
    assert (
        'href="/console/send"'
        in (await (await world.visitor("operator")).get("/console/overview")).text
    )


async def test_what_waits_for_a_decision(world: World) -> None:
    async with world.runtime.database.write() as tx:
        mine = col(ProviderAccount.workspace_id) == world.workspace_id
        await tx.session.exec(
            update(ProviderAccount).where(mine).values(state="paused", paused_reason="quota")
        )
        await tx.session.exec(
            update(TemplateRegistration)
            .where(col(TemplateRegistration.workspace_id) == world.workspace_id)
            .values(inspection="rejected", comments=[{"text": "<b>길어요"}])
        )
    page = await (await world.visitor("owner")).get("/console/overview")
    shown = words_of(page)
    for words in ("검수 반려", "&lt;b&gt;길어요", "계정이 멈췄어요", "한도를 다 썼어요", "멈춤"):
        assert words in shown, words
    assert 'href="/console/templates/order_test"' in page.text
    other = await visitor_of(world.app, world.runtime, world.other_id, "owner")
    assert "계정이 멈췄어요" not in words_of(await other.get("/console/overview"))


async def test_an_empty_installation_says_what_to_do_first(world: World) -> None:
    async with world.runtime.database.write() as tx:
        made = await workspaces.create(tx, "새 가게")
    owner = await visitor_of(world.app, world.runtime, made.id, "owner")
    page = await owner.get("/console/overview")
    shown = words_of(page)
    for words in (
        "첫 알림을 보내 볼까요",
        "공급사 잇기",
        "이 기간에 보낸 것이 없어요",
        "아직 없어요.",
    ):
        assert words in shown, words
    assert 'href="/console/accounts"' in page.text
    viewer = await visitor_of(world.app, world.runtime, made.id, "viewer")
    assert "소유자나 운영 담당이" in words_of(await viewer.get("/console/overview"))
    async with world.runtime.database.write() as tx:
        account = ProviderAccount(
            workspace_id=made.id,
            name="첫 계정",
            mode="sandbox",
            adapter="nhn",
            credentials_sealed=b"",
            callback_hash=b"",
        )
        tx.session.add(account)
        await tx.session.flush()
        tx.session.add(
            Sender(workspace_id=made.id, account_id=account.id, kind="sms", value="15881234")
        )
    later = await owner.get("/console/overview")
    assert later.text.count("마침") == 2
    assert "30분 동안 요청이 없었어요" in words_of(later)


async def test_english(world: World) -> None:
    viewer = await world.visitor("viewer")
    shown = words_of(await viewer.get("/console/overview?lang=en"))
    for words in ("Sent today", "Delivery rate", "Provider health", "Needs a look", "By channel"):
        assert words in shown, words


@pytest.mark.parametrize(
    ("most", "top"), [(0, 5), (1, 5), (5, 5), (6, 10), (11, 25), (26, 50), (24_312, 25_000)]
)
def test_a_scale_ends_round_above_the_highest(most: int, top: int) -> None:
    scale = scale_of(most)
    assert scale.top == top
    assert (scale.lines[0], scale.lines[-1], len(scale.lines)) == (0, top, 6)


def test_figures_on_an_axis() -> None:
    assert [axis(n, "ko") for n in (0, 500, 5_000, 25_000)] == ["0", "500", "5천", "2.5만"]
    assert [axis(n, "en") for n in (5_000, 2_000_000)] == ["5k", "2M"]
