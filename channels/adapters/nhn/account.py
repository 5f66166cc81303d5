"""An NHN Cloud account: its two products, their addresses and keys, and what it can send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from channels.adapters.nhn.codes import (
    KAKAO_API,
    KAKAO_DELIVERY,
    SMS_API,
    SMS_DELIVERY,
    Fate,
    Ruling,
)
from channels.contract import Idempotency, Route
from channels.vocabulary import IdempotencyClass, Level

KAKAO_HOST = "https://kakaotalk-bizmessage.api.nhncloudservice.com"
SMS_HOST = "https://sms.api.nhncloudservice.com"
HOSTS = (KAKAO_HOST, SMS_HOST)

_LOOK_UP = Idempotency(IdempotencyClass.LOOK_UP)
_LEVELS = frozenset({Level.ACCEPTED, Level.DELIVERED})
HOUR_S = 3600.0

# Windows: Kakao keeps a message three days; carriers report an SMS within 25, an LMS or MMS within
# 80 hours (docs.nhncloud.com, SMS > 발송 정책).
ROUTES: Mapping[str, Route] = {
    "alimtalk": Route(
        "alimtalk",
        1000,
        frozenset({"sender", "template"}),
        _LOOK_UP,
        _LEVELS,
        receipt_window_s=72 * HOUR_S,
    ),
    "sms": Route(
        "sms",
        1000,
        frozenset({"sender", "text"}),
        _LOOK_UP,
        _LEVELS,
        receipt_window_s=25 * HOUR_S,
    ),
    "lms": Route(
        "lms",
        1000,
        frozenset({"sender", "title", "text"}),
        _LOOK_UP,
        _LEVELS,
        receipt_window_s=80 * HOUR_S,
    ),
    "mms": Route(
        "mms",
        1000,
        frozenset({"sender", "title", "text", "picture"}),
        _LOOK_UP,
        _LEVELS,
        receipt_window_s=80 * HOUR_S,
    ),
}


@dataclass(frozen=True, slots=True)
class Config:
    """Keys of both products; ``webhook_signature`` is the fixed text registered for callbacks."""

    app_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    sms_app_key: str = field(repr=False)
    sms_secret_key: str = field(repr=False)
    webhook_signature: str = field(default="", repr=False)
    base_url: str | None = None  # stands in for both hosts

    @classmethod
    def read(cls, credentials: Mapping[str, str], base_url: str | None) -> "Config":
        """Raises KeyError for a missing required credential."""
        return cls(
            credentials["app_key"],
            credentials["secret_key"],
            credentials["sms_app_key"],
            credentials["sms_secret_key"],
            credentials.get("webhook_signature", ""),
            base_url,
        )


@dataclass(frozen=True, slots=True)
class Product:
    """One of NHN's two products: where it is, its key, and what its numbers mean."""

    name: str
    url: str = field(repr=False)  # holds the app key
    secret: str = field(repr=False)
    api_codes: Mapping[int, Ruling] = field(repr=False)
    delivery_codes: Mapping[str, Fate] = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """The key, as every request carries it."""
        return {"X-Secret-Key": self.secret}


def products(config: Config) -> tuple[Product, Product]:
    """Bizmessage (Alimtalk v2.3) and SMS (v3.0)."""
    kakao_host = (config.base_url or KAKAO_HOST).rstrip("/")
    sms_host = (config.base_url or SMS_HOST).rstrip("/")
    kakao = Product(
        "alimtalk",
        f"{kakao_host}/alimtalk/v2.3/appkeys/{quote(config.app_key, safe='')}",
        config.secret_key,
        KAKAO_API,
        KAKAO_DELIVERY,
    )
    sms = Product(
        "sms",
        f"{sms_host}/sms/v3.0/appKeys/{quote(config.sms_app_key, safe='')}",
        config.sms_secret_key,
        SMS_API,
        SMS_DELIVERY,
    )
    return kakao, sms
