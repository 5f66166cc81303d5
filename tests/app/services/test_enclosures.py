"""What goes beside a text: the limits of the messenger, and what a repeated click compares."""

import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from app.errors import Invalid, NotFound, Refused
from app.ids import new_id
from app.services import enclosures
from channels.bubble import Button
from tests.app.services.talks import Talk, talking
from tests.photos import jpeg

WEB = Button("WL", "보기", url_mobile="https://shop.example/1")


@pytest.fixture
async def talk(tmp_path: Path, migrated: Path) -> AsyncIterator[Talk]:
    shutil.copy(migrated, tmp_path / "naru.db")
    async with talking(tmp_path) as made:
        await made.hear()
        yield made


def code(text: str, buttons: Sequence[Button] = (), files: int = 0) -> str:
    with pytest.raises(Invalid) as refused:
        enclosures.check(text, buttons, [new_id() for _ in range(files)])
    return refused.value.code


def test_limits() -> None:
    enclosures.check("가" * 1000, [WEB] * 5, [])
    enclosures.check("", [], [new_id() for _ in range(10)])
    assert code("") == "empty_text"
    assert code("", [WEB], 1) == "empty_text"  # buttons hang under a text
    assert code("가" * 1001) == "too_long"
    assert code("a\x00") == "bad_text"
    assert code("가", [WEB] * 6) == "too_many_buttons"
    assert code("가", files=11) == "too_many_files"
    twice = new_id()
    with pytest.raises(Invalid):
        enclosures.check("", [], [twice, twice])


@pytest.mark.parametrize(
    "button",
    [
        Button("DS", "조회"),
        Button("WL", "보기"),
        Button("WL", "", url_mobile="https://h/"),
        Button("WL", "가" * 15, url_mobile="https://h/"),
        Button("WL", "보기", url_mobile="javascript:alert(1)"),
        Button("WL", "보기", url_mobile="https://h/", url_pc="ftp://h/"),
        Button("WL", "보기", url_mobile="https://[::1"),
        Button("WL", "보기", url_mobile="https://h/ x"),
        Button("WL", "보기", url_mobile="https://h/" + "a" * 1000),
        Button("AL", "앱", scheme_android="shop://1"),
        Button("AL", "앱", scheme_android="javascript:1", scheme_ios="shop://1"),
    ],
)
def test_buttons_that_lead_nowhere(button: Button) -> None:
    assert code("가", [button]) == "bad_button"


def test_buttons_come_back_as_they_were() -> None:
    app = Button("AL", "앱", scheme_android="shop://1", scheme_ios="shop://1")
    enclosures.check("가", [app], [])
    assert enclosures.buttons_of(enclosures.content_of([WEB, app])) == (WEB, app)
    assert enclosures.content_of([]) == {}


async def test_each_file_is_a_line_and_a_repeated_click_none(talk: Talk) -> None:
    files = (await talk.keep(), await talk.keep(jpeg(), "a.jpg"))
    posted = await talk.post("두 개예요", attachments=files, client_key="k")
    again = await talk.post("두 개예요", attachments=files, client_key="k")
    assert again.replayed
    assert [one.id for one in again.more] == [one.id for one in posted.more]
    assert [(one.kind, one.status) for one in posted.more] == [
        ("file", "queued"),
        ("image", "queued"),
    ]
    assert posted.more[0].content is not None
    assert posted.more[0].content["name"] == "견적.pdf"
    for changed in ({"attachments": files[:1]}, {"attachments": files, "buttons": (WEB,)}):
        with pytest.raises(Refused) as refused:
            await talk.post("두 개예요", client_key="k", **changed)
        assert refused.value.code == "client_key_reused"
    with pytest.raises(Refused) as refused:
        await talk.post("", attachments=files, epoch=2)
    assert refused.value.code == "attachment_used"
    with pytest.raises(NotFound):
        await talk.post("", attachments=(new_id(),), epoch=2)
    assert len(await talk.lines()) == 4
