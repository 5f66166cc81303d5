"""What may be shown of a call: headers worth reading, bodies and addresses without secrets.

A secret is hidden by its name (`…secret…`, `password`, a bearer's token, the signature of SOLAPI's
header) and by its value, wherever it stands, when an account of the sandbox has it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from sandbox.exchanges import Exchange, Headers
from sandbox.store import Store

HIDDEN = "•••"
LONGEST_BODY = 8_192  # of lists; what is opened is shown up to LONGEST_OPENED
LONGEST_OPENED = 1024 * 1024
SECRET_HEADERS = frozenset(
    {"x-secret-key", "ht-client-secret", "authorization", "proxy-authorization", "cookie"}
)
SHOWN_HEADERS = frozenset(
    {"content-type", "user-agent", "x-nc-api-idempotency-key", "ht-client-id", *SECRET_HEADERS}
)
SHORTEST = 8  # a shorter value may stand anywhere by chance
_NAME = r"[\w.-]*(?:secret|passw|passwd|authorization|private_?key|access_?token|assertion)[\w.-]*"
_IN_JSON = re.compile(rf'("{_NAME}"\s*:\s*)"(?:[^"\\]|\\.)*"', re.IGNORECASE)
_IN_QUERY = re.compile(rf"((?:^|[?&]){_NAME}=)[^&#\s]*", re.IGNORECASE)
_SIGNATURE = re.compile(r"(signature\s*=\s*)[^,\s]+", re.IGNORECASE)
_SECRETS = (
    "SELECT secret_key FROM nhn_account UNION SELECT sms_secret_key FROM nhn_account"
    " UNION SELECT webhook_signature FROM nhn_account"
    " UNION SELECT client_secret FROM consult_account UNION SELECT key FROM relay_account"
    " UNION SELECT signing_secret FROM relay_account UNION SELECT api_secret FROM solapi_account"
)


@dataclass(frozen=True, slots=True)
class Mask:
    """Hides the secrets of all accounts. Make one for a page, not one for each text."""

    values: re.Pattern[str] | None

    def text(self, text: str) -> str:
        """A path, query or body without secrets."""
        shown = _IN_JSON.sub(rf'\1"{HIDDEN}"', text)
        shown = _IN_QUERY.sub(rf"\1{HIDDEN}", shown)
        return self.values.sub(HIDDEN, shown) if self.values else shown

    def body(self, raw: bytes, most: int = LONGEST_BODY) -> str:
        """A body as text, cut after `most` bytes."""
        # a secret must not survive by being cut in two: some more is masked than is shown
        text = raw[: most + 1_024].decode("utf-8", "replace")
        shown = self.text(text)
        if len(raw) <= most:
            return shown
        return shown.encode()[:most].decode("utf-8", "ignore") + "…"

    def headers(self, raw: Headers) -> dict[str, str]:
        """The headers worth showing; of a secret only that it was there."""
        found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}
        return {
            name: _header(name, value) if name in SECRET_HEADERS else self.text(value)
            for name, value in found.items()
            if name in SHOWN_HEADERS
        }

    def query(self, one: Exchange) -> str:
        return self.text(one.query)


def mask_of(store: Store) -> Mask:
    """Knows the secrets of all accounts there are now."""
    return Mask(_pattern(str(row[0]) for row in store.all(_SECRETS)))


def _pattern(values: Iterable[str]) -> re.Pattern[str] | None:
    spelt = {
        form
        for value in values
        if len(value) >= SHORTEST
        for form in (value, quote(value, safe=""), quote_plus(value), _escaped(value))
    }
    longest_first = sorted(spelt, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if spelt else None


def _escaped(value: str) -> str:
    """As JSON writes it."""
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _header(name: str, value: str) -> str:
    """SOLAPI's header says whose it is; its signature, a bearer and all others are hidden."""
    if name != "authorization":
        return HIDDEN
    scheme, _, rest = value.partition(" ")
    if scheme.upper() == "HMAC-SHA256" and _SIGNATURE.search(rest):
        return scheme + " " + _SIGNATURE.sub(rf"\g<1>{HIDDEN}", rest)
    return f"{scheme} {HIDDEN}" if rest and scheme.lower() in ("bearer", "basic") else HIDDEN
