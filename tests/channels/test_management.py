"""The management side: what a refusal says, and which adapters offer what."""

import httpx

from channels import registry
from channels.management import CanCheck, CanReview, CanUpload, ProviderRefused
from channels.vocabulary import Reason

RELAY = {"relay_url": "https://relay.example", "key": "k", "signing_secret": "s"}
NHN = {"app_key": "a", "secret_key": "s", "sms_app_key": "b", "sms_secret_key": "t"}


def test_a_refusal_keeps_the_providers_words() -> None:
    refused = ProviderRefused(Reason.MISCONFIGURED, "-1001", "wrong secret")
    assert (refused.reason, refused.code, refused.text) == (
        Reason.MISCONFIGURED,
        "-1001",
        "wrong secret",
    )
    assert "-1001" in str(refused)


async def test_who_can_check_review_and_be_given_pictures() -> None:
    """NHN all of it; a relay takes no pictures, and a consultation hub registers no templates."""
    async with httpx.AsyncClient(trust_env=False) as client:
        nhn = registry.build("nhn", NHN, client, "http://127.0.0.1:1/nhn")
        hub = registry.build(
            "consult",
            {"client_id": "i", "client_secret": "s"},
            client,
            "http://127.0.0.1:1/consult",
        )
        relay = registry.build("relay", RELAY, client)
    assert isinstance(nhn, CanCheck)
    assert isinstance(nhn, CanUpload)
    assert isinstance(relay, CanReview)
    assert not isinstance(relay, CanUpload)
    assert isinstance(nhn, CanReview)
    assert not isinstance(hub, CanReview)
