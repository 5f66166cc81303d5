"""The inbox's pages: every state of a room, for every role, without any script."""

from datetime import timedelta

from sqlmodel import col

from app.db.models import AccessLog, Attachment, Case, ChatMessage
from app.db.models.fields import now as clock
from app.services import attachment_kinds, attachments
from app.services.cases import Agent
from tests.app.console.inbox.chats import Chats
from tests.app.console.visitors import Visitor, words_of
from tests.photos import jpeg


async def test_empty_and_unknown(owner: Visitor, viewer: Visitor) -> None:
    page = await owner.get("/console/inbox")
    assert "아직 상담이 없어요" in words_of(page)
    assert "왼쪽에서 대화를 고르세요" in words_of(page)
    found = await owner.get("/console/inbox?find=배송")
    assert "찾은 대화가 없어요" in words_of(found)
    assert "한 자 이상" in words_of(await owner.get("/console/inbox?find=%21%21"))
    assert "기다리는 고객이 없어요" in words_of(await owner.get("/console/inbox?queue=waiting"))
    assert "queue=mine" not in (await viewer.get("/console/inbox")).text
    await owner.get("/console/inbox/0192f0e0-0000-7000-8000-000000000000", 404)
    await owner.get("/console/inbox/no-thread", 404)
    await owner.get("/console/inbox?cursor=nonsense", 400)


async def test_the_very_notice_and_how_sure_the_tie_is(owner: Visitor, chats: Chats) -> None:
    _, token = await chats.shipped()
    await chats.press(token)
    await chats.hear("문 앞 말고 경비실에 맡겨 주세요")
    page = await owner.get(f"/console/inbox/{await chats.thread()}")
    words = words_of(page)
    for said in ("로젠택배", "상담원에게 말하기", "경비실에", "버튼 표식으로 확실하게", "88240"):
        assert said in words, said
    assert "1234" not in page.text
    assert "3057" in words


async def test_who_may_write_where(owner: Visitor, viewer: Visitor, chats: Chats) -> None:
    """Free, mine, another's, the bot's, resolved, closed, blocked; a viewer never."""
    await chats.hear("안녕하세요")
    thread = await chats.thread()
    address = f"/console/inbox/{thread}"
    me = Agent("김나루", owner.staff_id)

    async def words() -> str:
        return words_of(await owner.get(address))

    assert 'id="tab-reply"' in (await owner.get(address)).text
    assert "보기만 할 수 있어요" in words_of(await viewer.get(address))
    assert 'id="comp"' not in (await viewer.get(address)).text
    await chats.taken(thread, me)
    assert "내가 담당" in await words()
    await chats.taken(thread, Agent("강민재"))
    assert "강민재 님에게서 넘겨받기" in await words()
    await chats.change(Case, owner_kind="bot", owner="길잡이", state="bot")
    assert "봇이 응대하고 있어요" in await words()
    await chats.change(Case, owner_kind="none", owner="", state="resolved", resolved_at=clock())
    assert "끝난 상담이에요" in await words()
    await chats.expire()
    await chats.apply()
    shown = await words()
    assert "지금은 답장을 보낼 수 없어요" in shown
    assert "알림톡으로 알리기" in shown
    assert 'id="tab-reply"' not in (await owner.get(address)).text
    assert "동료에게 남길 메모" in (await owner.get(address)).text


