"""The list of messages: who sees what, how it is found, how it says that there is nothing."""

from app.console.messages import read_asked
from tests.app.console.sent import World
from tests.app.console.visitors import words_of


async def test_each_mode_and_workspace_sees_its_own(world: World) -> None:
    rehearsing, real = await world.visitor("viewer"), await world.visitor("viewer", "live")
    page = await rehearsing.get("/console/messages")
    shown = words_of(page)
    for name in ("delivered", "fallen", "unknown", "failed", "waiting"):
        assert f"order-{name}" in shown
        assert str(world.ids[name]) in page.text
    assert "order-live" not in shown
    assert str(world.ids["foreign"]) not in page.text
    real_page = await real.get("/console/messages?q=01000001001")
    assert str(world.ids["live"]) in real_page.text
    for name in ("delivered", "waiting", "foreign"):
        assert str(world.ids[name]) not in real_page.text


async def test_numbers_are_masked_and_states_are_words(world: World) -> None:
    page = await (await world.visitor("viewer")).get("/console/messages")
    shown = words_of(page)
    assert "010-••••-1002" in shown
    assert "01000001002" not in page.text.replace("-", "")
    for words in ("도착", "문자로 대체", "확인 중", "실패", "접수", "알림톡 → SMS"):
        assert words in shown
    assert 'href="/console/send"' not in page.text  # a viewer cannot send


QUERIES: list[tuple[str, set[str]]] = [
    ("q=010-0000-1002", {"fallen"}),
    ("q=1003", {"unknown"}),
    ("q=010-****-1004", {"failed"}),
    ("q=order-delivered", {"delivered"}),
    ("q=order-deliver", set()),
    ("status=failed", {"failed"}),
    ("reason=bad_address", {"failed"}),
    ("channel=sms", {"fallen"}),
    ("template=order_test&status=unknown", {"unknown"}),
    ("template=nothing", set()),
    ("from=2020-01-01&to=2020-01-02", set()),
]


async def test_the_box_and_the_filters(world: World) -> None:
    operator = await world.visitor("operator")
    for query, found in QUERIES:
        page = (await operator.get(f"/console/messages?{query}")).text
        there = {name for name, id_ in world.ids.items() if f"/messages/{id_}" in page}
        assert there == found, query
        if not found:
            assert "찾은 메시지가 없어요" in page


async def test_an_id_is_found_whole_or_by_its_beginning(world: World) -> None:
    viewer = await world.visitor("viewer")
    one = world.ids["failed"]
    for words in (str(one), one.hex, str(one)[:28]):
        page = await viewer.get(f"/console/messages?q={words}")
        assert f"/messages/{one}" in page.text
    for name in ("foreign", "live"):
        page = await viewer.get(f"/console/messages?q={world.ids[name]}")
        assert "찾은 메시지가 없어요" in page.text


async def test_days_that_are_none_are_told_beside_their_field(world: World) -> None:
    viewer = await world.visitor("viewer")
    page = await viewer.get("/console/messages?from=gestern", 422)
    assert 'aria-describedby="e-from"' in page.text
    page = await viewer.get("/console/messages?from=2026-11-20&to=2026-11-19", 422)
    assert 'aria-describedby="e-to"' in page.text


async def test_what_was_typed_comes_back_as_text(world: World) -> None:
    viewer = await world.visitor("viewer")
    page = await viewer.get("/console/messages", params={"q": '"><script>alert(1)</script>'})
    assert "<script>alert" not in page.text


def test_a_cursor_that_cannot_be_read_begins_anew() -> None:
    asked, wrong = read_asked({"before": "x", "from": "2026-11-20"})
    assert asked.before is None
    assert wrong == ""
