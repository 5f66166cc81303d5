"""Sealing: what is personal is encrypted in the row, and found again by keyed hashes.

One AES-256-GCM blob per row. Its key is derived per workspace and month from a master key
(HKDF-SHA256, RFC 5869), so months can be destroyed one by one later. The blob is bound to its
table, workspace and row: moved elsewhere it cannot be opened.
"""

import hashlib
import hmac
import os
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.config import Secrets

VERSION = 1
HEAD = 4  # version, key number, month (2 bytes)
NONCE = 12


class Unsealable(Exception):
    """The blob is damaged, belongs to another row, or its key is gone."""


class Sealer:
    """Seals and opens; one per process."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._cipher = lru_cache(maxsize=4096)(self._derive)

    def _derive(self, key_number: int, workspace: bytes, month: int) -> AESGCM:
        master = self._secrets.master.get(key_number)
        if master is None:
            raise Unsealable(f"master key {key_number} is not in secrets.toml")
        info = b"naru seal|" + workspace + month.to_bytes(2, "big")
        return AESGCM(HKDF(SHA256(), 32, salt=None, info=info).derive(master))

    def seal(self, table: str, workspace: UUID, row: UUID, value: Any) -> bytes:
        """Encrypt a JSON value for one row. The row's UUIDv7 gives the month of its key."""
        return self.seal_bytes(table, workspace, row, orjson.dumps(value))

    def open(self, table: str, workspace: UUID, row: UUID, blob: bytes) -> Any:
        """The JSON value again. Raises Unsealable."""
        return orjson.loads(self.open_bytes(table, workspace, row, blob))

    def seal_bytes(self, table: str, workspace: UUID, row: UUID, data: bytes) -> bytes:
        """Encrypt a file's bytes as they are; a table holds these or JSON values, never both."""
        month = _month_of(row)
        nonce = os.urandom(NONCE)
        cipher = self._cipher(self._secrets.current, workspace.bytes, month)
        head = bytes((VERSION, self._secrets.current)) + month.to_bytes(2, "big")
        sealed = cipher.encrypt(nonce, data, _bound(table, workspace, row))
        return head + nonce + sealed

    def open_bytes(self, table: str, workspace: UUID, row: UUID, blob: bytes) -> bytes:
        """The bytes again. Raises Unsealable."""
        if len(blob) < HEAD + NONCE or blob[0] != VERSION:
            raise Unsealable("not a sealed value")
        cipher = self._cipher(blob[1], workspace.bytes, int.from_bytes(blob[2:HEAD], "big"))
        nonce, sealed = blob[HEAD : HEAD + NONCE], blob[HEAD + NONCE :]
        try:
            return cipher.decrypt(nonce, sealed, _bound(table, workspace, row))
        except InvalidTag:
            raise Unsealable("damaged, or moved from another row") from None

    def number_hash(self, workspace: UUID, number: str) -> bytes:
        """Finds a whole number again, within one workspace."""
        return self._hmac(b"number", workspace, number)

    def last4_hash(self, workspace: UUID, number: str) -> bytes:
        """Finds the last four digits again, within one workspace."""
        return self._hmac(b"last4", workspace, number[-4:])

    def gram_hash(self, workspace: UUID, gram: str) -> bytes:
        """Finds a pair of letters in conversations again, within one workspace; 8 bytes."""
        return self._hmac(b"gram", workspace, gram)[:8]

    def push_hash(self, ref: str) -> bytes:
        """Proves the right to report on one attempt; 16 bytes."""
        return hmac.digest(self._secrets.index, b"push|" + ref.encode(), hashlib.sha256)[:16]

    def key_hash(self, secret: str) -> bytes:
        """Of an API key or callback secret: they are random, so a fast keyed hash is enough."""
        return hmac.digest(self._secrets.index, b"key|" + secret.encode(), hashlib.sha256)

    def _hmac(self, kind: bytes, workspace: UUID, text: str) -> bytes:
        data = kind + b"|" + workspace.bytes + text.encode()
        return hmac.digest(self._secrets.index, data, hashlib.sha256)[:16]


def _bound(table: str, workspace: UUID, row: UUID) -> bytes:
    return table.encode() + b"|" + workspace.bytes + row.bytes


def _month_of(row: UUID) -> int:
    """Months since January 1970 of the row's UUIDv7, by thirty-day months (a key period)."""
    return ((row.int >> 80) // 86_400_000 // 30) & 0xFFFF
