"""naru_testing against a real sandbox it started: what it sees, moves, and says when it fails."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from clients.python.naru_testing import NotAsExpected, Refused, Sandbox, SandboxError
from tests.clients.shop import HANA, NO_KAKAO, OFF, TEXT, Shop, open_shop

DEFAULTS = Sandbox.assert_received.__kwdefaults__ or {}


@pytest.fixture(scope="module")
def opened() -> Iterator[Shop]:
    with (
        Sandbox.start([sys.executable, "-m", "sandbox"], registered_s=0.1) as sandbox,
        open_shop(sandbox) as shop,
    ):
        yield shop


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What must come may take its time on a busy machine."""
    monkeypatch.setattr(Sandbox.assert_received, "__kwdefaults__", DEFAULTS | {"within_s": 60.0})


@pytest.fixture
def shop(opened: Shop) -> Shop:
    opened.sandbox.reset()
    return opened


def refusal_of(shop: Shop, to: str, **wanted: Any) -> str:
    """What a failed assertion says."""
    with pytest.raises(NotAsExpected) as told:
        shop.sandbox.assert_received(to, within_s=0.3, **wanted)
    return str(told.value)


def test_what_came_is_seen_and_pressed(shop: Shop) -> None:
    assert shop.sandbox.latest() is None
    shop.pay(HANA)
    found = shop.sandbox.assert_received(
        "010-0000-1001", template="order_paid", contains=["가온님", "52,800원"]
    )
    assert (found.kind, found.app, found.template) == ("alimtalk", "chat", "order_paid")
    assert found.text == "가온님, 52,800원이 결제되었습니다."
    assert [(one.name, one.link) for one in found.buttons] == [
        ("주문 보기", "https://shop.example/17")
    ]
    shop.text(HANA, "감사합니다")
    text = shop.sandbox.assert_received(HANA, app="sms")
    assert shop.sandbox.latest(to=HANA) == text
    assert shop.sandbox.received() == shop.sandbox.phone("+82 10-0000-1001").messages()
    assert shop.sandbox.received(app="chat") == [found]
    assert [one.outcome for one in shop.sandbox.accepted(to=HANA)] == ["성공", "성공"]
    assert shop.sandbox.phone(HANA).press("주문 보기").link == "https://shop.example/17"
    with pytest.raises(NotAsExpected, match="주문 보기"):
        shop.sandbox.phone(HANA).press("환불")


def test_the_right_one_among_several_is_found(shop: Shop) -> None:
    for amount in ("1,000", "2,000", "3,000"):
        shop.pay(HANA, amount)
    assert "2,000원" in shop.sandbox.assert_received(HANA, contains="2,000원", within_s=30).text
    for amount in ("1,000", "3,000"):
        shop.sandbox.assert_received(HANA, contains=f"{amount}원", within_s=30)
    assert len(shop.sandbox.received(to=HANA)) == 3


