"""What the demonstration tells the sandbox: its own accounts, and nothing of a live one."""

from collections.abc import Mapping

import httpx
import pytest

from app.cli.api import Api
from app.cli.shop import NAME, NHN, open_shop
from app.cli.walk import Walk
from app.services import accounts, workspaces
from app.services.credentials import NewAccount, base_url
from app.services.runtime import Runtime
from channels import registry
from tests.service_accounts import key_file

LIVE = "live-secret-"  # the beginning of every credential of a live account here


def credentials_of(adapter: str) -> dict[str, str]:
    """What a live account of this provider must be told."""
    wanted = registry.PROVIDERS[adapter].credentials
    given = {
        one.name: "https://provider.example" if one.address else f"{LIVE}{one.name}"
        for one in wanted
        if one.required
    }
    if adapter == "fcm":
        return {"service_account": key_file(client_email=f"{LIVE}sender@naru-shop.example")}
    return given | ({"idempotency": "blind"} if adapter == "relay" else {})


async def add_live(runtime: Runtime, names: Mapping[str, str]) -> None:
    """Live accounts by these names in the demonstration's own workspace."""
    async with runtime.database.write() as tx:
        owner = await workspaces.find_or_create(tx, NAME)
        for name, adapter in names.items():
            new = NewAccount(
                name=name, adapter=adapter, mode="live", credentials=credentials_of(adapter)
            )
            await accounts.add(tx, runtime, owner.id, new)


async def test_no_secret_of_a_live_account_is_ever_told(
    runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    others = {f"live {adapter}": adapter for adapter in registry.PROVIDERS}
    await add_live(runtime, others)
    shop = await open_shop(runtime)
    told: list[bytes] = []

    def hear(request: httpx.Request) -> httpx.Response:
        told.append(f"{request.url} {request.headers}".encode() + request.content)
        return httpx.Response(204)

    transport = httpx.MockTransport(hear)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as client:
        await Walk(Api(client), Api(client), shop, "en", "log").seed()
    assert len(told) == 2
    assert [one for one in told if LIVE.encode() in one] == []
    assert shop.nhn.credentials["secret_key"].encode() in b"".join(told)  # so it would be seen
    capsys.readouterr()


async def test_a_live_account_cannot_be_taken_for_the_demonstrations(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if it were found by its name: it is refused before anything is told."""
    await add_live(runtime, {NHN: "nhn"})
    real = accounts.list_accounts
    monkeypatch.setattr(
        accounts, "list_accounts", lambda session, owner, _mode: real(session, owner)
    )
    with pytest.raises(ValueError, match="live"):
        await open_shop(runtime)


@pytest.mark.parametrize("adapter", registry.PROVIDERS)
async def test_a_live_account_speaks_to_its_provider_alone(runtime: Runtime, adapter: str) -> None:
    settings = runtime.settings
    asked: list[str] = []

    def hear(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(401, json={})

    here = httpx.URL(settings.sandbox).host
    for mode in ("live", "sandbox"):
        asked.clear()
        async with httpx.AsyncClient(transport=httpx.MockTransport(hear)) as client:
            where = base_url(settings, mode, adapter)
            built = registry.build(adapter, credentials_of(adapter), client, where)
            if hasattr(built, "check"):
                await built.check()
        assert {host == here for host in asked} <= {mode == "sandbox"}
        assert asked or not hasattr(built, "check")
