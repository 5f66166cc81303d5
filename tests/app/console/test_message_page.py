"""One message: what is shown to whom, looks that are recorded, cancel and resend told honestly."""

import re
import shutil
from pathlib import Path

from sqlmodel import col, func, select, update

from app.config import Settings
from app.db.models import AccessLog, Call, Message, ProviderAccount
from app.services.runtime import open_runtime
from tests.app.console.sent import World, visitor_of
from tests.app.console.visitors import words_of
from tests.applications import application
from tests.pushing import pushing


async def kinds(world: World) -> list[str]:
    async with world.runtime.database.read() as session:
        return list(await session.exec(select(AccessLog.kind).order_by(col(AccessLog.id))))


async def status(world: World, name: str) -> str:
    async with world.runtime.database.read() as session:
        found = await session.exec(select(Message.status).where(col(Message.id) == world.ids[name]))
        return found.one()


async def messages(world: World) -> int:
    async with world.runtime.database.read() as session:
        return (await session.exec(select(func.count()).select_from(Message))).one()


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="(\w+)"', page)
    assert found
    return found.group(1)


async def test_the_whole_way_is_told(world: World) -> None:
    viewer = await world.visitor("viewer")
    page = await viewer.get(world.page("fallen"))
    shown = words_of(page)
    for words in (
        "지나온 길",
        "문자로 대체",
        "카카오톡으로 받을 수 없는 번호예요.",
        "3018",
        "계획의 다음 단계로 넘어갔어요.",
        "문자(SMS) 도착",
        "02-2041-0100",
        "order-fallen",
        "010-••••-1002",
        "9원",
    ):
        assert words in shown, words
    assert "data-open" not in page.text  # it has ended: nobody asks again
    alimtalk = await viewer.get(world.page("fallen") + "?show=alimtalk")
    assert 'class="bubble"' in alimtalk.text
    assert "주문번호 A-0 상품이 출발했습니다." in words_of(alimtalk)


async def test_what_is_awaited_is_told_and_asked_for_again(world: World) -> None:
    viewer = await world.visitor("viewer")
    for name, words in (
        ("waiting", "차례를 기다리는 중"),
        ("unknown", "갔는지 공급사에 물어보는 중"),
    ):
        page = await viewer.get(world.page(name))
        assert words in words_of(page)
        part = await viewer.get(world.page(name) + "?part=timeline")
        assert "<html" not in part.text
        for id_ in ("m-state", "m-tale", "m-cost", "m-acts", "why-not"):
            assert page.text.count(f'id="{id_}"') == part.text.count(f'id="{id_}"') == 1
        assert "data-open" in part.text


async def test_other_modes_and_workspaces_are_not_there(world: World) -> None:
    owner, real = await world.visitor("owner"), await world.visitor("owner", "live")
    for visitor, name in ((owner, "live"), (owner, "foreign"), (real, "delivered")):
        for path in ("", "?part=timeline"):
            page = await visitor.get(world.page(name) + path, 404)
            assert "그런 메시지가 없어요" in page.text
        for act in ("number", "exchange", "cancel", "resend"):
            await visitor.post(f"{world.page(name)}/{act}", 404)
    assert await kinds(world) == []
    await real.get(world.page("live"))


async def test_a_viewer_changes_nothing(world: World) -> None:
    viewer = await world.visitor("viewer")
    before = await messages(world)
    for act in ("exchange", "cancel", "resend"):
        await viewer.post(f"{world.page('waiting')}/{act}", 403)
    assert (await status(world, "waiting"), await messages(world)) == ("queued", before)
    page = (await viewer.get(world.page("waiting"))).text
    assert "ask-cancel" not in page
    assert "소유자와 운영 담당만" in (await viewer.get(world.page("delivered"))).text


async def test_an_agent_sees_no_message(world: World) -> None:
    agent = await world.visitor("agent")
    await agent.get(world.page("delivered"), 403)
    await agent.post(f"{world.page('delivered')}/number", 403)


async def test_a_number_is_shown_once_and_recorded(world: World) -> None:
    viewer = await world.visitor("viewer")
    page = await viewer.post(f"{world.page('delivered')}/number", 200)
    assert "010-0000-1001" in words_of(page)
    assert await kinds(world) == ["number.revealed"]
    again = await viewer.get(world.page("delivered"))
    assert "010-0000-1001" not in words_of(again)


