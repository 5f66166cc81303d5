"""Each status code of intake has a message that gets it, and one beside it that does not."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.moves import act
from sandbox.reviews import get_template
from sandbox.solapi.alimtalk import Lookup
from sandbox.solapi.checks import check, replacement_of, type_of
from sandbox.solapi.words import NO_ROUTE, STATUS
from sandbox.store import Store
from tests.sandbox.solapi_shop import (
    BODY,
    BUTTONS,
    CALLER,
    CHANNEL,
    HANA,
    TEMPLATE,
    TEXT,
    VALUES,
    Caller,
    judge,
    notice,
    settle_in,
    spoiled,
    text,
)


@pytest.fixture
def account(store: Store) -> str:
    return settle_in(store)


@pytest.fixture(scope="module")
def shop() -> Iterator[tuple[Store, str]]:
    """A store nobody changes, and its account."""
    store = Store()
    yield store, settle_in(store)
    store.close()


def buttons(**changed: Any) -> dict[str, Any]:
    """A notice whose first button is another one."""
    return notice(buttons=[{**BUTTONS[0], **changed}, *BUTTONS[1:]])


LINK = "https://shop.example/"
SYLLABLES = 45  # as many as an SMS holds
MESSAGES = [
    ("2000", text()),
    ("2000", text("010-0000-1001", **{"from": "02-0000-2041"})),
    ("2000", notice()),
    ("2000", notice(text=TEXT, buttons=BUTTONS)),
    ("2000", notice(text="#{이름}님, 상품이 출발했습니다.")),
    ("2000", notice(variables={name[2:-1]: value for name, value in VALUES.items()})),
    ("2000", notice(disableSms=True, **{"from": ""})),
    ("2000", text(customFields={"k" * 30: "v" * 100})),
    ("2000", text(subject="가" * 20, type="LMS")),
    ("2000", text(text="가" * SYLLABLES, type="SMS")),
    ("2000", text(text="가" * 1_000)),
    ("2000", text("7911123456", country="44")),
    ("1010", text("")),
    ("1010", text(text="")),
    ("1010", text(**{"from": ""})),
    ("1010", text(autoTypeDetect=False)),
    ("1010", text(type="MMS")),
    ("1010", notice(pfId="")),
    ("1010", notice(**{"from": ""})),
    ("1010", {"to": HANA, "from": CALLER, "text": TEXT, "type": "ATA"}),
    ("1011", text("0100")),
    ("1011", text("010-000-hana")),
    ("1011", text(**{"from": "02x"})),
    ("1011", text(text=["a"])),
    ("1011", {**text(), "kakaoOptions": "x"}),
    ("1011", notice(variables=["x"])),
    ("1013", text(type="SMS", subject="제목")),
    ("1014", text(subject="가" * 20 + "a")),
    ("1023", text(imageId="ST01FP000000000000000000000000AA")),
    ("1025", text(type="PIGEON")),
    ("1028", text(text="a\x07")),
    ("1029", text(text="좋아요 😀")),
    ("1031", text(text="가" * SYLLABLES + "a", type="SMS")),
    ("1031", text(text="가" * 1_000 + "a")),
    ("1032", text(customFields={"k": 1})),
    ("1032", text(customFields={"k" * 31: "v"})),
    ("1032", text(customFields={"k": "v" * 101})),
    ("1032", text(customFields=["k"])),
    ("1033", {**notice(text="a"), "type": "SMS"}),
    ("1041", notice(pfId="KA01PF00000000000000000000000000")),
    ("1042", notice(templateId="KA01TP00000000000000000000000000")),
    ("1043", notice(text="다른 글")),
    ("1043", notice(variables={"#{금액}": "1", "#{주문}": "1"})),
    ("1043", notice(variables={"#{이름}": "하나", "#{주문}": "1"})),
    ("1044", notice(variables={"#{이름}": "하나", "#{금액}": "1"})),
    ("1044", notice(buttons="x")),
    ("1044", notice(buttons=[{"buttonName": "주문"}])),
    ("1044", buttons(buttonName="다른 것")),
    ("1045", buttons(linkMo="shop.example")),
    ("1045", buttons(linkMo="https://other.example/")),
    ("1046", notice(buttons=[])),
    ("1048", buttons(linkMo=LINK + "x" * (101 - len(LINK)))),
    ("2000", buttons(linkMo=LINK + "x" * (100 - len(LINK)))),
    ("1049", buttons(buttonName="가" * 15)),
    ("1050", notice(buttons=[BUTTONS[1]] * 6)),
    ("1052", notice(buttons=BUTTONS[::-1])),
    ("1058", {"to": HANA, "from": CALLER, "text": "a", "kakaoOptions": {"pfId": CHANNEL}}),
    ("1062", text(**{"from": "0299999999"})),
    ("1062", notice(**{"from": "0299999999"})),
]


@pytest.mark.parametrize(
    ("code", "message"), MESSAGES, ids=[f"{n}-{code}" for n, (code, _) in enumerate(MESSAGES)]
)
def test_a_message_and_its_code(
    shop: tuple[Store, str], code: str, message: dict[str, Any]
) -> None:
    assert check(Lookup(*shop), message).code == code
    assert STATUS[code]


def test_what_has_no_route_here(shop: tuple[Store, str]) -> None:
    codes = {check(Lookup(*shop), text(type=kind)).code for kind in NO_ROUTE}
    assert codes == {"1058"}


def test_a_template_without_buttons(store: Store) -> None:
    account = settle_in(store, {**BODY, "buttons": []})
    assert check(Lookup(store, account), notice(buttons=BUTTONS)).code == "1047"
    assert check(Lookup(store, account), notice(buttons=[])).code == "2000"


def test_a_filled_text_is_measured(store: Store) -> None:
    account = settle_in(store, {**BODY, "templateContent": "#{이름}"})
    for length, code in ((1_000, "2000"), (1_001, "1031")):
        message = notice(variables={**VALUES, "#{이름}": "가" * length})
        assert check(Lookup(store, account), message).code == code


@pytest.mark.parametrize("move", ["stop", "block", "dormant"])
def test_a_template_that_may_not_be_sent_is_an_unknown_one(
    store: Store, account: str, move: str
) -> None:
    judge(store, move)
    assert check(Lookup(store, account), notice()).code == "1042"


def test_a_template_in_review_is_an_unknown_one(store: Store) -> None:
    account = settle_in(store)
    found = get_template(store, CHANNEL, TEMPLATE)
    assert found
    store.run("UPDATE template SET status = 'TSC01', queued_at = NULL")
    assert check(Lookup(store, account), notice()).code == "1042"
    act(store, get_template(store, CHANNEL, TEMPLATE) or found, "approve")
    assert check(Lookup(store, account), notice()).code == "2000"


def test_a_blocked_channel(store: Store, account: str) -> None:
    store.run("UPDATE sender SET blocked = 1 WHERE sender_key = ?", (CHANNEL,))
    assert check(Lookup(store, account), notice()).code == "1041"


FIELDS = ("type", "subject", "imageId", "country", "autoTypeDetect", "replacements")


@pytest.mark.parametrize(
    "message",
    [
        text(customFields={"k": "v"}, **dict.fromkeys(FIELDS)),
        {**notice(text=TEXT, buttons=BUTTONS, disableSms=False, imageId=None, title=None)},
    ],
    ids=["text", "notice"],
)
async def test_junk_gets_a_code_and_breaks_nothing(solapi: Caller, message: dict[str, Any]) -> None:
    found = [one for one in spoiled(message) if isinstance(one, dict)]
    said = await solapi.send(*found, allowDuplicates=True)
    assert {one["statusCode"] for one in said["messageList"]} <= STATUS.keys()
    solapi.deliver()
    group_id = said["groupInfo"]["groupId"]
    assert (await solapi.group(group_id))["status"] == "COMPLETE"
    _, stored = await solapi.ask("GET", f"/messages/v4/groups/{group_id}/messages", limit=500)
    assert len(stored["messageList"]) == len(found) > 100


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("ATA", notice()),
        ("ATA", notice(imageId="x")),
        ("CTA", {"kakaoOptions": {"pfId": "x"}}),
        ("CTI", {"kakaoOptions": {"pfId": "x", "imageId": "x"}}),
        ("BMS_FREE", {"kakaoOptions": {"pfId": "x", "bms": {"targeting": "I"}}}),
        ("MMS", text(imageId="x", subject="제목")),
        ("LMS", text(subject="제목")),
        ("LMS", text(text="가" * 46)),
        ("SMS", text(text="가" * 45)),
        ("SMS", text(kakaoOptions={})),
        ("LMS", text(type="LMS")),
    ],
)
def test_the_type_is_inferred(kind: str, message: dict[str, Any]) -> None:
    assert type_of(message) == kind


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("SMS", {}),
        ("LMS", {"text": "가" * 46}),
        ("LMS", {"subject": "제목"}),
        (None, {"text": "가" * 1_001}),
        (None, {"text": "😀"}),
        (None, {"kakaoOptions": {"disableSms": True}}),
    ],
)
def test_what_a_replacement_is(kind: str | None, changed: dict[str, Any]) -> None:
    body = {"text": TEXT, "from": CALLER, "kakaoOptions": {"disableSms": False}, **changed}
    assert replacement_of(body) == kind
