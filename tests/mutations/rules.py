"""Every rule of the delivery protocol, broken."""

from tests.mutations.mutant import Mutant

DISPATCH = "tests/scheduler/test_dispatch.py"
OPENING = "tests/scheduler/test_opening.py"
RECOVERY = "tests/scheduler/test_recovery.py"
LEASES = "tests/app/services/test_recovery.py"
KILLS = "tests/faults/test_kills.py"

RULES = (
    Mutant(
        "R1",
        "the rows of a call are not written",
        "scheduler/opening.py",
        'await tx.sql.insert(tx.conn, "call", CALL_COLUMNS, [call.row() for call, _ in calls])',
        "pass",
        (f"{KILLS}::test_killed_while_it_sends[sqlite-K05-statuses2-3-1]",),
    ),
    Mutant(
        "R1",
        "what could not be written leaves all the same",
        "scheduler/dispatch.py",
        "            calls = await self._open(lot, route, wave)\n",
        "            for loads in wave:\n"
        "                await self.adapter.send(__import__('channels').contract.Call(\n"
        "                    key=str(loads[0][0].attempt_id), route=route.name,\n"
        "                    messages=tuple(m for _, m in loads), now=clock(),\n"
        "                    deadline=time.monotonic() + self._limits(lot.route)[1]))\n"
        "            calls = await self._open(lot, route, wave)\n",
        ("tests/faults/test_disk.py::test_full_while_it_sends[before]",),
    ),
    Mutant(
        "R2",
        "every request has a reference of its own",
        "scheduler/batches.py",
        "ref=to_ref(attempt.id),",
        'ref=to_ref(__import__("uuid").uuid4()),',
        (
            f"{RECOVERY}::test_absent_is_sent_again_with_the_same_reference",
            f"{DISPATCH}::test_deferred_is_tried_again_with_the_same_reference",
        ),
    ),
    Mutant(
        "R3",
        "the lease is not looked at before the write",
        "scheduler/claiming.py",
        "    return time.monotonic() + needed_s > lease_end or",
        "    return False and",
        (
            f"{OPENING}::test_a_lease_too_short_for_the_deadline_sends_nothing",
            "tests/faults/test_clock.py::test_set_ahead_while_calls_wait_for_their_turn[sqlite]",
        ),
    ),
    Mutant(
        "R3",
        "a lease that another worker took is renewed",
        "scheduler/opening.py",
        "        return bool(result.rowcount)",
        "        return True",
        (f"{OPENING}::test_a_lost_lease_sends_nothing",),
    ),
    Mutant(
        "R3",
        "a call that never left is forgotten",
        "scheduler/claiming.py",
        "    if AttemptStatus.SENDING in left:\n        return\n",
        "",
        ("tests/faults/test_clock.py::test_set_ahead_while_calls_wait_for_their_turn[sqlite]",),
    ),
    Mutant(
        "R4",
        "asked at once after an ambiguous answer",
        "app/services/settle.py",
        "due_at = now + timedelta(seconds=call.settle_s)",
        "due_at = now",
        (f"{RECOVERY}::test_taken_with_the_answer_lost_is_found",),
    ),
    Mutant(
        "R4",
        "asked at once after a lost lease",
        "app/services/recovery.py",
        "attempt.settled_at, attempt.due_at = tx.now, ask_at",
        "attempt.settled_at, attempt.due_at = tx.now, tx.now",
        (f"{LEASES}::test_attempts_of_an_open_call_become_unknown",),
    ),
    Mutant(
        "R4",
        "a clock set ahead ends every window",
        "scheduler/steady.py",
        "        return time.monotonic() - self._ahead_since",
        '        return float("inf")',
        ("tests/faults/test_clock.py::test_set_ahead_while_a_settle_window_runs[sqlite]",),
    ),
    Mutant(
        "R5",
        "a late word is written over a newer state",
        "app/services/settle.py",
        "    if not await _holds_fence(tx, call):\n"
        "        return\n"
        "    sending = await _still_sending(tx, call)\n",
        "    sending = {item.attempt_id for item in call.items}\n",
        (
            f"{LEASES}::test_a_late_result_writes_nothing",
            "tests/faults/test_processes.py::test_frozen_beyond_its_lease[sqlite]",
        ),
    ),
    Mutant(
        "R6",
        "a duplicate always proves acceptance",
        "channels/adapters/relay/adapter.py",
        "            if self._recognises(ref, now):",
        "            if True:",
        (
            "tests/channels/test_relay.py"
            "::test_a_duplicate_proves_something_only_where_it_is_promised",
        ),
    ),
    Mutant(
        "R6",
        "repeated although the provider may have forgotten the reference",
        "scheduler/opening.py",
        "        return not self.steady.suspects(started_at) and now",
        "        return True or now",
        (
            "tests/scheduler/test_doubts.py::test_a_repeat_that_comes_too_late_is_looked_up",
            "tests/faults/test_clock.py"
            "::test_set_back_and_a_provider_that_forgets[sqlite-True-1-1]",
        ),
    ),
    Mutant(
        "R7",
        "the next step starts while nobody knows",
        "app/services/steps.py",
        "        forced or passed(one.unknown_since",
        "        True or forced or passed(one.unknown_since",
        (f"{RECOVERY}::test_a_blind_route_follows_the_template[hold-1-attempts0]",),
    ),
    Mutant(
        "R7",
        "a restored message falls back although that may have happened",
        "app/services/restored.py",
        "        done.steps_dropped += not both and _drop_steps(tx, message, mine)\n",
        "",
        (
            "tests/faults/test_restored.py"
            "::test_what_left_after_the_backup_does_not_leave_again[sqlite-look_up]",
        ),
    ),
    Mutant(
        "R8",
        "a blind route sends again by itself",
        "app/services/recovery.py",
        'if m.when_unknown == "resend" and',
        'if m.when_unknown != "fall_back" and',
        (f"{RECOVERY}::test_a_blind_route_follows_the_template[hold-1-attempts0]",),
    ),
    Mutant(
        "R8",
        "equal texts leave together",
        "scheduler/doubts.py",
        "            held.append(item.attempt_id)",
        "            pass",
        ("tests/scheduler/test_doubts.py::test_equal_texts_leave_one_after_the_other",),
    ),
)