async def test_an_exchange_is_masked_and_recorded(world: World) -> None:
    operator = await world.visitor("operator")
    async with world.runtime.database.write() as tx:
        call = (await tx.session.exec(select(Call).order_by(col(Call.id)))).first()
        assert call is not None
        call.raw_sealed = world.runtime.sealer.seal(
            "call", call.workspace_id, call.id, '{"to": "01012345678", "token": "geheim"}'
        )
        account = await tx.session.get_one(ProviderAccount, call.account_id)
        account.credentials_sealed = world.runtime.sealer.seal(
            "provider_account", account.workspace_id, account.id, {"callback_secret": "x"}
        )
    page = await operator.post(f"{world.page('delivered')}/exchange", 200, call=call.id)
    shown = words_of(page)
    assert "010-****-5678" in shown
    assert "geheim" not in page.text
    assert "01012345678" not in page.text
    assert await kinds(world) == ["exchange.read"]
    for wrong in ("x", str(world.ids["failed"])):
        await operator.post(f"{world.page('delivered')}/exchange", 404, call=wrong)


async def test_cancel_and_what_comes_too_late(world: World) -> None:
    operator = await world.visitor("operator")
    asked = await operator.get(world.page("waiting") + "?ask=cancel")
    assert re.search(r'<dialog[^>]* id="ask-cancel"[^>]* open>', asked.text)
    answer = await operator.post(f"{world.page('waiting')}/cancel")
    assert answer.headers["location"] == world.page("waiting")
    assert await status(world, "waiting") == "cancelled"
    late = await operator.post(f"{world.page('delivered')}/cancel", 409)
    assert "늦었어요" in words_of(late)
    assert await status(world, "delivered") == "delivered"
    assert "aria-disabled" in (await operator.get(world.page("delivered"))).text


async def test_resend_once_however_often_it_is_pressed(world: World) -> None:
    operator = await world.visitor("operator")
    key = key_of((await operator.get(world.page("delivered"))).text)
    before = await messages(world)
    path = f"{world.page('delivered')}/resend"
    first, second = await operator.post(path, key=key), await operator.post(path, key=key)
    assert first.headers["location"] == second.headers["location"]
    assert await messages(world) == before + 1
    page = await operator.get(first.headers["location"])
    assert "다시 보낸 메시지예요" in words_of(page)
    assert "콘솔에서 김나루 님" in words_of(page)


async def test_resend_of_what_may_have_left_needs_a_word(world: World) -> None:
    operator = await world.visitor("operator")
    path = f"{world.page('unknown')}/resend"
    refused = await operator.post(path, 409, key="k1")
    assert "두 번 갈 수 있다" in words_of(refused)
    await operator.post(path, key="k1", both_may_arrive="1")
    still = await operator.post(f"{world.page('waiting')}/resend", 409, key="k2")
    assert "아직 가는 중이에요" in words_of(still)


async def test_nothing_of_a_tenant_is_markup(world: World) -> None:
    other = await visitor_of(world.app, world.runtime, world.other_id, "owner")
    page = (await other.get(world.page("foreign"))).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>열기" not in page


async def test_english_says_no_korean_of_ours(world: World) -> None:
    viewer = await world.visitor("viewer")
    shown = words_of(await viewer.get(world.page("fallen") + "?lang=en"))
    for words in ("Timeline", "Fell back to text", "What", "Why", "Next", "long inactive"):
        assert words in shown
    for words in ("지나온 길", "무슨 일", "문자로 대체"):
        assert words not in shown


async def test_a_message_whose_key_is_gone_still_tells_its_way(world: World) -> None:
    async with world.runtime.database.write() as tx:
        await tx.session.exec(
            update(Message).where(col(Message.id) == world.ids["fallen"]).values(sealed=b"x")
        )
    viewer = await world.visitor("viewer")
    shown = words_of(await viewer.get(world.page("fallen")))
    assert "열쇠가 없어 본문을 열 수 없어요." in shown
    assert "문자(SMS) 도착" in shown
    await viewer.post(f"{world.page('fallen')}/number", 409)


async def test_a_person_without_a_number_is_named(app_settings: Settings, migrated: Path) -> None:
    app_settings.data.mkdir(parents=True)
    shutil.copy(migrated, app_settings.data / "naru.db")
    async with open_runtime(app_settings) as runtime, application(app_settings) as app:
        one = await pushing(runtime)
        await one.person("C-<1001>", "", "fid-1")
        message_id = await one.accept(person="C-<1001>", plan=[{"channel": "push"}])
        await one.run()
        viewer = await visitor_of(app, runtime, one.eng.workspace_id, "operator")
        page = await viewer.get(f"/console/messages/{message_id}")
        listed = await viewer.get("/console/messages")
    for shown in (page, listed):
        assert "C-&lt;1001&gt;" in shown.text
        assert "••••" not in words_of(shown)
    assert "앱 푸시" in words_of(page)
    assert f"/console/messages/{message_id}/number" not in page.text
