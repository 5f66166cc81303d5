"""Which providers there are, what each needs to be told, and how its adapter is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from channels.adapters import consult, nhn, relay
from channels.codes import aligo, bizm, kakao, network, ppurio, sens, solapi
from channels.codes.meaning import Meaning, Place, Table, find
from channels.contract import Adapter, Route


@dataclass(frozen=True, slots=True)
class Credential:
    """One thing an account must or may be told.

    ``address``: it names the provider's own address, so a given base URL stands in for it.
    """

    name: str
    help_ko: str
    help_en: str
    required: bool = True
    secret: bool = True
    address: bool = False


@dataclass(frozen=True, slots=True)
class Provider:
    """A company that carries messages."""

    name: str
    title_ko: str
    title_en: str
    credentials: tuple[Credential, ...]
    routes: Mapping[str, Route]
    build: Callable[[Mapping[str, str], httpx.AsyncClient, str | None], Adapter]
    codes: Table = field(repr=False)  # what its codes mean, in words
    # the routes of one account, where its credentials decide what they promise
    routes_of: Callable[[Mapping[str, str]], Mapping[str, Route]] | None = None


class UnknownProvider(ValueError):
    """No adapter has this name."""


class MissingCredential(ValueError):
    """Required credentials were not given; ``names`` says which."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"missing: {', '.join(names)}")
        self.names = names


