"""What went to and fro: credentials and numbers are taken out, whatever form a body has."""

import pytest

from app.errors import NotFound
from app.ids import new_id
from app.services import exchanges
from app.services.exchanges import HIDDEN, masked
from app.services.runtime import Runtime
from tests.app.console.sent import sent


@pytest.mark.parametrize(
    ("raw", "shown", "hidden"),
    [
        ('{"recipientNo":"01012344821"}', "010-****-4821", "01012344821"),
        ('{"to":"+82 10-1234-4821"}', "010-****-4821", "1234"),
        ('{"a":{"secretKey":"abc"}}', HIDDEN, "abc"),
        ('[{"X-Auth-Token":"t0k"}]', HIDDEN, "t0k"),
        ("<p>app-key-1 for 010-1234-4821</p>", "010-****-4821", "app-key-1"),
        ('{"resultCode": 0, "requestId": "2026112014021200x1"}', "2026112014021200x1", "••"),
        ("", "", "•"),
    ],
)
def test_a_body_keeps_what_helps_and_loses_what_harms(raw: str, shown: str, hidden: str) -> None:
    text = masked(raw, ["app-key-1", "x"])
    assert shown in text
    assert hidden not in text


async def test_only_calls_of_the_message_are_read(runtime: Runtime) -> None:
    world = await sent(runtime)
    fallen = await world.eng.message(world.ids["fallen"])
    waiting = await world.eng.message(world.ids["waiting"])
    async with runtime.database.read() as session:
        tries = await exchanges.tried(session, fallen)
        call = tries[1].call
        assert call is not None
        one = await exchanges.read(session, runtime, fallen, call.id)
        assert one.text is None  # this account's credentials were never sealed
        for other in (new_id(), call.id):
            with pytest.raises(NotFound):
                await exchanges.read(session, runtime, waiting, other)
