"""What guards against providers, clocks and receivers, taken away."""

from tests.mutations.mutant import Mutant

TRANSPORT = "tests/channels/test_transport.py"
NHN = "tests/channels/test_nhn.py::TestAlimtalk"
PROVIDER = "tests/faults/test_provider.py"
RECEIPTS = "tests/app/services/test_receipts.py"
CALLBACKS = "tests/app/api/test_callbacks.py"
HOOKS = "tests/scheduler/test_webhooks.py"

PROVIDERS = (
    Mutant(
        "P01",
        "what surely did not leave is in doubt",
        "channels/transport.py",
        "        return Judged(Verdict.DEFERRED, Reason.PROVIDER_DOWN, answer.what)",
        "        return Judged(Verdict.UNKNOWN, answer.reason, answer.what)",
        (f"{NHN}::test_what_surely_did_not_leave_is_deferred",),
    ),
    Mutant(
        "P02",
        "what may have left is sent again",
        "channels/transport.py",
        "            return Judged(Verdict.UNKNOWN, answer.reason, answer.what)",
        "            return Judged(Verdict.DEFERRED, Reason.PROVIDER_DOWN, answer.what)",
        (f"{NHN}::test_what_may_have_left_is_unknown",),
    ),
    Mutant(
        "P05",
        "Retry-After is obeyed blindly",
        "app/services/settle.py",
        "            wait = min(max(outcome.retry_after_s, wait), 2 * wait)",
        "            wait = outcome.retry_after_s",
        ("tests/app/services/test_settle.py::test_retry_after_may_stretch_a_step_not_abuse_it",),
    ),
    Mutant(
        "P05",
        "429 is in doubt",
        "channels/transport.py",
        "        return Judged(Verdict.DEFERRED, Reason.THROTTLED, code, wait)",
        "        return Judged(Verdict.UNKNOWN, Reason.UNREADABLE, code, wait)",
        (f"{NHN}::test_no_body_breaks_it",),
    ),
    Mutant(
        "P07",
        "an answer nobody can read is a refusal",
        "channels/transport.py",
        "    return Judged(Verdict.UNKNOWN, Reason.UNREADABLE, code)",
        "    return Judged(Verdict.REJECTED, Reason.UNREADABLE, code)",
        (f"{NHN}::test_no_body_breaks_it",),
    ),
    Mutant(
        "P08",
        "who is not named was accepted",
        "channels/adapters/nhn/sending.py",
        "        return Outcome(ref, Verdict.UNKNOWN, Reason.UNREADABLE)",
        "        return Outcome(ref, Verdict.ACCEPTED)",
        (f"{NHN}::test_short_long_and_shuffled_answers",),
    ),
    Mutant(
        "P11",
        "the same body is kept twice",
        "app/services/callbacks.py",
        ".values(values).on_conflict_do_nothing())",
        '.values({**values, **({} if is_inbound else {"body_hash": row.bytes})}))',
        (f"{CALLBACKS}::test_a_result_is_kept_as_it_came_and_once",),
    ),
    Mutant(
        "P12",
        "a failure undoes a delivery",
        "app/services/transitions.py",
        "        (Event.UNDELIVERED, _OPEN, _S.UNDELIVERED),",
        "        (Event.UNDELIVERED, (*_OPEN, _S.DELIVERED), _S.UNDELIVERED),",
        (f"{RECEIPTS}::test_any_order_ends_delivered",),
    ),
    Mutant(
        "P13",
        "an early receipt is applied before our own answer",
        "app/services/receipts.py",
        "        elif attempt.status == AttemptStatus.SENDING:",
        "        elif False:",
        (f"{RECEIPTS}::test_early_receipts_wait_for_our_own_answer",),
    ),
    Mutant(
        "P14",
        "no report is waited for without end",
        "scheduler/recovery.py",
        "    is_over = attempt.closes_at is not None and",
        "    is_over = False and",
        ("tests/scheduler/test_recovery.py::test_no_receipt_at_all_ends_as_no_report",),
    ),
    Mutant(
        "P15",
        "a second delivery is not told",
        "app/services/delivery.py",
        "    if state.duplicate and not message.duplicate_delivery:",
        "    if False:",
        (f"{RECEIPTS}::test_both_arriving_is_said",),
    ),
    Mutant(
        "P16",
        "signatures are not compared",
        "channels/adapters/nhn/callbacks.py",
        "    if not hmac.compare_digest(_bytes(given), _bytes(signature)):",
        "    if False:",
        (f"{CALLBACKS}::test_a_wrong_signature_is_refused",),
    ),
    Mutant(
        "P16",
        "an account may speak of another's messages",
        "app/services/receipts.py",
        "            col(Attempt.workspace_id) == workspace_id,\n"
        "            col(Attempt.account_id) == account_id,\n",
        "",
        (f"{RECEIPTS}::test_another_account_cannot_touch_it",),
    ),
    Mutant(
        "P17",
        "a refused key stops nothing",
        "app/services/settle.py",
        "    return any(outcome.reason == Reason.MISCONFIGURED for outcome in answer.outcomes)",
        "    return False",
        (
            f"{PROVIDER}::test_a_revoked_key_pauses_the_account[sqlite]",
            "tests/scheduler/test_dispatch.py::test_a_paused_account_keeps_its_messages",
        ),
    ),
    Mutant(
        "T02",
        "hours are not looked at when a call is opened",
        "scheduler/batches.py",
        "        if opening is not None:\n            closed[item.attempt_id] = opening\n",
        "",
        ("tests/scheduler/test_send_hours.py::test_advertising_does_not_leave_by_night",),
    ),
    Mutant(
        "W01",
        "a delivery is given up after three tries",
        "scheduler/webhooks.py",
        "    elif row.tries >= len(STEPS_S):",
        "    elif row.tries >= 3:",
        (f"{HOOKS}::test_down_for_a_day_everything_arrives_afterwards",),
    ),
    Mutant(
        "W02",
        "an endless answer is kept whole",
        "app/guard.py",
        "                if len(body) > LARGEST_ANSWER:",
        "                if False:",
        ("tests/app/test_guard.py::test_an_endless_answer_is_cut",),
    ),
    Mutant(
        "W02",
        "redirects are followed",
        "app/guard.py",
        "            follow_redirects=False,",
        "            follow_redirects=True,",
        ("tests/app/test_guard.py::test_redirects_are_answers",),
    ),
)
