"""The side of an adapter that carries chats: who has it."""

from channels import registry
from channels.consulting import CanConsult, Uploaded
from tests.channels.wire import plain_client

GIVEN = {"client_id": "id", "client_secret": "cs", "hub_url": "https://hub.example"}


async def test_only_hubs_consult() -> None:
    async with plain_client() as client:
        assert isinstance(registry.build("consult", GIVEN, client), CanConsult)
        nhn = dict.fromkeys(("app_key", "secret_key", "sms_app_key", "sms_secret_key"), "k")
        assert not isinstance(registry.build("nhn", nhn, client), CanConsult)


def test_where_an_upload_lies_is_not_shown() -> None:
    kept = Uploaded("https://hub.example/secret.jpg", "고객.jpg", 3)
    assert "secret" not in repr(kept)
    assert "고객" not in repr(kept)
