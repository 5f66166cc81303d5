"""What an operator tells of a provider account, checked before it is kept."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from app import outbound
from app.config import Settings
from app.errors import Invalid
from channels import registry

MODES = ("live", "sandbox")
DEFAULT_PORTS = {"http": 80, "https": 443}
NAME = 100
MOST = 1_000_000  # of any limit
MOST_WEIGHT = 100
SANDBOX_DEADLINE_S, SANDBOX_SETTLE_S = 1.5, 3.0
MARGIN_S = 1.0  # between a call's deadline and the end of its settle window


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What an operator gives. Limits left None are the route's own; durations in seconds."""

    name: str
    adapter: str
    mode: str
    credentials: Mapping[str, str] = field(repr=False)
    batch: int | None = None
    deadline_s: float | None = None
    settle_s: float | None = None
    rate_per_s: float | None = None
    weight: int | None = None  # 0 to 100: its share among accounts of the same channel
    prices: Mapping[str, float] = field(default_factory=dict)  # won per message, by route


LIMITS = ("batch", "deadline_s", "settle_s", "rate_per_s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What an operator corrects; None and absent credentials stay as they are."""

    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    batch: int | None = None
    deadline_s: float | None = None
    settle_s: float | None = None
    rate_per_s: float | None = None
    weight: int | None = None  # 0 to 100: its share among accounts of the same channel
    prices: Mapping[str, float] = field(default_factory=dict)


async def check_new(settings: Settings, new: NewAccount) -> NewAccount:
    """The same account with the limits of its mode filled in; nothing is sent.

    Raises Invalid as :func:`app.services.accounts.add` says.
    """
    provider = _provider(new)
    _check_values(new, provider)
    if new.mode == "sandbox":
        deadline_s = SANDBOX_DEADLINE_S if new.deadline_s is None else new.deadline_s
        settle_s = SANDBOX_SETTLE_S if new.settle_s is None else new.settle_s
        new = replace(new, deadline_s=deadline_s, settle_s=settle_s)
    _check_settle(new, provider)
    await _check_credentials(settings, new, provider)
    return new


def at_sandbox(settings: Settings, mode: str, adapter: str, given: Mapping[str, str]) -> bool:
    """Whether a live account is told an address that is the sandbox's."""
    if mode == "sandbox":
        return False
    names = [one.name for one in registry.PROVIDERS[adapter].credentials if one.address]
    here = _place(settings.sandbox)
    return any(_place(given[name]) == here for name in names if given.get(name))


def _place(url: str) -> tuple[str, int | None]:
    """Host and port of an address; all names of this machine are one. The port is -1 if odd."""
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").rstrip(".")
    with suppress(ValueError):
        address = ip_address(host)
        host = "localhost" if address.is_loopback or address.is_unspecified else str(address)
    try:
        return host, parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return host, -1


def base_url(settings: Settings, mode: str, adapter: str) -> str | None:
    """Where a provider is: the sandbox, or None for its own address. The mode alone decides."""
    if mode == "sandbox":
        return f"{settings.sandbox}/{adapter}"
    if mode == "live":
        return None
    raise ValueError(f"mode {mode!r}")


def _provider(new: NewAccount) -> registry.Provider:
    provider = registry.PROVIDERS.get(new.adapter)
    if provider is None:
        raise _unknown("provider", "adapter", sorted(registry.PROVIDERS))
    if new.mode not in MODES:
        raise _unknown("mode", "mode", list(MODES))
    return provider


def _check_values(new: NewAccount, provider: registry.Provider) -> None:
    if not 1 <= len(new.name.strip()) <= NAME:
        raise Invalid(
            "bad_name",
            f"An account needs a name of 1 to {NAME} characters.",
            field="name",
            data={"limit": NAME},
        )
    if unknown := sorted(set(new.prices) - set(provider.routes)):
        raise _unknown("route", f"prices.{unknown[0]}", sorted(provider.routes))
    _check_prices(new.prices)
    names = [one.name for one in provider.credentials]
    if unknown := sorted(set(new.credentials) - set(names)):
        raise _unknown("credential", f"credentials.{unknown[0]}", names)
    if new.weight is not None and not 0 <= new.weight <= MOST_WEIGHT:
        raise Invalid(
            "bad_weight",
            f"A weight is 0 to {MOST_WEIGHT}. An account of weight 0 stands by.",
            field="weight",
            data={"limit": MOST_WEIGHT},
        )
    for limit in ("batch", "deadline_s", "settle_s", "rate_per_s"):
        value = getattr(new, limit)
        if value is not None and not 0 < value <= MOST:
            raise Invalid(
                "bad_limit",
                f"{limit} must be above 0 and at most {MOST}.",
                field=limit,
                data={"limit": MOST},
            )


def _check_prices(prices: Mapping[str, float]) -> None:
    for route, price in prices.items():
        if not 0 <= price <= MOST or round(price, 2) != price:
            raise Invalid(
                "bad_price",
                f"A price is 0 to {MOST} won, with at most two decimals: 6.5.",
                field=f"prices.{route}",
                data={"limit": MOST, "decimals": 2},
            )


def _unknown(what: str, field_: str, known: list[str]) -> Invalid:
    return Invalid(
        f"unknown_{what}",
        f"There is no such {what}. Known: {', '.join(known)}.",
        field=field_,
        data={"known": known},
    )


async def _check_credentials(
    settings: Settings, new: NewAccount, provider: registry.Provider
) -> None:
    """Build the adapter once, as it will be built later."""
    if at_sandbox(settings, new.mode, new.adapter, new.credentials):
        raise Invalid(
            "live_at_sandbox",
            "A live account cannot have the sandbox's address. Choose mode `sandbox`, or give "
            "the provider's own address.",
            field="credentials",
        )
    _check_reach(settings, new)
    where = base_url(settings, new.mode, new.adapter)
    helps = {one.name: one.help_en for one in provider.credentials}
    try:
        async with outbound.connect(settings) as client:
            registry.build(new.adapter, new.credentials, client, where)
    except registry.MissingCredential as error:
        raise _credential(
            "missing_credential",
            "Missing: " + "; ".join(f"{name} ({helps[name]})" for name in error.names),
            error.names,
        ) from None
    except registry.BadCredential as error:
        raise _credential(
            "bad_credential",
            f"Not usable: {', '.join(error.names)}. Addresses begin with https://, keys hold "
            "visible ASCII characters only.",
            error.names,
        ) from None


def _check_reach(settings: Settings, new: NewAccount) -> None:
    """In a closed network only providers that may be contacted."""
    allowed = outbound.Outbound(settings)
    needed = reached(settings, new.mode, new.adapter, new.credentials)
    if refused := [one for one in needed if not allowed.allows(one)]:
        raise Invalid(
            "outside_closed_network",
            f"The network is closed, and NARU_ALLOWED_HOSTS does not name {', '.join(refused)}, "
            "which the account needs. Add it there, or choose a relay inside.",
            field="adapter",
            data={"addresses": list(refused)},
        )


def reached(
    settings: Settings, mode: str, adapter: str, given: Mapping[str, str]
) -> tuple[str, ...]:
    """Which places an account contacts: ``https://host`` each."""
    if mode == "sandbox":
        return outbound.origins([settings.sandbox])
    return outbound.origins(registry.addresses(adapter, given))


def _credential(code: str, detail: str, names: tuple[str, ...]) -> Invalid:
    return Invalid(code, detail, field=f"credentials.{names[0]}", data={"names": list(names)})


def _check_settle(new: NewAccount, provider: registry.Provider) -> None:
    """A window that ends before the call may would send twice (delivery rule R4)."""
    if new.settle_s is None:
        return
    for route in provider.routes.values():
        deadline_s = min(new.deadline_s or route.deadline_s, route.deadline_s)
        if new.settle_s < deadline_s + MARGIN_S:
            raise Invalid(
                "settle_too_short",
                f"settle_s must be at least deadline_s + {MARGIN_S:g}: with a deadline of "
                f"{deadline_s:g} s on {route.name} that is {deadline_s + MARGIN_S:g} s.",
                field="settle_s",
                data={"least": deadline_s + MARGIN_S, "deadline_s": deadline_s},
            )
