"""What a process opens and closes."""

import pytest

from app.config import Settings
from app.db import schema
from app.ids import new_id
from app.services.runtime import open_runtime


async def test_the_same_installation_opens_what_it_sealed(app_settings: Settings) -> None:
    workspace, row = new_id(), new_id()
    async with open_runtime(app_settings) as first:
        blob = first.sealer.seal("message", workspace, row, "kept")
        assert first.settings is app_settings
        assert (await schema.migrate(first.database))[-1] == schema.head()
    async with open_runtime(app_settings) as second:
        assert second.sealer.open("message", workspace, row, blob) == "kept"
        await schema.check(second.database)
    assert sorted(p.name for p in app_settings.data.iterdir()) == [
        "gate",
        "naru.db",
        "secrets.toml",
        "write",
    ]


async def test_bad_secrets_stop_the_start(app_settings: Settings) -> None:
    app_settings.data.mkdir(parents=True)
    (app_settings.data / "secrets.toml").write_text("[master]\n")
    with pytest.raises(ValueError, match=r"secrets\.toml"):
        async with open_runtime(app_settings):
            pytest.fail("it opened")
