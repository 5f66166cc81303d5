"""The last of the disk belongs to what was accepted already."""

import shutil
from typing import Any

import pytest

from app.db.models.fields import now as clock
from app.errors import Unavailable
from app.services import batch, room
from app.services.catalogue import Catalogue
from app.services.messages import NewMessage
from app.services.runtime import Runtime
from tests.engine import FORM, engine

GB = 1_000_000_000
NUMBER = "01012340001"


def disk(monkeypatch: pytest.MonkeyPatch, total: int, free: int) -> None:
    usage = type(shutil.disk_usage("/"))(total, total - free, free)
    monkeypatch.setattr("app.services.room.shutil.disk_usage", lambda _: usage)


@pytest.mark.parametrize(
    ("total", "free", "is_low"),
    [
        (4 * GB, 4 * GB // 20 + 1, False),
        (4 * GB, 4 * GB // 20 - 1, True),  # a small disk: 5 %
        (4000 * GB, GB // 2 + 1, False),
        (4000 * GB, GB // 2 - 1, True),  # a large one: 500 MB
        (GB, 0, True),
    ],
)
def test_when_it_is_low(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, total: int, free: int, is_low: bool
) -> None:
    disk(monkeypatch, total, free)
    if not is_low:
        room.check(runtime)
        return
    with pytest.raises(Unavailable) as refused:
        room.check(runtime)
    assert (refused.value.code, refused.value.retry_after_s) == ("disk_low", 60)
    assert refused.value.data == {"free_bytes": free}


async def test_single_messages_and_batches_are_refused(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B04: and what was accepted before still leaves."""
    eng = await engine(runtime)
    (id_,) = await eng.accept(NUMBER)
    disk(monkeypatch, GB, 0)
    new: Any = NewMessage(FORM["code"], NUMBER, {"주문번호": "1"})
    with pytest.raises(Unavailable):
        await eng.accept(NUMBER)
    with pytest.raises(Unavailable):
        await batch.accept(runtime, Catalogue(runtime), eng.caller, [new], clock())
    await eng.run()
    assert (await eng.message(id_)).status == "sent"
