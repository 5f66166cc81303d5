"""The recorded payloads, composed from the providers' documented examples, and a client."""

import ssl
from pathlib import Path
from typing import Any

import httpx
import orjson
from hypothesis import strategies as st

WIRE = Path(__file__).parents[1] / "wire"


def recorded(name: str) -> Any:
    """The JSON of ``tests/wire/<name>.json``."""
    return orjson.loads((WIRE / f"{name}.json").read_bytes())


def plain_client() -> httpx.AsyncClient:
    """httpx over its own transport, which respx can catch; it trusts nobody, and starts fast."""
    return httpx.AsyncClient(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), trust_env=False)


def any_json(keys: str) -> st.SearchStrategy[Any]:
    """Arbitrary JSON whose objects like to use these keys."""
    return st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53), 2**53)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.sampled_from(["", "0", "1000", "3005", "FAILED", "2026-11-22 10:15:02.0"])
        | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(keys.split()), inner, max_size=5)
        ),
    )
