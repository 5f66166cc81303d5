"""Endpoints: what is stored sealed, how we sign, and whose they are."""

from datetime import UTC, datetime

import pytest

from app.errors import Invalid, NotFound, Refused
from app.guard import Guard
from app.ids import new_id
from app.services import webhooks
from app.services.runtime import Runtime
from app.services.webhook_events import TYPES
from tests.hooks import LOCAL, open_shop

URL = "https://93.184.215.14/hook?token=planted"


def test_the_signature_is_the_published_one() -> None:
    """The example that Svix's and the specification's libraries test themselves with."""
    body, headers = webhooks.signed(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        '{"test": 2432232314}',
        datetime.fromtimestamp(1614265330, UTC),
    )
    assert body == b'{"test": 2432232314}'
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_what_is_secret_is_sealed_and_shown_once(runtime: Runtime) -> None:
    shop = await open_shop(runtime)
    made = await shop.endpoint(URL, "message.status", "message.status")
    secret = shop.secrets[made.id]
    kind, _, key = secret.partition("_")
    assert (kind, len(webhooks._key(secret)), made.kinds) == ("whsec", 32, ["message.status"])
    stored = await shop.fresh(made)
    for blob in (stored.url_sealed, stored.secret_sealed, repr(stored).encode()):
        assert b"planted" not in blob
        assert key.encode() not in blob
    assert webhooks.url_of(runtime.sealer, stored) == URL
    assert webhooks.secrets_of(runtime.sealer, stored, datetime.now(UTC)) == [secret]
    assert "planted" not in repr(webhooks.NewWebhook(URL))


async def test_only_the_last_old_secrets_are_kept(runtime: Runtime) -> None:
    shop = await open_shop(runtime)
    made = await shop.endpoint(URL)
    known = [shop.secrets[made.id]]
    for _ in range(webhooks.MOST_OLD + 2):
        async with runtime.database.write() as tx:
            _, secret = await webhooks.rotate(tx, runtime.sealer, shop.caller, made.id)
        known.insert(0, secret)
    now = datetime.now(UTC)
    stored = await shop.fresh(made)
    in_force = webhooks.secrets_of(runtime.sealer, stored, now)
    assert in_force == known[: webhooks.MOST_OLD + 1]
    assert webhooks.secrets_of(runtime.sealer, stored, now + webhooks.OVERLAP * 2) == known[:1]


async def test_a_workspace_has_a_limit_in_each_mode(runtime: Runtime) -> None:
    shop = await open_shop(runtime)
    for _ in range(webhooks.MOST):
        await shop.endpoint(URL)
    with pytest.raises(Refused, match="Remove one first"):
        await shop.endpoint(URL)
    await shop.endpoint(URL, caller=shop.tester)
    async with runtime.database.read() as session:
        assert len(await webhooks.list_webhooks(session, shop.caller)) == webhooks.MOST
        assert len(await webhooks.list_webhooks(session, shop.tester)) == 1


async def test_others_see_nothing(runtime: Runtime) -> None:
    shop, other = await open_shop(runtime), await open_shop(runtime)
    made = await shop.endpoint(URL)
    for caller, id_ in ((other.caller, made.id), (shop.tester, made.id), (shop.caller, new_id())):
        async with runtime.database.read() as session:
            with pytest.raises(NotFound):
                await webhooks.get(session, caller, id_)
        async with runtime.database.write() as tx:
            with pytest.raises(NotFound):
                await webhooks.remove(tx, caller, id_)
    assert (await shop.fresh(made)).state == "active"


@pytest.mark.parametrize(
    ("url", "kinds", "code", "field"),
    [
        (URL, ("message.accepted",), "unknown_kind", "kinds"),
        ("https://127.0.0.1/", (), "no_public_address", "url"),
        ("https://10.0.0.1/", TYPES, "no_public_address", "url"),
        ("ftp://93.184.215.14/", (), "bad_url", "url"),
    ],
)
async def test_what_is_refused(url: str, kinds: tuple[str, ...], code: str, field: str) -> None:
    settings = LOCAL.model_copy(update={"webhook_allow_local": False})
    async with Guard(settings) as client:
        with pytest.raises(Invalid) as refused:
            await webhooks.check(client, webhooks.NewWebhook(url, kinds))
        await webhooks.check(client, webhooks.NewWebhook(URL, TYPES))
    assert (refused.value.code, refused.value.field) == (code, field)
    assert "10.0.0.1" not in str(refused.value.problem())
