"""Which providers there are, what each needs to be told, and how its adapter is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from channels.adapters import consult, fcm, nhn, relay, solapi
from channels.codes import aligo, bizm, kakao, network, ppurio, sens
from channels.codes.meaning import Meaning, Place, Table, find
from channels.contract import Adapter, Route
from channels.credentials import CONSULT, FCM, NHN, RELAY, SOLAPI, Credential
from channels.vocabulary import ReviewAction


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
    hosts: tuple[str, ...] = ()  # its own addresses, beside those its credentials name
    # what can be asked for a registered template, and the rows of templates/limits.py whose
    # templates it takes
    review_actions: frozenset[ReviewAction] = frozenset()
    limits: frozenset[str] = frozenset({"common"})
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
    """Credentials nothing can be sent with; ``names`` says which, never their values.

    The part of a document that is wrong follows the document: ``service_account.private_key``.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(f"not usable: {', '.join(names)}")
        self.names = names


def _nhn(given: Mapping[str, str], client: httpx.AsyncClient, base_url: str | None) -> Adapter:
    return nhn.Nhn(nhn.Config.read(given, base_url), client)


def _consult(given: Mapping[str, str], client: httpx.AsyncClient, base_url: str | None) -> Adapter:
    return consult.Consult(consult.Config.read(given, base_url), client)


def _fcm(given: Mapping[str, str], client: httpx.AsyncClient, base_url: str | None) -> Adapter:
    try:
        config = fcm.Config.read(given, base_url)
    except ValueError as error:  # it names the field of the service account
        part = (f"service_account.{error}",) if str(error) else ()
        raise BadCredential(("service_account", *part)) from None
    return fcm.Fcm(config, client)


def _relay(given: Mapping[str, str], client: httpx.AsyncClient, base_url: str | None) -> Adapter:
    try:
        config = relay.Config.read(given, base_url)
    except ValueError as error:  # it names the credential
        raise BadCredential((str(error),)) from None
    return relay.build(config, client)


def _solapi(given: Mapping[str, str], client: httpx.AsyncClient, base_url: str | None) -> Adapter:
    return solapi.Solapi(solapi.Config.read(given, base_url), client)


def _relay_routes(given: Mapping[str, str]) -> Mapping[str, Route]:
    return relay.Config.read(given, given.get("relay_url", "")).routes()


PROVIDERS: Mapping[str, Provider] = {
    "nhn": Provider(
        "nhn",
        "NHN Cloud",
        "NHN Cloud",
        NHN,
        nhn.ROUTES,
        _nhn,
        nhn.CODES,
        hosts=nhn.HOSTS,
        review_actions=nhn.REVIEW_ACTIONS,
        limits=frozenset({"common", "nhn"}),
    ),
    "consult": Provider(
        "consult",
        "상담톡",
        "Consultation",
        CONSULT,
        consult.ROUTES,
        _consult,
        consult.CODES,
    ),
    "relay": Provider(
        "relay",
        "자체 중계 서버",
        "Own relay",
        RELAY,
        relay.ROUTES,
        _relay,
        relay.CODES,
        review_actions=relay.REVIEW_ACTIONS,
        limits=frozenset({"common", "kakao", "relay"}),  # its dealer's own are not known to us
        routes_of=_relay_routes,
    ),
    "solapi": Provider(
        "solapi",
        "SOLAPI",
        "SOLAPI",
        SOLAPI,
        solapi.ROUTES,
        _solapi,
        solapi.CODES,
        hosts=solapi.HOSTS,
        review_actions=solapi.REVIEW_ACTIONS,
        limits=frozenset({"common", "solapi"}),
    ),
    "fcm": Provider(
        "fcm",
        "Firebase Cloud Messaging",
        "Firebase Cloud Messaging",
        FCM,
        fcm.ROUTES,
        _fcm,
        fcm.CODES,
        hosts=fcm.HOSTS,
    ),
}

# also of providers that have no adapter yet, and of what is nobody's own
CODES: Mapping[str, Table] = {
    **{name: provider.codes for name, provider in PROVIDERS.items()},
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
    "fcm": "firebase.google.com, cloud-messaging/error-codes and "
    "reference/fcm/rest/v1/ErrorCode (2026-11)",
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


def addresses(name: str, credentials: Mapping[str, str]) -> tuple[str, ...]:
    """Where an account's own provider is, as far as it is known before anything is sent."""
    provider = PROVIDERS[name]
    named = (credentials.get(one.name, "") for one in provider.credentials if one.address)
    return (*provider.hosts, *(address for address in named if address))


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
    if credential.document:
        return True
    return value.isascii() and value.isprintable()


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    plain = value.isascii() and value.isprintable() and " " not in value
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0
