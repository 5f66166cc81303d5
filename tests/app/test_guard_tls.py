"""TLS to a judged address is TLS with the name: its certificate, its SNI."""

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.config import Settings
from app.guard import Guard, NoAnswer
from tests.consumer import Consumer, serving

LOCAL = Settings(env="development", webhook_allow_local=True)


async def here(host: str, port: int) -> Sequence[str]:
    """Every name leads to this machine."""
    return ["127.0.0.1"]


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(server, client) contexts of a self-signed certificate for a name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pem.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))


@pytest.mark.parametrize(("host", "arrives"), [("shop.example", True), ("other.example", False)])
async def test_the_certificate_must_be_the_name_s(tmp_path: Path, host: str, arrives: bool) -> None:
    theirs, ours = certificate(tmp_path, "shop.example")
    asked: list[str | None] = []
    theirs.sni_callback = lambda socket, name, context: asked.append(name)
    consumer = Consumer()
    async with serving(consumer, theirs):
        url = consumer.url(host, "https")
        async with Guard(LOCAL, resolve=here, trust=ours) as client:
            if arrives:
                assert (await client.post(url, b"{}", {})).status == 200
            else:
                with pytest.raises(NoAnswer, match="connect"):
                    await client.post(url, b"{}", {})
    assert asked == [host]
    assert len(consumer.heard) == arrives


async def test_without_more_the_machine_s_authorities_are_trusted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")  # the tests' own
    theirs, _ = certificate(tmp_path, "shop.example")
    consumer = Consumer()
    async with serving(consumer, theirs), Guard(LOCAL, resolve=here) as client:
        with pytest.raises(NoAnswer, match="connect"):
            await client.post(consumer.url("shop.example", "https"), b"{}", {})
    assert not consumer.heard
