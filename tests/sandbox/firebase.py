"""A Firebase project, its service account, and a caller of FCM as Google's own libraries are."""

import base64
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from sandbox.fcm.accounts import put_fcm
from sandbox.fcm.devices import Device, install
from sandbox.store import Store
from tests.service_accounts import EMAIL, PROJECT, public_pem, rsa_key

GOOGLE = "https://oauth2.googleapis.com/token"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def settle_in(store: Store, project: str = PROJECT, email: str = EMAIL) -> None:
    put_fcm(store, project, email, public_pem())


def phone_app(store: Store, number: str, project: str = PROJECT) -> Device:
    return install(store, number, project, "한빛상회")


def assertion(now_s: float, key: str = "", header: Any = None, **changed: Any) -> str:
    """A signed JWT; a claim of None is left out."""
    claims = {
        "iss": EMAIL,
        "scope": SCOPE,
        "aud": GOOGLE,
        "iat": int(now_s),
        "exp": int(now_s) + 3_600,
    } | changed
    parts = (header or {"alg": "RS256", "typ": "JWT"}, {k: v for k, v in claims.items() if v})
    signed = b".".join(_packed(orjson.dumps(one)) for one in parts)
    signature = rsa_key(key).sign(signed, PKCS1v15(), SHA256())
    return b".".join((signed, _packed(signature))).decode()


def _packed(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


@dataclass
class Firebase:
    """Asks with an access token, which it fetches when it has none."""

    client: httpx.AsyncClient
    store: Store
    token: str = ""

    async def log_in(self, **claims: Any) -> httpx.Response:
        given = assertion(self.store.real() / 1_000, **claims)
        form = {"grant_type": GRANT, "assertion": given}
        answer = await self.client.post("/fcm/token", data=form)
        self.token = answer.json().get("access_token", "")
        return answer

    async def send(self, message: Any, project: str = PROJECT, **more: Any) -> httpx.Response:
        if not self.token:
            await self.log_in()
        return await self.client.post(
            f"/fcm/v1/projects/{project}/messages:send",
            json={"message": message, **more},
            headers={"Authorization": f"Bearer {self.token}"},
        )


def push(device: Device, to: str = "", **data: str) -> dict[str, Any]:
    """What Naru sends. to: where the app tells what became of it."""
    told = {"naru_receipts": to, "naru_token": "n1.token"} if to else {}
    return {
        "fid": device.fid,
        "notification": {"title": "출고 안내", "body": "상품이 출발했습니다."},
        "data": {"naru_id": "m1", "naru_template": "order_shipped", **told, **data},
        "android": {"priority": "HIGH", "ttl": "3600s"},
        "apns": {"headers": {"apns-priority": "10"}},
    }
