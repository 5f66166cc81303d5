"""Settings of the sandbox process, from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class BadSetting(Exception):
    """A setting that stops the start; the text names it."""


@dataclass(frozen=True, slots=True)
class Config:
    """store None: a temporary one. password "": none is asked."""

    host: str = "127.0.0.1"
    port: int = 8001
    store: Path | None = None
    password: str = ""
    production: bool = False


def from_environment(environment: Mapping[str, str] = os.environ) -> Config:
    """Raises BadSetting for an unreadable port, and in production without a password."""
    port = environment.get("NARU_SANDBOX_PORT", "8001")
    if not port.isdecimal() or not 0 <= int(port) <= 65_535:
        raise BadSetting(f"NARU_SANDBOX_PORT: 0–65535 사이의 수여야 합니다 ({port})")
    password = environment.get("NARU_SANDBOX_PASSWORD", "")
    production = environment.get("NARU_ENV", "") == "production"
    if production and not password:
        raise BadSetting(
            "NARU_ENV=production 에서는 NARU_SANDBOX_PASSWORD 가 있어야 샌드박스를 켭니다"
            " (the sandbox needs NARU_SANDBOX_PASSWORD in production)"
        )
    store = environment.get("NARU_SANDBOX_STORE", "")
    host = environment.get("NARU_SANDBOX_HOST", "127.0.0.1")
    return Config(host, int(port), Path(store) if store else None, password, production)