class BadCredential(ValueError):
    """Credentials that no header or address can carry; ``names`` says which, never their values."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"not usable: {', '.join(names)}")
        self.names = names


def _nhn(given: Mapping[str, str], client: httpx.AsyncClient, base_url: str | None) -> Adapter:
    return nhn.Nhn(nhn.Config.read(given, base_url), client)


def _consult(given: Mapping[str, str], client: httpx.AsyncClient, base_url: str | None) -> Adapter:
    return consult.Consult(consult.Config.read(given, base_url), client)


def _relay(given: Mapping[str, str], client: httpx.AsyncClient, base_url: str | None) -> Adapter:
    try:
        config = relay.Config.read(given, base_url)
    except ValueError as error:  # it names the credential
        raise BadCredential((str(error),)) from None
    return relay.build(config, client)


def _relay_routes(given: Mapping[str, str]) -> Mapping[str, Route]:
    return relay.Config.read(given, given.get("relay_url", "")).routes()


_NHN = (
    Credential("app_key", "알림톡(KakaoTalk Bizmessage) 앱 키", "KakaoTalk Bizmessage app key"),
    Credential("secret_key", "알림톡 비밀 키", "KakaoTalk Bizmessage secret key"),
    Credential("sms_app_key", "문자(SMS) 앱 키", "SMS app key"),
    Credential("sms_secret_key", "문자(SMS) 비밀 키", "SMS secret key"),
    Credential(
        "webhook_signature",
        "콘솔의 웹훅 설정에 적은 서명. 비워 두면 주소의 비밀 값만으로 지킵니다.",
        "The signature entered in the console's webhook settings; optional",
        required=False,
    ),
)

_CONSULT = (
    Credential("client_id", "허브가 준 HT-Client-Id", "HT-Client-Id given by the hub"),
    Credential("client_secret", "허브가 준 HT-Client-Secret", "HT-Client-Secret given by the hub"),
    Credential(
        "hub_url",
        "상담톡 딜러사의 API 주소 (https://…)",
        "The consultation dealer's API address (https://…)",
        secret=False,
        address=True,
    ),
    Credential(
        "no_session_codes",
        "열린 상담이 없을 때 허브가 주는 결과 코드, 쉼표로 구분",
        "Result codes the hub gives when no chat is open, separated by commas",
        required=False,
        secret=False,
    ),
)

_RELAY = (
    Credential(
        "relay_url",
        "중계 서버의 주소 (https://…)",
        "The relay's address (https://…)",
        secret=False,
        address=True,
    ),
    Credential("key", "중계 서버가 준 키", "The key given by the relay"),
    Credential("signing_secret", "콜백 서명 비밀 값", "The secret that signs callbacks"),
    Credential(
        "idempotency",
        "응답을 잃었을 때 중계 서버가 할 수 있는 것: dedupe, look_up, window_look_up, blind(기본)",
        "What the relay offers for a lost answer: dedupe, look_up, window_look_up or blind "
        "(default)",
        required=False,
        secret=False,
    ),
    Credential(
        "dedupe_ttl_s",
        "dedupe: 받은 참조를 기억하는 시간(초)",
        "dedupe: how long an accepted reference is remembered, in seconds",
        required=False,
        secret=False,
    ),
    Credential(
        "window_s",
        "window_look_up: 앞뒤로 더 보는 시간(초), 기본 60",
        "window_look_up: seconds to spare around the time of sending, 60 unless given",
        required=False,
        secret=False,
    ),
    Credential(
        "level",
        "중계 서버가 알려 주는 가장 먼 단계: delivered(기본), read, acknowledged",
        "The furthest the relay reports: delivered (default), read or acknowledged",
        required=False,
        secret=False,
    ),
)

PROVIDERS: Mapping[str, Provider] = {
    "nhn": Provider("nhn", "NHN Cloud", "NHN Cloud", _NHN, nhn.ROUTES, _nhn, nhn.CODES),
    "consult": Provider(
        "consult", "상담톡", "Consultation", _CONSULT, consult.ROUTES, _consult, consult.CODES
    ),
    "relay": Provider(
        "relay",
        "자체 중계 서버",
        "Own relay",
        _RELAY,
        relay.ROUTES,
        _relay,
        relay.CODES,
        _relay_routes,
    ),
}

# also of providers that have no adapter yet, and of what is nobody's own
CODES: Mapping[str, Table] = {
    **{name: provider.codes for name, provider in PROVIDERS.items()},
    "solapi": solapi.TABLE,
    "sens": sens.TABLE,
    "aligo": aligo.TABLE,
    "bizm": bizm.TABLE,
    "ppurio": ppurio.TABLE,
    "kakao": {Place.ALIMTALK_RESULT: kakao.RESULTS},
    "network": network.TABLE,
}

SOURCES: Mapping[str, str] = {
    "nhn": "docs.nhncloud.com, KakaoTalk Bizmessage > 오류 코드 (2026-05-26) and "
    "SMS > 결과 코드 (2026-06-23)",
    "consult": "mbi-developer-center.happytalk.io; github.com/lunasoft-org/kakao-bzm (2025-12-26)",
    "relay": "docs/relay.md, version 1 (2026-11)",
    "solapi": "github.com/solapi/documents (2022-09)",
    "sens": "api.ncloud-docs.com, SENS Alimtalk API v2 (2026-10)",
    "aligo": "npm aligoapi 1.1.3, Aligo's own client (2026-11)",
    "bizm": "alimtalk-api.bizmsg.kr/codeList.html, as quoted in "
    "github.com/el-ground/bizmsg-alimtalk-node-sdk (2023-05)",
    "ppurio": "github.com/BizMsg/WebAPI, status-code (2023-08)",
    "kakao": "github.com/lunasoft-org/kakao-bzm, alimtalk-api.md (2025-12-26)",
    "network": "channels/transport.py",
}


def meaning(provider: str, route: str, stage: str, code: str) -> Meaning | None:
    """What a code means at a provider, in the ``answer`` or the ``result`` of a route."""
    own = find(CODES.get(provider, {}), route, stage, code)
    return own or find(network.TABLE, route, stage, code)


def routes(name: str, credentials: Mapping[str, str]) -> Mapping[str, Route]:
    """The routes of one account. Raises UnknownProvider, KeyError and ValueError as ``build``."""
    provider = PROVIDERS.get(name)
    if provider is None:
        raise UnknownProvider(name)
    given = {key: value.strip() for key, value in credentials.items() if value.strip()}
    return provider.routes_of(given) if provider.routes_of else provider.routes


def build(
    name: str,
    credentials: Mapping[str, str],
    client: httpx.AsyncClient,
    base_url: str | None = None,
) -> Adapter:
    """The adapter of one account; ``client`` stays its owner's.

    Raises UnknownProvider, MissingCredential, BadCredential (the base URL under ``base_url``).
    """
    provider = PROVIDERS.get(name)
    if provider is None:
        raise UnknownProvider(name)
    given = {key: value.strip() for key, value in credentials.items() if value.strip()}
    missing = tuple(
        one.name
        for one in provider.credentials
        if one.required and one.name not in given and not (one.address and base_url)
    )
    if missing:
        raise MissingCredential(missing)
    bad = tuple(one.name for one in provider.credentials if not _usable(one, given.get(one.name)))
    if base_url is not None and not _is_address(base_url):
        bad += ("base_url",)
    if bad:
        raise BadCredential(bad)
    return provider.build(given, client, base_url)


def _usable(credential: Credential, value: str | None) -> bool:
    if value is None:
        return True
    if credential.address:
        return _is_address(value)
    return value.isascii() and value.isprintable()


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    plain = value.isascii() and value.isprintable() and " " not in value
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0
