"""A small shop that sends through providers' own calls, as its tests meet it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from clients.python.naru_testing import NhnAccount, RelayAccount, Sandbox, SolapiAccount

TEXT = "#{이름}님, #{금액}원이 결제되었습니다."
HANA, NO_KAKAO, OFF = "01000001001", "01000003019", "01000003005"


@dataclass
class Shop:
    """Its accounts at a sandbox, with the template `order_paid` at each."""

    sandbox: Sandbox
    nhn: NhnAccount
    solapi: SolapiAccount
    relay: RelayAccount
    solapi_template: str

    def pay(self, to: str, amount: str = "52,800", code: str = "order_paid") -> dict[str, Any]:
        """Tell a customer by NHN's Alimtalk; its answer."""
        values = {"이름": "가온", "금액": amount}
        return self.ask(
            f"{self.nhn.url}/alimtalk/v2.3/appkeys/{self.nhn.app_key}/messages",
            {
                "senderKey": self.nhn.sender_key,
                "templateCode": code,
                "recipientList": [{"recipientNo": to, "templateParameter": values}],
            },
            {"X-Secret-Key": self.nhn.secret_key},
        )

    def text(self, to: str, text: str) -> dict[str, Any]:
        """An SMS by NHN."""
        body = {"body": text, "sendNo": self.nhn.caller_number}
        return self.ask(
            f"{self.nhn.url}/sms/v3.0/appKeys/{self.nhn.sms_app_key}/sender/sms",
            {**body, "recipientList": [{"recipientNo": to}]},
            {"X-Secret-Key": self.nhn.sms_secret_key},
        )

    def ask(self, url: str, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
        answer = httpx.post(url, json=body, headers=headers, trust_env=False)
        found: dict[str, Any] = answer.json() if answer.is_success else {}
        return found


@contextmanager
def open_shop(sandbox: Sandbox) -> Iterator[Shop]:
    nhn, solapi = sandbox.nhn_account(), sandbox.solapi_account()
    relay = sandbox.relay_account(sender_key="relay-channel")
    buttons = [{"type": "WL", "name": "주문 보기", "linkMo": "https://shop.example/17"}]
    nhn.template("order_paid", TEXT, buttons)
    relay.template("order_paid", TEXT)
    yield Shop(sandbox, nhn, solapi, relay, solapi.template("결제 안내", TEXT))
