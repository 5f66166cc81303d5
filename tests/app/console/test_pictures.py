"""Pictures of bubbles: the workspace's own, and nothing a browser could run."""

from app.services import pictures
from tests.app.console.sent import World, visitor_of
from tests.photos import jpeg


async def test_only_the_workspace_s_own(world: World) -> None:
    data = jpeg(800, 400)
    async with world.runtime.database.write() as tx:
        await pictures.store(tx, world.workspace_id, "banner", data)
    viewer = await world.visitor("viewer")
    answer = await viewer.get("/console/pictures/banner")
    assert answer.content == data
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    other = await visitor_of(world.app, world.runtime, world.other_id, "owner")
    await other.get("/console/pictures/banner", 404)
    await (await world.visitor("agent")).get("/console/pictures/banner", 403)
