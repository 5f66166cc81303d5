"""Keys: the first of equal ones wins, others get its answer, another body is refused."""

import pytest

from app.errors import Invalid, Refused
from app.ids import new_id
from app.services import idempotency
from app.services.idempotency import Keyed
from app.services.runtime import Runtime

WORKSPACE = new_id()


def keyed(key: str = "k", digest: bytes = b"d", endpoint: str = "POST /x") -> Keyed:
    subject = new_id()
    return Keyed(WORKSPACE, endpoint, key, digest, subject, {"id": str(subject)})


async def test_the_first_wins_and_its_answer_is_kept(runtime: Runtime) -> None:
    first, second, other = keyed(), keyed(), keyed("k2")
    async with runtime.database.write() as tx:
        won = await idempotency.take(tx, runtime, [first, second, other])
    assert won == {first.subject_id, other.subject_id}
    async with runtime.database.write() as tx:
        assert await idempotency.take(tx, runtime, [second]) == set()
    assert await idempotency.earlier(runtime, second) == first.response


async def test_endpoints_do_not_share_keys(runtime: Runtime) -> None:
    one, two = keyed(endpoint="POST /a"), keyed(endpoint="POST /b")
    async with runtime.database.write() as tx:
        assert len(await idempotency.take(tx, runtime, [one, two])) == 2


async def test_another_body_and_a_running_request(runtime: Runtime) -> None:
    first = keyed()
    with pytest.raises(Refused) as running:
        await idempotency.earlier(runtime, first)
    assert running.value.code == "idempotency_key_in_use"
    async with runtime.database.write() as tx:
        await idempotency.take(tx, runtime, [first])
    with pytest.raises(Invalid) as reused:
        await idempotency.earlier(runtime, keyed(digest=b"another"))
    assert reused.value.code == "idempotency_key_reused"
