"""The scenarios on the desk without a script: run, stop, add, mend, delete."""

import html
import re
from collections.abc import AsyncIterator

import pytest

from sandbox.pages.scenarios import share_words
from sandbox.scenarios.run import Runner
from tests.sandbox.received import Pages, open_pages

OWN = 'title = "내 것"\ntitle_en = "Mine"\n[traffic]\ntemplate = "order_shipped"\ncount = 5\n'
OWN += '[[expect]]\nwhat = "arrived"\nat_least = 0.9\n'


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    async with open_pages() as opened:
        opened.client.follow_redirects = True
        yield opened


def part(text: str, element: str) -> str:
    """The page from an id on, as a reader sees it."""
    found = re.search(rf'id="{element}".*', text, re.DOTALL)
    assert found
    return html.unescape(re.sub(r"<[^>]+>", " ", found[0]))


async def test_one_is_run_and_stopped(pages: Pages) -> None:
    text = (await pages.client.get("/desk")).text
    assert "아직 실행한 시나리오가 없어요" in text
    assert text.count('class="scenario"') == 5
    answer = await pages.client.post("/desk/scenarios/provider_down/start", data={"count": "40"})
    run = part(answer.text, "run")
    for words in ("제공자가 멈춤", "실행 중", "접수 0 / 40", "naru rehearse provider_down"):
        assert words in run
    for words in ("503만 줘요", "30% 접수하면", "다시 괜찮아요", "15초 뒤", "두 번 도착", "없음"):
        assert words in run
    again = await pages.client.post("/desk/scenarios/half_the_town/start")
    assert again.status_code == 409
    assert "먼저 멈춰 주세요" in again.text
    answer = await pages.client.post("/desk/scenarios/stop")
    assert "실행하기 전으로 돌아갔어요" in part(answer.text, "run")
    english = (await pages.client.get("/desk?lang=en")).text
    assert "Provider down" in part(english, "run")


async def test_an_own_one_is_added_read_and_deleted(pages: Pages) -> None:
    answer = await pages.client.post("/desk/scenarios", files={"file": ("a.toml", OWN.encode())})
    assert answer.status_code == 200
    assert "내 것" in part(answer.text, "scenario-mine")
    answer = await pages.client.get("/desk/scenarios/mine.toml")
    assert answer.text == OWN
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"
    started = await pages.client.post("/desk/scenarios/mine/start")
    assert "90% 이상" in part(started.text, "run")
    refused = await pages.client.post("/desk/scenarios/mine/delete")
    assert refused.status_code == 409
    await pages.client.post("/desk/scenarios/stop")
    answer = await pages.client.post("/desk/scenarios/mine/delete")
    assert 'id="scenario-mine"' not in answer.text
    assert "mine" in part(answer.text, "run")  # what ran is told though its file is gone
    for refusal, status in (
        (await pages.client.post("/desk/scenarios/mine/delete"), 404),
        (await pages.client.post("/desk/scenarios/half_the_town/delete"), 409),
        (await pages.client.post("/desk/scenarios/half_the_town/start", data={"count": "-1"}), 422),
        (await pages.client.post("/desk/scenarios/half_the_town/start", data={"count": "0"}), 422),
        (await pages.client.get("/desk/scenarios/nothing.toml"), 404),
    ):
        assert refusal.status_code == status


async def test_a_bad_text_is_told_with_its_line_and_stays_to_be_mended(pages: Pages) -> None:
    bad = OWN.replace("count = 5", "count = 0").replace("내 것", "<script>")
    answer = await pages.client.post(
        "/desk/scenarios", data={"toml": bad.replace("\n", "\r\n")}, files={"file": ("", b"")}
    )
    assert answer.status_code == 422
    said = part(answer.text, "scenario-add")
    assert "5번째 줄" in said
    assert "traffic.count" in said
    assert bad in said
    assert "<script>" not in answer.text
    mended = await pages.client.post("/desk/scenarios", data={"toml": OWN}, files={"x": ("", b"")})
    assert mended.status_code == 200


@pytest.mark.parametrize(("file", "status"), [(b"\xff\xfe", 422), (b"#" * 70_000, 422)])
async def test_a_file_that_is_no_text_or_too_long(pages: Pages, file: bytes, status: int) -> None:
    answer = await pages.client.post("/desk/scenarios", files={"file": ("a.toml", file)})
    assert answer.status_code == status
    large = await pages.client.post("/desk/scenarios", files={"file": ("a.toml", b"#" * 300_000)})
    assert large.status_code == 413


async def test_the_last_run_stands_beside_its_scenario(pages: Pages) -> None:
    runner = _runner(pages)
    await pages.client.post("/desk/scenarios/half_the_town/start", data={"count": "1"})
    assert runner.course
    runner.course.tally.accepted = 1
    runner.course.tally.changed_at -= 100_000
    runner.tick()
    row = part((await pages.client.get("/desk")).text, "scenario-half_the_town").split("실행 :")[0]
    assert "지난 실행" in row
    assert "실패" in row


def _runner(pages: Pages) -> Runner:
    transport = pages.client._transport
    runner: Runner = transport.app.state.runner  # type: ignore[attr-defined]
    return runner


@pytest.mark.parametrize(
    ("share", "words"),
    [(1, "100%"), (0.999996, "99.99%"), (0.5, "50%"), (0.0000025, "0.00025%"), (0, "0%")],
)
def test_a_share_is_not_rounded_to_all(share: float, words: str) -> None:
    assert share_words(share) == words
