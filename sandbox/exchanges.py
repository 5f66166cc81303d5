"""Raw requests of provider calls and our answers: the newest ones, bounded, secrets masked."""

from dataclasses import dataclass

KEPT = 200
LONGEST_BODY = 8_192
SECRET_HEADERS = frozenset({"x-secret-key", "ht-client-secret", "authorization", "cookie"})
SHOWN_HEADERS = frozenset(
    {"content-type", "user-agent", "x-nc-api-idempotency-key", "ht-client-id", *SECRET_HEADERS}
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call. status None: no answer was given (cut). Bodies are cut at LONGEST_BODY bytes."""

    seq: int
    at: int
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str
    status: int | None
    answer: str
    took_ms: int


def shown_headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers worth showing; of a secret only that it was there."""
    found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}
    return {
        name: "•••" if name in SECRET_HEADERS else value
        for name, value in found.items()
        if name in SHOWN_HEADERS
    }


def shown_body(raw: bytes) -> str:
    text = raw[:LONGEST_BODY].decode("utf-8", "replace")
    return text + "…" if len(raw) > LONGEST_BODY else text
