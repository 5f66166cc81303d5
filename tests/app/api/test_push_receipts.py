"""Apps report over HTTP, without a key."""

from typing import Any

import httpx
import pytest

from app.ids import new_id, to_ref
from app.services import app_receipts
from app.services.runtime import Runtime
from tests.pushing import pushing

PATH = "/push/receipts"


async def test_an_app_reports(client: httpx.AsyncClient, runtime: Runtime) -> None:
    one = await pushing(runtime)
    await one.person("hana", "", "fid-1")
    message_id = await one.accept(person="hana", plan=[{"channel": "push", "until": "read"}])
    await one.run()
    (attempt,) = await one.eng.attempts(message_id)
    token = app_receipts.token(runtime.sealer, to_ref(attempt.id))
    strange = app_receipts.token(runtime.sealer, to_ref(new_id()))
    said = [
        {"token": strange, "what": "read"},
        {"token": token, "what": "read", "at": "2026-11-27T09:00:00+09:00"},
    ]
    answer = await client.post(PATH, json={"receipts": said})
    assert (answer.status_code, answer.json()) == (202, {"kept": 1, "refused": [0]})
    again = await client.post(PATH, json={"receipts": said})
    assert again.json() == answer.json()
    await one.told(message_id, 0)  # nothing more; the scheduler applies what is there
    (attempt,) = await one.eng.attempts(message_id)
    assert attempt.read_at is not None
    assert attempt.read_at.isoformat() == "2026-11-27T00:00:00+00:00"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"receipts": []}, "receipts"),
        ({"receipts": [{"token": "a", "what": "read"}] * 101}, "receipts"),
        ({"receipts": [{"token": "a", "what": "danced"}]}, "receipts.0.what"),
        ({"receipts": [{"token": "a", "what": "read", "at": "2026-11-27T09:00"}]}, None),
        ({"receipts": [{"token": "a", "what": "read", "who": "me"}]}, None),
        ({}, "receipts"),
    ],
)
async def test_what_is_wrong_is_named(
    client: httpx.AsyncClient, runtime: Runtime, body: dict[str, Any], field: str | None
) -> None:
    answer = await client.post(PATH, json=body)
    assert answer.status_code == 422
    found = answer.json()["field"]
    assert found
    if field is not None:
        assert found.replace("[", ".").replace("]", "") == field
