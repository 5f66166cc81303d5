"""Settings: every one is an environment variable ``NARU_…``; secrets are generated on first use."""

import os
import secrets
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MOST_KEYS = 255  # a sealed value names its key in one byte


class Settings(BaseSettings):
    """All settings with their defaults; ``naru settings`` lists them."""

    model_config = SettingsConfigDict(env_prefix="NARU_", extra="ignore")

    env: Literal["development", "production"] = Field(
        "development",
        description="production closes the API docs, and the sandbox asks for a password",
    )
    host: str = Field("127.0.0.1", description="address the API listens on")
    port: int = Field(8000, description="port of the API", ge=1, le=65535)
    sandbox_port: int = Field(8001, description="port of the sandbox", ge=1, le=65535)
    sandbox_url: str = Field("", description="where the sandbox is; empty = this machine's")
    public_url: str = Field("", description="how providers reach us; empty = host and port")
    data: Path = Field(Path("var"), description="folder of database, secrets and logs")
    database_url: str = Field(
        "", description="postgresql://… ; empty = SQLite in the data folder", repr=False
    )
    database_kept: int = Field(
        10,
        description="connections to PostgreSQL a process keeps; busy, it makes up to 20",
        ge=1,
        le=20,
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info")
    log_json: bool = Field(False, description="one JSON object per line")
    poll_s: float = Field(0.25, description="how often the scheduler looks without a hint", gt=0)
    retry_steps_s: tuple[float, ...] = Field(
        (1, 5, 30, 120, 600),
        description="waits after a definite failure to hand over",
        min_length=1,
    )
    high_share: float = Field(
        0.2, description="part of an account's rate kept for high priority", ge=0, lt=1
    )
    min_calls: int = Field(4, description="calls of an account under way at once, least", ge=1)
    max_calls: int = Field(32, description="calls of an account under way at once, most", ge=1)
    receipt_poll_s: float = Field(10.0, description="how often results are polled", gt=0)
    review_poll_s: float = Field(2.0, description="how often template reviews are asked", gt=0)
    idempotency_h: float = Field(72.0, description="how long an Idempotency-Key is kept", ge=1)
    expire_h: float = Field(
        24.0, description="how long a message without expires_at may wait", gt=0
    )
    ad_margin_s: float = Field(
        60.0, description="how long before 21:00 the last advertising leaves", ge=0, le=3600
    )
    max_body: int = Field(8_000_000, description="largest API body in bytes")
    max_upload: int = Field(1_000_000_000, description="largest list of a campaign in bytes", gt=0)
    console_http: bool = Field(
        False, description="the console may be used over plain http: for closed networks only"
    )
    max_attachment: int = Field(
        20_000_000,
        description="largest file or video of a consultation in bytes",
        ge=100_000,
        le=300_000_000,  # what the messenger takes
    )
    closed_network: bool = Field(
        False, description="contact nothing but this machine and what allowed_hosts names"
    )
    allowed_hosts: str = Field(
        "",
        description="for a closed network: hosts, host:port, networks or http://host:port, "
        "separated by commas",
    )
    webhook_allow_local: bool = Field(
        False, description="in development: webhooks may go to this machine, by http too"
    )

    @property
    def database(self) -> str:
        """The database address in SQLAlchemy's form, with the asynchronous driver named."""
        url = self.database_url
        if not url:
            return f"sqlite+aiosqlite:///{(self.data / 'naru.db').resolve()}"
        for plain in ("postgresql://", "postgres://"):
            if url.startswith(plain):
                url = "postgresql+asyncpg://" + url.removeprefix(plain)
        # libpq's word for what this driver calls ssl
        return url.replace("?sslmode=", "?ssl=").replace("&sslmode=", "&ssl=")

    @property
    def sandbox(self) -> str:
        """Base address of the sandbox, without a slash at its end."""
        return (self.sandbox_url or f"http://127.0.0.1:{self.sandbox_port}").rstrip("/")

    @property
    def public(self) -> str:
        """Base address under which callbacks reach us."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


class Secrets:
    """The master keys by number, and the keys of the two indexes."""

    def __init__(self, master: dict[int, bytes], index: bytes) -> None:
        self.master, self.index = master, index
        self.current = max(master)

    def __repr__(self) -> str:
        return f"Secrets(keys={sorted(self.master)})"


def load_secrets(folder: Path) -> Secrets:
    """Read ``secrets.toml`` of the data folder, making it (0600) when there is none.

    Raises ValueError when the file is not as we wrote it.
    """
    path = folder / "secrets.toml"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _write_secrets(path)
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        master = {int(n): bytes.fromhex(key) for n, key in data["master"].items()}
        index = bytes.fromhex(data["index"]["key"])
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        raise ValueError(f"{path}: not a secrets file of Naru ({error!r})") from error
    if any(len(key) != 32 for key in (*master.values(), index)):
        raise ValueError(f"{path}: every key must be 32 bytes (64 hex digits)")
    if not master or min(master) < 1 or max(master) > MOST_KEYS:
        raise ValueError(f"{path}: [master] needs keys numbered from 1 to {MOST_KEYS}")
    return Secrets(master, index)


def _write_secrets(path: Path) -> None:
    text = (
        "# Generated. Keep a copy apart from the database: without it nothing can be read.\n"
        f'[master]\n1 = "{secrets.token_hex(32)}"\n\n[index]\nkey = "{secrets.token_hex(32)}"\n'
    )
    # a whole file appears at once, and only the first of two starters wins
    draft = path.with_name(f".secrets-{os.getpid()}-{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


@lru_cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
