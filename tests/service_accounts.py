"""Key files of service accounts as Google hands them out, with a key of their own."""

from functools import cache
from typing import Any

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

PROJECT = "naru-shop"
EMAIL = f"naru-sender@{PROJECT}.iam.gserviceaccount.com"


def rsa_key(name: str = "", bits: int = 2_048) -> rsa.RSAPrivateKey:
    """The same key for the same name, made once in a run."""
    return _made(name, bits)


@cache
def _made(name: str, bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=bits)


def pem(name: str = "", bits: int = 2_048) -> str:
    return _pem(rsa_key(name, bits))


def public_pem(name: str = "") -> str:
    public = rsa_key(name).public_key()
    written = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return written.decode()


def elliptic_pem() -> str:
    return _pem(ec.generate_private_key(ec.SECP256R1()))


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def key_file(**changed: Any) -> str:
    """The file with some fields changed; a field of None is left out."""
    whole = {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": "8f3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b",
        "private_key": pem(),
        "client_email": EMAIL,
        "client_id": "104567890123456789012",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
        "universe_domain": "googleapis.com",
        **changed,
    }
    kept = {name: value for name, value in whole.items() if value is not None}
    return orjson.dumps(kept, option=orjson.OPT_INDENT_2).decode()
