"""What guards against single faults, taken away."""

from tests.mutations.mutant import Mutant

KILLS = "tests/faults/test_kills.py"
ACCEPTING = "tests/faults/test_accepting.py"
DATABASE = "tests/faults/test_database.py"
RACES = "tests/faults/test_races.py"
RECEIPTS = "tests/app/services/test_receipts.py"
CALLBACKS = "tests/app/api/test_callbacks.py"

KEPT = (
    Mutant(
        "K02",
        "idempotency keys are not kept",
        "app/services/idempotency.py",
        "    won = await tx.sql.take_keys(tx.conn, COLUMNS, rows)",
        "    won = set(first) if rows else set()",
        (
            f"{ACCEPTING}::test_killed_while_it_accepts[sqlite-after commit-1-true]",
            f"{RACES}::test_equal_requests_of_two_processes[sqlite]",
        ),
    ),
    Mutant(
        "K03",
        "a lapsed lot is never ready again",
        "app/services/recovery.py",
        '("ready" if left else "done"), None, None',
        '"done", None, None',
        (
            "tests/app/services/test_recovery.py::test_attempts_without_a_call_queue_again_at_once",
            f"{KILLS}::test_killed_while_it_sends[sqlite-K03-statuses0-0-0]",
        ),
    ),
    Mutant(
        "K04",
        "what was under an open call queues again at once",
        "app/services/recovery.py",
        "attempt.status, attempt.reason = after(attempt.status, Event.LOST), Reason.NO_ANSWER",
        "attempt.status, attempt.reason = AttemptStatus.QUEUED, Reason.NO_ANSWER",
        (
            f"{KILLS}::test_killed_while_it_sends[sqlite-K05-statuses2-3-1]",
            f"{KILLS}::test_killed_while_it_sends[sqlite-K06-statuses3-3-1]",
        ),
    ),
    Mutant(
        "K07",
        "events are written after the commit",
        "app/db/session.py",
        "                await tx.write_events()\n",
        "                await conn.commit()\n                await tx.write_events()\n",
        (f"{KILLS}::test_killed_between_a_state_and_its_event[sqlite]",),
    ),
    Mutant(
        "K08",
        "the next step is made in a transaction of its own, later",
        "app/services/settle.py",
        "    await advance(tx, runtime, rest)\n",
        "    pass\n",
        (f"{KILLS}::test_killed_while_the_next_step_is_made[sqlite]",),
    ),
    Mutant(
        "K10",
        "every other scheduler is taken for dead",
        "scheduler/worker.py",
        "                if not _alive(worker.pid):",
        "                if True:",
        ("tests/scheduler/test_worker.py::test_a_dead_predecessor_holds_nothing",),
    ),
    Mutant(
        "K11",
        "200 is answered before the receipt is stored",
        "app/api/callbacks.py",
        "    await callbacks.store(runtime, found, adapter, callback)",
        '    __import__("asyncio").ensure_future(\n'
        "        callbacks.store(runtime, found, adapter, callback)\n    )",
        (f"{ACCEPTING}::test_killed_right_after_the_200_of_a_receipt[sqlite]",),
    ),
    Mutant(
        "K14",
        "what is under way is not waited for",
        "scheduler/worker.py",
        "asyncio.wait(tasks, timeout=DRAIN_S)",
        "asyncio.wait(tasks, timeout=0.0)",
        ("tests/faults/test_processes.py::test_told_to_stop_while_it_sends[sqlite]",),
    ),
    Mutant(
        "B01",
        "a database that is away is our own fault",
        "app/db/outages.py",
        "    if error.connection_invalidated or isinstance(cause, OSError):\n        return True\n",
        "",
        (f"{DATABASE}::test_stopped_and_started_again",),
    ),
    Mutant(
        "B02",
        "what happened is not read again",
        "app/services/accept.py",
        "            there = await stored_of(",
        "            there = set() and await stored_of(",
        (f"{DATABASE}::test_the_answer_to_a_commit_is_lost[1-None-after]",),
    ),
    Mutant(
        "B03",
        "a deadlock is an error like any other",
        "app/db/session.py",
        "TRIES = 5",
        "TRIES = 1",
        (f"{DATABASE}::test_a_deadlock_is_done_again",),
    ),
    Mutant(
        "B04",
        "the disk is filled to the last byte",
        "app/services/room.py",
        "    if usage.free < min(",
        "    if usage.free < -min(",
        ("tests/app/services/test_room.py::test_single_messages_and_batches_are_refused",),
    ),
    Mutant(
        "B05",
        "only what was being sent is doubted after a restore",
        "app/services/transitions.py",
        "        (Event.RESTORED, (_S.QUEUED, _S.SENDING, _S.UNKNOWN), _S.UNKNOWN),",
        "        (Event.RESTORED, (_S.SENDING, _S.UNKNOWN), _S.UNKNOWN),",
        (
            "tests/faults/test_restored.py"
            "::test_what_left_after_the_backup_does_not_leave_again[sqlite-look_up]",
        ),
    ),
    Mutant(
        "C01",
        "lots under a lease are claimed again",
        "app/db/postgres.py",
        "ORDER BY turn, id LIMIT $3 FOR UPDATE SKIP LOCKED",
        "ORDER BY turn, id LIMIT $3",
        ("tests/app/db/test_db_turns.py::test_claimers_at_once_never_share_a_lot[postgres]",),
    ),
    Mutant(
        "C03",
        "another body under the same key gets the first answer",
        "app/services/idempotency.py",
        "    if row.body_hash != request.digest:",
        "    if False:",
        (f"{RACES}::test_equal_requests_at_once[sqlite-5]",),
    ),
    Mutant(
        "C04",
        "what is on its way can be cancelled",
        "app/services/cancel.py",
        "        not may(a.status, Event.CANCELLED) or a.reason",
        "        a.reason",
        (
            "tests/app/services/test_cancel.py"
            "::test_one_on_its_way_is_refused_although_the_message_says_queued",
        ),
    ),
)
