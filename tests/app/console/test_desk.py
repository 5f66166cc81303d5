"""The desk: replies, labels, teams, channels and bots; refused forms keep what was typed."""

from typing import Any
from uuid import UUID

from sqlmodel import select

from app.console.desk.pages import SAMPLE, dates_text, hours_text, read_hours
from app.db.models import Bot, CannedReply, ConsultChannel, Label, Team, TeamStaff
from app.services import rule_files
from tests.app.api.shop import Shop
from tests.app.console.visitors import Visitor, words_of


async def only(visitor: Visitor, model: Any) -> Any:
    """The only row of a table."""
    async with visitor.runtime.database.read() as session:
        (row,) = list(await session.exec(select(model)))
    return row


async def test_canned_replies(agent: Visitor) -> None:
    assert "자주 쓰는 답을" in words_of(await agent.get("/console/desk"))
    await agent.post("/console/desk/canned", shortcut="/배송", text="#{고객}님,\r\n곧 도착해요.")
    row = await only(agent, CannedReply)
    assert (row.shortcut, row.text) == ("배송", "#{고객}님,\n곧 도착해요.")
    twice = await agent.post("/console/desk/canned", 409, shortcut="배송", text="다른 글")
    assert "같은 부르는 말이 있어요" in words_of(twice)
    assert "다른 글" in twice.text
    address = f"/console/desk/canned/{row.id}"
    await agent.post(address, shortcut="늦음", text="조금 늦어요.")
    assert "/늦음" in words_of(await agent.get("/console/desk"))
    await agent.post(address, remove="1")
    assert "자주 쓰는 답을" in words_of(await agent.get("/console/desk"))


async def test_labels_and_teams(owner: Visitor, agent: Visitor) -> None:
    await agent.post("/console/desk/labels", name="교환")
    label = await only(agent, Label)
    await agent.post(f"/console/desk/labels/{label.id}", name="반품")
    assert "반품" in (await agent.get("/console/desk?tab=labels")).text
    await agent.post("/console/desk/teams", 403, name="배송")
    await owner.post("/console/desk/teams", name="배송", staff=[str(agent.staff_id), "x"])
    team, member = await only(owner, Team), await only(owner, TeamStaff)
    assert (team.name, member.staff_id) == ("배송", agent.staff_id)
    assert "이상담" in words_of(await agent.get("/console/desk?tab=teams"))
    await owner.post(f"/console/desk/teams/{team.id}", remove="1")
    assert "팀을 만들면" in words_of(await owner.get("/console/desk?tab=teams"))


async def test_hours_of_a_channel(owner: Visitor, shop: Shop) -> None:
    sender_id = str(shop.senders["chat chat"].id)
    address = f"/console/desk/channels/{sender_id}"
    form: dict[str, Any] = {
        "edit": sender_id,
        "h-mon": "09:00-12:00, 13:00~18:00",
        "dates": "2026-12-25\n2026-12-31 09:00-12:00",
        "automatic": "naru",
        "greeting": "안녕하세요",
        "away": "#{여는시각}에 열어요",
        "reopen_h": "12",
        "first_reply_min": "2.5",
        "bot": "",
    }
    await owner.post(address, **form)
    kept = await only(owner, ConsultChannel)
    assert kept.weekly["mon"] == [["09:00", "12:00"], ["13:00", "18:00"]]
    assert kept.exceptions == {"2026-12-25": [], "2026-12-31": [["09:00", "12:00"]]}
    assert (kept.first_reply_s, kept.reopen_h) == (150, 12.0)
    page = await owner.get("/console/desk?tab=channels")
    assert "09:00-12:00, 13:00-18:00" in page.text
    wrong = await owner.post(address, 422, **(form | {"h-mon": "9시부터"}))
    assert "9시부터" in wrong.text
    assert "09:00-18:00처럼" in words_of(wrong)
    await owner.post(address, 422, **(form | {"reopen_h": "nan"}))
    await owner.post(f"/console/desk/channels/{UUID(int=1)}", 404, **form)


async def test_bots(owner: Visitor, agent: Visitor) -> None:
    assert "봇은 소유자만" in words_of(await agent.get("/console/desk?tab=bots"))
    await agent.post("/console/desk/bots", 403, name="길잡이", rules=SAMPLE)
    await owner.post("/console/desk/bots", name="길잡이", rules=SAMPLE)
    bot = await only(owner, Bot)
    await owner.post(f"/console/desk/bots/{bot.id}", state="off")
    assert "꺼짐" in words_of(await owner.get(f"/console/desk?tab=bots&edit={bot.id}"))
    wrong = await owner.post(f"/console/desk/bots/{bot.id}", 422, edit=str(bot.id), rules="[x")
    assert "규칙에 틀린 곳이 있어요" in words_of(wrong)
    assert "[x" in wrong.text


def test_the_sample_of_a_bot_has_no_faults() -> None:
    assert rule_files.examine(SAMPLE)[1] == ()


def test_hours_as_they_are_typed() -> None:
    weekly, dates = read_hours({"h-tue": "10:00-11:00", "dates": " 2026-01-01 \n\n"})
    assert weekly["tue"] == [["10:00", "11:00"]]
    assert weekly["mon"] == []
    assert dates == {"2026-01-01": []}
    assert hours_text(weekly, "tue") == "10:00-11:00"
    assert dates_text(dates) == "2026-01-01"
    assert read_hours({"always": "1", "h-tue": "10:00-11:00"}) == ({}, {})
