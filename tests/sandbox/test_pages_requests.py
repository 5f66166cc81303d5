"""The request inspector as a page, without a script: list, opened call, pause, replay, clear."""

import re

import pytest

from sandbox.documented import Form, Text, fields, unknown_in
from sandbox.masks import Mask
from sandbox.meaning import parsed
from sandbox.pages.code import MOST_LINES, code_of
from tests.sandbox.server import Running
from tests.sandbox.shop import ALIMTALK, HANA, NO_KAKAO, SECRET, notice, send

STRAY = "규격에 없음. ‘requestDate’를 쓰려 했나요?"


async def shown(running: Running, address: str = "/desk") -> str:
    """The inspector's part of the page, without markup."""
    answer = await running.client.get(address)
    assert answer.status_code == 200
    part = answer.text.partition('<section id="requests"')[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part))


async def misspelt(running: Running) -> None:
    await send(running.client, {**notice(HANA, "010"), "recieveTime": "2026-11-23T10:00:00"})


async def test_nothing_yet_and_nothing_found(quiet: Running) -> None:
    assert "아직 받은 요청이 없어요" in await shown(quiet)
    await send(quiet.client, notice(HANA))
    assert "찾는 요청이 없어요" in await shown(quiet, "/desk?q=zzz")
    assert "요청을 고르면 여기에서 읽어 줘요" in await shown(quiet)
    assert "이 요청은 이제 남아 있지 않아요" in await shown(quiet, "/desk?request=99")
    assert "No request matches" in await shown(quiet, "/desk?q=zzz&lang=en")
    for odd in ("request=x", "before=-1", "until=1e9", "status=9", "provider=zz", "route=x"):
        assert "한가온" not in await shown(quiet, f"/desk?{odd}&lang=ko")


async def test_an_opened_call_is_told_in_words(quiet: Running) -> None:
    await misspelt(quiet)
    page = await shown(quiet, "/desk?request=1")
    for words in (
        "알림톡 2건, 대체 문자는 콘솔 설정대로",
        "1건 접수, 1건 거절 (-5000: 받는 번호가 아니에요)",
        "한가온 010-0000-1001",
        "모르는 칸 1개",
        STRAY,
        "거절 -5000",
        "기다림",
        "HTTP 200",
    ):
        assert words in page, words
    html = (await quiet.client.get("/desk?request=1")).text
    assert 'class="is-unknown">  &#34;recieveTime&#34;: &#34;2026-11-23T10:00:00&#34;' in html
    assert 'href="/phones/01000001001"' in html
    assert "s3" not in re.findall(r'id="request-open".*', html, re.DOTALL)[0].split("</article>")[0]
    english = await shown(quiet, "/desk?request=1&lang=en")
    assert "In no document. Did you mean “requestDate”?" in english


async def test_tabs_filters_and_pages_of_the_list(quiet: Running) -> None:
    for _ in range(22):
        await quiet.client.get("/solapi/cash/v1/balance")
    await send(quiet.client, notice(HANA))
    page = await shown(quiet)
    assert "모두 23" in page
    assert "SOLAPI 22" in page
    assert "이전 3건 더 보기" in page
    html = (await quiet.client.get("/desk?provider=solapi")).text
    assert html.count('id="request-row-') == 20
    older = re.findall(r'href="([^"]+)" id="request-older"', html)[0].replace("&amp;", "&")
    assert (await quiet.client.get(older)).text.count('id="request-row-') == 2
    one = (await quiet.client.get("/desk?route=alimtalk")).text
    assert re.findall(r'id="request-row-(\d+)"', one) == ["23"]
    assert "/nhn/alimtalk/…/raw-messages" in one
    assert f"{ALIMTALK}/raw-messages" in one


async def test_a_paused_list_stays_and_says_what_came(quiet: Running) -> None:
    await send(quiet.client, notice(HANA))
    html = (await quiet.client.get("/desk")).text
    pause = re.findall(r'id="request-pause" href="([^"]+)"', html)[0]
    assert "until=1" in pause
    await send(quiet.client, notice(NO_KAKAO))
    held = await shown(quiet, pause)
    assert "멈췄어요. 그 뒤 새 요청 1건" in held
    html = (await quiet.client.get(pause)).text
    assert re.findall(r'id="request-row-(\d+)"', html) == ["1"]
    resume = re.findall(r'id="request-pause" href="([^"]+)"', html)[0]
    assert "until" not in resume


async def test_a_call_is_sent_again_and_both_answers_are_shown(quiet: Running) -> None:
    await send(quiet.client, notice(HANA), key="k1")
    answer = await quiet.client.post("/desk/requests/replay", data={"seq": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk?request=2#requests")
    page = await shown(quiet, "/desk?request=2")
    assert "#1를 다시 보낸 요청" in page
    assert page.index("처음에 준 답") < page.index("다시 보냈을 때 준 답")
    assert "10분 안에 쓴 멱등 키예요" in page
    assert "#2" in await shown(quiet, "/desk?request=1")
    gone = await quiet.client.post("/desk/requests/replay", data={"seq": "9"})
    assert gone.status_code == 404
    foreign = {"Origin": "https://evil.example"}
    for path in ("replay", "clear"):
        refused = await quiet.client.post(
            f"/desk/requests/{path}", data={"seq": "1"}, headers=foreign
        )
        assert refused.status_code == 403
    assert (await quiet.client.post("/desk/requests/clear")).status_code == 303
    assert "아직 받은 요청이 없어요" in await shown(quiet)


async def test_of_a_long_body_the_first_lines_are_shown(quiet: Running) -> None:
    body = notice(HANA)
    body["recipientList"] = body["recipientList"] * 200
    await send(quiet.client, body)
    html = (await quiet.client.get("/desk?request=1")).text
    part = html.partition('id="request-body"')[2].partition("</pre>")[0]
    assert part.count("<span") == MOST_LINES
    assert f"앞의 {MOST_LINES}줄만" in html
    upload = {"file": ("a.png", b"\x89PNG\x00", "image/png")}
    await quiet.client.post(f"{ALIMTALK}/template-image", files=upload, headers=SECRET)
    assert "Content-Disposition" in await shown(quiet, "/desk?request=2")


FORM = Form(Text("a", "a"), fields("known", rows=fields("known")))


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (b'{"known":1}', ['{"known": 1}']),
        (b'{"new":1,"known":2}', ["{", '! "new": 1,', '  "known": 2', "}"]),
        (
            b'{"rows":[{"known":1},{"new":[1]}]}',
            ["{", '  "rows": [', '    {"known": 1},', "    {", '! "new": [1]', "    }", "  ]", "}"],
        ),
        (b"[]", ["[]"]),
        (b"", []),
        (b"a=1\nb", ["a=1", "b"]),
        (b'"text"', ['"text"']),
        (b'{"secret":"abcd"}', ["{", '! "secret": "•••"', "}"]),
    ],
)
def test_lines_of_a_body(raw: bytes, lines: list[str]) -> None:
    made = code_of(raw, Mask(None), unknown_in(FORM, parsed(raw), []))
    told = [f"! {one.text.strip()}" if one.unknown else one.text for one in made.lines]
    assert told == lines
    assert not made.more


def test_a_long_string_is_shortened() -> None:
    made = code_of(b'{"known":"' + b"x" * 5_000 + b'"}', Mask(None))
    assert made.lines[1].text.endswith('… (5,000)"')
