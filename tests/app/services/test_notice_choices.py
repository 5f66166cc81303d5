"""Which templates may open a chat: approved ones with a consultation button."""

from app.ids import new_id
from app.services import notice_choices, templates
from app.services.callers import SCOPES, Caller
from app.services.catalogue import Catalogue
from app.services.runtime import Runtime
from tests.app.api.shop import NOTICE, approve, open_shop


async def test_approved_with_a_button_that_brings_an_answer(runtime: Runtime) -> None:
    shop = await open_shop(runtime)
    talking = {"code": "talk", "buttons": [{"kind": "BC", "name": "상담"}]}
    async with runtime.database.write() as tx:
        await templates.create(tx, shop.workspace_id, NOTICE | {"code": "plain"})
        await templates.create(tx, shop.workspace_id, NOTICE | talking)
    caller = Caller(shop.workspace_id, new_id(), "test", frozenset(SCOPES))
    assert await notice_choices.choices(runtime, Catalogue(runtime), caller) == []
    await approve(runtime, shop)
    (choice,) = await notice_choices.choices(runtime, Catalogue(runtime), caller)
    assert choice.code == "talk"
    assert choice.names == tuple(sorted(choice.names))
    assert all(f"#{{{name}}}" in choice.text for name in choice.names)
