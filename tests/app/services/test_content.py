"""What a message froze at accept is what leaves later."""

import orjson
import pytest

from app.services.content import freeze, outgoing, route_of
from channels.bubble import Button
from templates.render import Rendered
from templates.text import SmsRoute

BUTTONS = (
    Button("WL", "배송 조회", url_mobile="https://m.example/1", url_pc="https://example/1"),
    Button("BK", "문의", token="0" * 32),
)
WHOLE = Rendered(
    text="김하나님, 안녕하세요",
    title="제목",
    buttons=BUTTONS,
    sms_text="짧은 글",
    sms_subject="문자 제목",
    sms_route="lms",
)
BARE = Rendered(text="글", title="", buttons=())


def test_it_survives_being_sealed_as_json() -> None:
    content = freeze("01012345678", {"이름": "김하나"}, WHOLE)
    content = orjson.loads(orjson.dumps(content))
    chat = outgoing(content, "alimtalk", ref="R", sender="key", template="code")
    assert (chat.ref, chat.to, chat.sender, chat.template) == ("R", "01012345678", "key", "code")
    assert (chat.text, chat.title, chat.buttons) == (WHOLE.text, WHOLE.title, BUTTONS)
    text = outgoing(content, "sms", ref="R", sender="0215881234", template="code")
    assert (text.text, text.title, text.buttons) == ("짧은 글", "문자 제목", ())
    assert text.template == ""  # providers know templates of Alimtalk only
    assert content["variables"] == {"이름": "김하나"}


@pytest.mark.parametrize("route", ["sms", "lms"])
def test_the_length_chose_the_route(route: SmsRoute) -> None:
    content = freeze("01012345678", {}, Rendered("", "", (), "글", "", route))
    assert route_of(content, "sms") == route
    assert route_of(content, "alimtalk") == "alimtalk"


def test_a_picture_is_kept_by_its_name_for_the_text_message_only() -> None:
    shown = Rendered("글", "", (), "글", "", "mms", sms_picture="sale.jpg")
    content = orjson.loads(orjson.dumps(freeze("01012345678", {}, shown)))
    assert route_of(content, "sms") == "mms"
    text = outgoing(content, "sms", ref="R", sender="s", template="")
    assert text.picture == "sale.jpg"
    assert outgoing(content, "alimtalk", ref="R", sender="s", template="t").picture == ""
    plain = freeze("01012345678", {}, WHOLE)
    assert "picture" not in plain["sms"]
    assert outgoing(plain, "sms", ref="R", sender="s", template="").picture == ""


def test_a_channel_that_was_not_frozen_is_missing() -> None:
    content = freeze("01012345678", {}, BARE)
    assert "sms" not in content
    with pytest.raises(KeyError):
        outgoing(content, "sms", ref="R", sender="s", template="")
    with pytest.raises(KeyError):
        route_of(content, "sms")


def test_nothing_personal_is_in_its_repr() -> None:
    content = freeze("01012345678", {}, WHOLE)
    shown = repr(outgoing(content, "sms", ref="R", sender="0215881234", template=""))
    assert "01012345678" not in shown
    assert "짧은 글" not in shown
