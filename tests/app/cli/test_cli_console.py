"""The console's address: with the set-up code only while nobody can log in."""

from app.cli import console
from app.config import Settings
from app.services.runtime import Runtime
from tests.app.services.lobby import person, workspace


async def test_the_front(runtime: Runtime) -> None:
    first = await console.front(runtime)
    assert first == await console.first_run(runtime)
    assert "/console/start?code=" in first
    await person(runtime, await workspace(runtime))
    assert await console.front(runtime) == "http://127.0.0.1:8000/console"
    assert await console.first_run(runtime) is None


def test_a_page_is_reached_from_this_machine_or_by_its_public_name() -> None:
    assert console.page(Settings(host="0.0.0.0")) == "http://127.0.0.1:8000/console"
    assert (
        console.page(Settings(public_url="https://n.x/"), "/start") == "https://n.x/console/start"
    )
