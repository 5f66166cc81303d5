"""One authority to trust instead of the machine's hundred and forty, for this run and its children.

Reading those takes 40 ms for every application, and no test asks anybody outside. Tests about trust
itself take the setting away.
"""

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import httpx._transports.default as default
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

FILE = "SSL_CERT_FILE"  # read by OpenSSL, by rustls and by httpx


@pytest.hookimpl(trylast=True)  # after the run's folder was made
def pytest_configure(config: pytest.Config) -> None:
    """Let this process and all that it starts trust one authority; clients share what was read."""
    default.create_ssl_context = cache(default.create_ssl_context)  # type: ignore[attr-defined]
    if not hasattr(config, "workerinput"):
        path = Path(os.environ["NARU_TEST_FOLDER"], "authority.pem")
        path.write_bytes(authority())
        os.environ[FILE] = str(path)


def authority() -> bytes:
    """The certificate of an authority whose key is thrown away: it never signs anything."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests trust nobody")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