async def test_what_a_line_may_be(owner: Visitor, chats: Chats) -> None:
    """Long texts, pictures, files, what nobody can show, lines that failed or may have left."""
    await chats.hear("<b>굵게</b> " + "긴 글이에요. " * 100)
    urls = [{"url": f"https://files.test/{n}.jpg"} for n in (1, 2)]
    await chats.say(urls[0], type="photo", contents=urls)
    await chats.say("?", type="moving_sticker")
    await chats.apply()
    thread = await chats.thread()
    await chats.taken(thread, Agent("김나루", owner.staff_id))
    first, second = await chats.all(Attachment)
    async with chats.runtime.database.write() as tx:
        data = jpeg()
        stored = await tx.session.get_one(Attachment, first.id)
        attachments.store(tx, chats.runtime.sealer, stored, attachment_kinds.read(data), data)
    await chats.change(
        Attachment, col(Attachment.id) == second.id, state="failed", error="gone", due_at=None
    )
    lost = await chats.post("하나", agent="김나루", epoch=2, staff_id=owner.staff_id)
    await chats.change(ChatMessage, col(ChatMessage.id) == lost.message.id, status="unknown")
    page = await owner.get(f"/console/inbox/{thread}")
    words = words_of(page)
    assert "&lt;b&gt;굵게" in page.text
    for said in ("전체 보기", "받지 못했어요", "moving_sticker", "확인 중", "두 번 가더라도"):
        assert said in words, said
    picture = await owner.get(f"/console/inbox/files/{first.id}")
    assert picture.headers["content-type"] == "image/jpeg"
    assert "sandbox" in picture.headers["content-security-policy"]
    await owner.get(f"/console/inbox/files/{second.id}", 404)
    record = await owner.get(f"/console/inbox/{thread}/record")
    assert "하나" in record.text
    assert [row.kind for row in await chats.all(AccessLog)] == ["consultation.saved"]
    assert record.headers["content-disposition"].startswith("attachment")


async def test_the_parts_a_script_swaps(owner: Visitor, chats: Chats) -> None:
    await chats.hear("하나")
    await chats.hear("둘")
    thread = await chats.thread()
    columns = await owner.get(f"/console/inbox/{thread}?part=columns")
    assert 'id="threads"' in columns.text
    assert "<html" not in columns.text
    feed = await owner.get(f"/console/inbox/{thread}?part=feed&after=1")
    assert "둘" in feed.text
    assert 'id="l-1"' not in feed.text
    room = await owner.get(f"/console/inbox/{thread}?part=room&after=2")
    assert 'data-after="2"' in room.text
    assert 'data-stand="free"' in room.text
    await owner.get(f"/console/inbox/{thread}?before=-1", 404)


async def test_the_clock_of_the_first_answer(owner: Visitor, chats: Chats) -> None:
    """It is lit when little time is left, and gone once somebody answered."""
    await chats.hear("급해요")
    address = f"/console/inbox/{await chats.thread()}"
    await chats.change(Case, due_first_at=clock() + timedelta(minutes=4))
    page = await owner.get(address)
    assert "첫 응답까지" in words_of(page)
    assert 'class="clock calm"' in page.text
    await chats.change(Case, due_first_at=clock() - timedelta(seconds=40))
    assert "지남" in words_of(await owner.get(address))
    await chats.change(Case, first_human_reply_at=clock())
    assert "첫 응답까지" not in words_of(await owner.get(address))


async def test_threads_are_found_by_words_and_numbers(owner: Visitor, chats: Chats) -> None:
    _, token = await chats.shipped("A-1004")
    await chats.press(token, user_key="customer-one")
    await chats.hear("경비실에 맡겨 주세요", user_key="customer-one")
    await chats.hear("환불해 주세요", user_key="customer-two")
    one, two = await chats.thread("customer-one"), await chats.thread("customer-two")
    for query, found, other in (("경비실", one, two), ("A-1004", one, two), ("환불", two, one)):
        page = await owner.get("/console/inbox", params={"find": query})
        assert f"t-{found}" in page.text, query
        assert f"t-{other}" not in page.text, query


async def test_pages_in_english(owner: Visitor, chats: Chats) -> None:
    await chats.hear("hello")
    page = await owner.get(f"/console/inbox/{await chats.thread()}?lang=en")
    assert "Customer ****" in words_of(page)
    assert "With Customer" not in words_of(page)
    assert "Write a reply" in page.text
