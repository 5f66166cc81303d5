"""Every rule of the delivery protocol, broken."""

from tests.mutations.mutant import Mutant

RULES = (
    Mutant(
        "R1",
        "the rows of a call are not written",
        "scheduler",
        'await tx.sql.insert(tx.conn, "call", CALL_COLUMNS, [call.row() for call, _ in calls])',
        "pass",
        ("test_killed_while_it_sends[sqlite-K05-statuses2-3-1]",),
    ),
    Mutant(
        "R1",
        "what could not be written leaves all the same",
        "scheduler",
        "            calls = await self._open(lot, route, wave)\n",
        "            for loads in wave:\n"
        "                await self.adapter.send(__import__('channels').contract.Call(\n"
        "                    key=str(loads[0][0].attempt_id), route=route.name,\n"
        "                    messages=tuple(m for _, m in loads), now=clock(),\n"
        "                    deadline=time.monotonic() + self._limits(lot.route)[1]))\n"
        "            calls = await self._open(lot, route, wave)\n",
        ("test_full_while_it_sends[before]",),
    ),
    Mutant(
        "R2",
        "every request has a reference of its own",
        "scheduler",
        "ref=to_ref(attempt.id),\n        sender=",
        'ref=to_ref(__import__("uuid").uuid4()),\n        sender=',
        (
            "test_absent_is_sent_again_with_the_same_reference",
            "test_deferred_is_tried_again_with_the_same_reference",
        ),
    ),
    Mutant(
        "R3",
        "the lease is not looked at before the write",
        "scheduler",
        "    return time.monotonic() + needed_s > lease_end or",
        "    return False and",
        (
            "test_a_lease_too_short_for_the_deadline_sends_nothing",
            "test_set_ahead_between_the_row_and_the_write[sqlite]",
        ),
    ),
    Mutant(
        "R3",
        "a lease that another worker took is renewed",
        "scheduler",
        "            .values(lease_until=tx.now + timedelta(seconds=self._lease_s()))\n"
        "        )\n        return bool(result.rowcount)",
        "            .values(lease_until=tx.now + timedelta(seconds=self._lease_s()))\n"
        "        )\n        return True",
        ("test_a_lost_lease_sends_nothing",),
    ),
    Mutant(
        "R3",
        "a call that never left is forgotten",
        "scheduler",
        "    if AttemptStatus.SENDING in left:\n        return\n",
        "    left -= {AttemptStatus.SENDING}\n",
        ("test_set_ahead_between_the_row_and_the_write[sqlite]",),
    ),
    Mutant(
        "R4",
        "asked at once after an ambiguous answer",
        "app/services",
        "due_at = now + timedelta(seconds=call.settle_s)",
        "due_at = now",
        ("test_taken_with_the_answer_lost_is_found",),
    ),
    Mutant(
        "R4",
        "asked at once after a lost lease",
        "app/services",
        "attempt.settled_at, attempt.due_at = tx.now, ask_at",
        "attempt.settled_at, attempt.due_at = tx.now, tx.now",
        ("test_attempts_of_an_open_call_become_unknown",),
    ),
    Mutant(
        "R4",
        "a clock set ahead ends every window",
        "scheduler",
        "        return time.monotonic() - self._ahead_since",
        '        return float("inf")',
        ("test_set_ahead_while_a_settle_window_runs[sqlite]",),
    ),
    Mutant(
        "R5",
        "a late word is written over a newer state",
        "app/services",
        "    if not await _holds_fence(tx, call):\n"
        "        return\n"
        "    sending = await _still_sending(tx, call)\n",
        "    sending = {item.attempt_id for item in call.items}\n",
        (
            "test_a_late_result_writes_nothing",
            "test_frozen_beyond_its_lease[sqlite]",
        ),
    ),
    Mutant(
        "R6",
        "a duplicate always proves acceptance",
        "channels",
        "            if self._recognises(ref, now):",
        "            if True:",
        ("test_a_duplicate_proves_something_only_where_it_is_promised",),
    ),
    Mutant(
        "R6",
        "repeated although the provider may have forgotten the reference",
        "scheduler",
        "        return not self.steady.suspects(started_at) and now",
        "        return True or now",
        (
            "test_a_repeat_that_comes_too_late_is_looked_up",
            "test_set_back_and_a_provider_that_forgets[sqlite-True-1-1]",
        ),
    ),
    Mutant(
        "R7",
        "the next step starts while nobody knows",
        "app/services",
        "        forced or passed(one.unknown_since",
        "        True or forced or passed(one.unknown_since",
        ("test_a_blind_route_follows_the_template[hold-1-attempts0]",),
    ),
    Mutant(
        "R7",
        "a restored message falls back although that may have happened",
        "app/services",
        "        done.steps_dropped += not both and _drop_steps(tx, message, mine)\n",
        "",
        ("test_what_left_after_the_backup_does_not_leave_again[sqlite-look_up]",),
    ),
    Mutant(
        "R8",
        "a blind route sends again by itself",
        "app/services",
        'if m.when_unknown == "resend" and',
        'if m.when_unknown != "fall_back" and',
        ("test_a_blind_route_follows_the_template[hold-1-attempts0]",),
    ),
    Mutant(
        "R8",
        "equal texts leave together",
        "scheduler",
        "            held.append(item.attempt_id)",
        "            pass",
        ("test_equal_texts_leave_one_after_the_other",),
    ),
)
