"""Liveness and readiness."""

from tests.sandbox.server import Running


async def test_ready_until_a_worker_stops(running: Running) -> None:
    assert (await running.client.get("/health/live")).json() == {"status": "ok"}
    assert (await running.client.get("/health/ready")).status_code == 200


async def test_a_stopped_worker_is_named(running: Running) -> None:
    running.store.run("DROP TABLE outbox")
    running.store.mail_due.set()
    while (answer := await running.client.get("/health/ready")).status_code == 200:
        await running.store.changes.wait(0.01)
    assert answer.json()["stopped"] == ["outbox"]
