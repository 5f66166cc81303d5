"""Who asked for a message: a key, a person of the workspace, or nobody known."""

from sqlmodel import col, select

from app.db.models import ApiKey
from app.ids import new_id
from app.services import authors
from app.services.runtime import Runtime
from tests.app.api.shop import open_shop
from tests.app.console.visitors import somebody


async def test_keys_and_people_of_the_workspace_only(runtime: Runtime) -> None:
    shop, other = await open_shop(runtime), await open_shop(runtime, "other")
    person = await somebody(runtime, shop.workspace_id, "operator", name="한지우")
    async with runtime.database.read() as session:
        (key_id,) = (
            await session.exec(
                select(ApiKey.id).where(
                    col(ApiKey.workspace_id) == shop.workspace_id,
                    col(ApiKey.kind) == "test",
                )
            )
        ).all()
        assert await authors.name_of(session, shop.workspace_id, key_id) == ("key", "test")
        assert await authors.name_of(session, shop.workspace_id, person.id) == ("staff", "한지우")
        for unknown in (key_id, person.id, new_id(), None):
            assert await authors.name_of(session, other.workspace_id, unknown) == ("", "")
