"""Firebase projects the desk sets up: of a service account its name and its public key."""

import secrets
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)

from sandbox.store import Store

BITS, EXPONENT = 2_048, 65_537


def put_fcm(store: Store, project: str, email: str, public_key: str) -> None:
    """Make or replace a project. Access tokens of another service account end."""
    with store.tx():
        store.run("DELETE FROM fcm_token WHERE project = ?", (project,))
        store.run(
            "INSERT INTO fcm_account VALUES (?, ?, ?) ON CONFLICT (project) DO UPDATE SET"
            " client_email = excluded.client_email, public_key = excluded.public_key",
            (project, email, public_key),
        )


def list_fcm(store: Store) -> list[dict[str, Any]]:
    """All projects, each with how many phones have its app."""
    rows = store.all(
        "SELECT project, client_email, (SELECT count(*) FROM push_device d"
        " WHERE d.project = a.project AND removed_at IS NULL) AS devices"
        " FROM fcm_account a ORDER BY project"
    )
    return [
        {
            "project_id": row["project"],
            "client_email": row["client_email"],
            "devices": row["devices"],
        }
        for row in rows
    ]


def has_project(store: Store, project: str) -> bool:
    return store.one("SELECT 1 FROM fcm_account WHERE project = ?", (project,)) is not None


def public_of(pem: str) -> str:
    """The public key of a PEM that holds one, or a private one. Raises ValueError."""
    raw = pem.encode()
    try:
        if b"PRIVATE" in raw:
            private = serialization.load_pem_private_key(raw, None)
            key = private.public_key() if isinstance(private, RSAPrivateKey) else None
        else:
            public = serialization.load_pem_public_key(raw)
            key = public if isinstance(public, RSAPublicKey) else None
    except (TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("not a key that can be read") from error
    if key is None:
        raise ValueError("not an RSA key")
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def new_key_file(project: str, token_uri: str) -> dict[str, str]:
    """A service account as Google's console hands it out; its private key is kept nowhere here."""
    private = generate_private_key(public_exponent=EXPONENT, key_size=BITS)
    written = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return {
        "type": "service_account",
        "project_id": project,
        "private_key_id": secrets.token_hex(20),
        "private_key": written.decode(),
        "client_email": f"naru@{project}.iam.gserviceaccount.com",
        "client_id": str(10**20 + secrets.randbelow(10**20)),
        "token_uri": token_uri,
        "universe_domain": "googleapis.com",
    }
