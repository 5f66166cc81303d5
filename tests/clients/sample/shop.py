"""A tiny shop: it tells a customer that an order is paid, over whatever it was set up with."""

import hashlib
import hmac
import os
import secrets
import time
from datetime import datetime, timezone
from typing import Any

import httpx


class NhnShop:
    """Sends Alimtalk by NHN Cloud; a 5xx is tried again."""

    def __init__(self, url: str, app_key: str, secret_key: str, sender_key: str) -> None:
        self.url = f"{url}/alimtalk/v2.3/appkeys/{app_key}/messages"
        self.headers, self.sender_key = {"X-Secret-Key": secret_key}, sender_key

    def paid(self, to: str, name: str, amount: int) -> bool:
        """Whether NHN took it."""
        values = {"이름": name, "금액": f"{amount:,}"}
        body = {
            "senderKey": self.sender_key,
            "templateCode": "order_paid",
            "recipientList": [{"recipientNo": to, "templateParameter": values}],
        }
        for _ in range(3):
            answer = httpx.post(self.url, json=body, headers=self.headers, trust_env=False)
            if answer.status_code < 500:
                return bool(answer.json()["header"]["isSuccessful"])
            time.sleep(0.05)
        return False


class SolapiShop:
    """Sends Alimtalk by SOLAPI; SOLAPI itself falls back to a text message."""

    def __init__(self, url: str, key: str, secret: str, **kakao: str) -> None:
        self.url, self.key, self.secret = f"{url}/messages/v4/send", key, secret
        self.sender, self.kakao = kakao.pop("sender"), kakao

    def paid(self, to: str, name: str, amount: int) -> bool:
        values = {"#{이름}": name, "#{금액}": f"{amount:,}"}
        message: dict[str, Any] = {"to": to, "from": self.sender}
        message["kakaoOptions"] = {**self.kakao, "variables": values}
        date = datetime.now(timezone.utc).isoformat()  # noqa: UP017 (a shop's own Python)
        salt = secrets.token_hex(16)
        signed = hmac.new(self.secret.encode(), (date + salt).encode(), hashlib.sha256).hexdigest()
        told = f"apiKey={self.key}, date={date}, salt={salt}, signature={signed}"
        headers = {"Authorization": f"HMAC-SHA256 {told}"}
        answer = httpx.post(self.url, json={"message": message}, headers=headers, trust_env=False)
        return answer.is_success


def send_by_gateway(template: str, to: str, variables: dict[str, str]) -> str:
    """One call to Naru's own API; the message's id."""
    answer = httpx.post(
        os.environ["SHOP_GATEWAY"] + "/v1/messages",
        json={"template": template, "to": to, "variables": variables},
        headers={"Authorization": f"Bearer {os.environ['SHOP_KEY']}"},
        trust_env=False,
    )
    answer.raise_for_status()
    return str(answer.json()["id"])
