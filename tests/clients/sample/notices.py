"""How a shop tests its notices: the sample of docs/testing-your-shop.md."""

import os
from pathlib import Path

import pytest
from naru_testing import Sandbox
from shop import NhnShop, SolapiShop, send_by_gateway

TEXT = "#{이름}님, #{금액}원이 결제되었습니다."
HANA, NO_KAKAO = "010-0000-1001", "010-0000-3019"


@pytest.fixture
def nhn(naru_sandbox: Sandbox) -> NhnShop:
    account = naru_sandbox.nhn_account()
    account.template("order_paid", TEXT)
    return NhnShop(account.url, account.app_key, account.secret_key, account.sender_key)


@pytest.fixture
def solapi(naru_sandbox: Sandbox) -> SolapiShop:
    account = naru_sandbox.solapi_account()
    return SolapiShop(
        account.url,
        account.api_key,
        account.api_secret,
        sender=account.caller_number,
        pfId=account.sender_key,
        templateId=account.template("결제 안내", TEXT),
    )


def test_a_customer_is_told(naru_sandbox: Sandbox, nhn: NhnShop) -> None:
    assert nhn.paid(HANA, "한가온", 52_800)
    naru_sandbox.assert_received(HANA, template="order_paid", contains="52,800원")


def test_each_test_finds_an_empty_sandbox(naru_sandbox: Sandbox, nhn: NhnShop) -> None:
    assert naru_sandbox.received() == []
    assert nhn.paid("010-1234-5678", "표다온", 9_000)
    naru_sandbox.assert_nothing(HANA, within_s=0.2)
    naru_sandbox.assert_received("010-1234-5678")


def test_a_provider_that_fails_for_a_moment(naru_sandbox: Sandbox, nhn: NhnShop) -> None:
    with naru_sandbox.chaos([{"effect": "http_status", "status": 503, "count": 2}]) as dial:
        assert nhn.paid(HANA, "한가온", 1_000)
        assert dial.acted() == [2]
    assert len(naru_sandbox.received(to=HANA, wait_s=5)) == 1


def test_without_kakaotalk_it_is_a_text_message(naru_sandbox: Sandbox, solapi: SolapiShop) -> None:
    assert solapi.paid(HANA, "한가온", 52_800)
    assert naru_sandbox.assert_received(HANA, contains="52,800원").app == "chat"
    assert solapi.paid(NO_KAKAO, "도해솔", 52_800)
    assert naru_sandbox.assert_received(NO_KAKAO, contains="52,800원").app == "sms"


@pytest.mark.naru_scenario("half_the_town", count=8)
def test_half_the_town_is_told_by_text_message(naru_sandbox: Sandbox, solapi: SolapiShop) -> None:
    town = [f"010-7000-{number:04}" for number in range(8)]
    for number in town:
        assert solapi.paid(number, "이웃", 100)
    came = [naru_sandbox.assert_received(number).app for number in town]
    assert set(came) == {"chat", "sms"}
    assert len(naru_sandbox.received()) == len(town)
    assert naru_sandbox.run
    assert naru_sandbox.run.state().name == "half_the_town"


@pytest.mark.skipif("SHOP_GATEWAY" not in os.environ, reason="no gateway is set up")
def test_through_the_gateway(naru_sandbox: Sandbox) -> None:
    values = {"고객명": "한가온", "주문번호": "A-17", "결제금액": "52,800"}
    values |= {"결제수단": "카드", "결제일시": "오늘"}
    send_by_gateway("payment_received", HANA, values)
    send_by_gateway("payment_received", NO_KAKAO, {**values, "고객명": "도해솔"})
    assert naru_sandbox.assert_received(HANA, contains="52,800원", within_s=20).app == "chat"
    assert naru_sandbox.assert_received(NO_KAKAO, contains="도해솔", within_s=20).app == "sms"


def test_where_it_ran(naru_sandbox: Sandbox) -> None:
    """Told to the test of these tests: with xdist each worker has its own sandbox."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    Path(f"ran-{worker}").write_text(naru_sandbox.url)