def test_long_lists_come_whole(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clients.python.naru_testing.PAGE", 2)
    for amount in ("1", "2", "3", "4"):
        shop.pay(HANA, amount)
        shop.sandbox.assert_received(HANA, contains=f" {amount}원")
    assert len(shop.sandbox.received()) == len(shop.sandbox.accepted()) == 4


def test_solapi_and_a_relay(shop: Shop) -> None:
    kakao = {
        "pfId": shop.solapi.sender_key,
        "templateId": shop.solapi_template,
        "variables": {"#{이름}": "가온", "#{금액}": "7,000"},
    }
    shop.ask(
        f"{shop.solapi.url}/messages/v4/send",
        {"message": {"to": HANA, "from": shop.solapi.caller_number, "kakaoOptions": kakao}},
        shop.solapi.headers(),
    )
    found = shop.sandbox.assert_received(HANA, template=shop.solapi_template, contains="7,000원")
    assert found.provider == "solapi"
    row = {"ref": "r1", "to": HANA, "sender": shop.relay.sender_key, "template": "order_paid"}
    text = {"title": "", "text": "가온님, 8,000원이 결제되었습니다.", "buttons": []}
    shop.ask(
        f"{shop.relay.url}/messages",
        {"key": "k", "route": "alimtalk", "messages": [{**row, **text}]},
        {"Authorization": f"Bearer {shop.relay.key}"},
    )
    assert shop.sandbox.assert_received(HANA, contains="8,000원").reference == "r1"


def test_another_text_than_the_expected(shop: Shop) -> None:
    shop.pay(HANA)
    said = refusal_of(shop, HANA, template="order_paid", contains="99,000원")
    assert "contains='99,000원'" in said
    assert "대신 온 것" in said
    assert "alimtalk order_paid: 가온님, 52,800원이 결제되었습니다." in said


def test_a_phone_that_is_not_on_kakaotalk(shop: Shop) -> None:
    shop.pay(NO_KAKAO)
    shop.pay(HANA)
    said = refusal_of(shop, NO_KAKAO)
    assert "order_paid → done 3019 카카오톡 사용자가 아님" in said
    assert "카카오톡 안 씀 (not on KakaoTalk)" in said
    assert "다른 번호에 온 것" in said


def test_a_phone_that_is_off(shop: Shop) -> None:
    shop.pay(OFF)
    said = refusal_of(shop, OFF)
    assert "held 3005 전화기가 꺼져 있어 기다리는 중" in said
    assert "꺼짐 (off)" in said
    shop.sandbox.phone(OFF).on()
    shop.sandbox.assert_received(OFF)


def test_a_refused_call_and_none_at_all(shop: Shop) -> None:
    said = refusal_of(shop, HANA)
    assert "제공자 요청이 하나도 없어요" in said
    assert f"{shop.sandbox.url}/nhn" in said
    shop.pay(HANA, code="order_paidd")
    assert "-3003" in refusal_of(shop, HANA)
    assert "nothing was ever accepted for it" in refusal_of(shop, "010-9999-0001")


def test_a_blocked_channel_and_chaos_are_named(shop: Shop) -> None:
    shop.sandbox.phone(HANA).block(shop.nhn)
    shop.pay(HANA)
    assert "차단 (blocks) shop-channel" in refusal_of(shop, HANA)
    shop.sandbox.phone(HANA).unblock(shop.nhn)
    rule = {"effect": "http_status", "status": 503}
    with shop.sandbox.chaos([rule], seed=3) as dial:
        shop.pay(HANA)
        said = refusal_of(shop, HANA, contains="9")
        assert "chaos http_status: 1 ×" in said
        assert "→ 503" in said
        assert dial.acted() == [1]
        with shop.sandbox.chaos([]):
            shop.pay(HANA)  # nested: the inner dial is in force
        assert dial.acted() == [0]
    first = shop.sandbox.received(to=HANA, wait_s=30)
    shop.pay(HANA)
    more = shop.sandbox.received(to=HANA, after=first[-1].seq, wait_s=30)
    assert len(first) == len(more) == 1


def test_nothing_is_really_waited_for(shop: Shop) -> None:
    shop.sandbox.assert_nothing(HANA, within_s=0.1)
    shop.sandbox.settings(result_delay_s=0.3)
    shop.pay(HANA)
    shop.sandbox.assert_nothing(HANA, contains="9,999", within_s=0.5)
    with pytest.raises(NotAsExpected, match="52,800원이 결제"):
        shop.sandbox.assert_nothing(HANA, template="order_paid", within_s=5)


def test_reset_leaves_no_trace_of_a_test(shop: Shop) -> None:
    sandbox = shop.sandbox
    before = sandbox.phone(HANA).state()
    phone = sandbox.phone(HANA).off().leave_kakao().slow(2).lose_answers().block(shop.nhn)
    assert phone.state() != before
    made = sandbox.phone("010-5555-7777").off()
    sandbox.settings(result_delay_s=3, webhooks=False)
    sandbox.chaos([{"effect": "timeout_before"}])
    sandbox.reset()
    assert sandbox.phone(HANA).state() == before
    assert made.state().on
    assert sandbox.settings()["result_delay_s"] == 0
    shop.pay(HANA)
    sandbox.assert_received(HANA, template="order_paid")


def test_a_customer_answers(shop: Shop) -> None:
    with pytest.raises(Refused) as refused:
        shop.sandbox.phone(HANA).say("언제 오나요?", shop.nhn)
    assert refused.value.code == "no_consult"
    shop.sandbox.consult_account(sender_key="talk-channel")
    shop.sandbox.phone(HANA).say("언제 오나요?", "talk-channel").leave_kakao()
    with pytest.raises(Refused, match="no_kakao"):
        shop.sandbox.phone(HANA).say("여보세요", "talk-channel")


def test_templates_are_made_once_and_judged(shop: Shop) -> None:
    assert shop.nhn.template("order_paid", TEXT) == "order_paid"
    with pytest.raises(SandboxError, match="another text"):
        shop.nhn.template("order_paid", "다른 글")
    with pytest.raises(SandboxError, match="-2000"):
        shop.nhn.template("too_long_for_a_code_of_20", TEXT)
    shop.sandbox.approve("order_paid")
    with pytest.raises(Refused) as refused:
        shop.sandbox.reject("order_paid", "이미 승인됐어요", shop.nhn.sender_key)
    assert refused.value.code == "state"
    with pytest.raises(Refused, match="not_found"):
        shop.sandbox.approve("none")


def test_a_wrong_field_is_told_with_its_name(shop: Shop) -> None:
    with pytest.raises(Refused) as refused:
        shop.sandbox.settings(result_delay=1)
    assert (refused.value.status, refused.value.field) == (422, "result_delay")


def test_the_clock_is_moved_instead_of_waiting(shop: Shop) -> None:
    clock = shop.sandbox.clock
    shop.pay(OFF)
    shop.sandbox.assert_nothing(OFF, within_s=0.2)
    before = clock.state()
    moved = clock.move(days=3, hours=1)
    assert moved.now - before.now >= timedelta(days=3, hours=1)
    assert moved.ahead_s == pytest.approx(73 * 3600, abs=5)
    shop.sandbox.phone(OFF).on()  # too late: it was given up after three days
    (row,) = shop.sandbox.accepted(to=OFF)
    assert (row.state, row.result) == ("done", "3005")
    assert clock.rate(0).rate == 0
    stood = clock.state().now
    assert clock.state().now == stood
    assert clock.set(stood + timedelta(hours=2)).now == stood + timedelta(hours=2)
    with pytest.raises(Refused, match="clock_back"):
        clock.set(stood)
    clock.reset()
    assert clock.state().ahead_s == 0
    clock.rate(60)
    shop.sandbox.reset()
    assert clock.state().rate == 1


TOWN = """
title = "작은 마을"
title_en = "small town"
about = "둘에게 보내요."
about_en = "Two are sent to."
settle_s = 1
[traffic]
template = "order_paid"
count = 100
[settings]
result_delay_s = 0.2
[[expect]]
what = "arrived_chat"
at_least = 0.5
"""


def test_a_scenario_runs_and_is_undone(shop: Shop) -> None:
    name = shop.sandbox._ask("POST", "/desk/api/scenarios", {"toml": TOWN})["name"]
    with shop.sandbox.scenario(name, count=2) as run:
        assert run.state().state == "running"
        with pytest.raises(NotAsExpected, match=f"{name}: running(.|\n)*waiting *arrived_chat"):
            run.assert_passed(within_s=0.1)
        assert shop.sandbox.settings()["result_delay_s"] == 0.2
        for amount in ("1", "2"):
            shop.pay(HANA, amount)
        assert {one.state for one in run.assert_passed(within_s=15).checks} == {"ok"}
    assert shop.sandbox.settings()["result_delay_s"] == 0
    with pytest.raises(Refused, match="not_found"):
        shop.sandbox.scenario("no_such_scenario")
