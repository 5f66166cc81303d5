"""How long recovery took, from made-up times."""

import pytest

from tests.crash.recovery import Said, first_send_s, percentile, resolved, resolved_s, sendable


def test_the_first_send_counts_from_the_start_when_work_waited() -> None:
    assert first_send_s([10.0], {"a": 5.0, "b": 5.0}, {"a": 9.0, "b": 12.5}) == [2.5]


def test_it_counts_from_when_there_was_work() -> None:
    assert first_send_s([10.0], {"a": 30.0}, {"a": 31.0}) == [1.0]


def test_work_that_was_never_sent_still_waits() -> None:
    assert first_send_s([10.0], {"lost": 2.0, "a": 30.0}, {"a": 31.0}) == [21.0]


def test_without_a_send_or_work_afterwards_nothing_is_measured() -> None:
    assert first_send_s([10.0], {"a": 5.0}, {"a": 9.0}) == []


def events(*kinds: tuple[str, float], step: int = 0) -> list[Said]:
    return [Said("m", step, kind, at) for kind, at in kinds]


def test_what_is_unknown_cannot_be_sent_until_it_is_known() -> None:
    due = {"m": 1.0, "other": 2.0}
    asked = events(("unknown", 3.0), ("absent", 7.0))
    assert sendable(due, {"m": 8.0}, asked) == {"m": 7.0, "other": 2.0}
    assert sendable(due, {}, asked[:1]) == {"other": 2.0}
    assert sendable(due, {"m": 2.5}, asked) == due


def test_an_attempt_is_resolved_by_whatever_ends_the_doubt() -> None:
    found = events(("unknown", 1.0), ("absent", 5.5), ("unknown", 7.0), ("delivered", 8.0))
    assert resolved_s(found, 3.0) == [1.5, 0.0]
    assert resolved(found) == 1


def test_doubt_begins_with_its_first_word_and_each_step_has_its_own() -> None:
    found = events(("unknown", 1.0), ("unknown", 4.0), ("repeated", 9.0))
    found += events(("accepted", 2.0), step=1)
    assert resolved_s(found, 3.0) == [5.0]
    assert resolved(found) == 0


@pytest.mark.parametrize(("share", "figure"), [(0.5, 2.0), (0.95, 4.0), (0.25, 1.0), (0.0, 1.0)])
def test_a_percentile_is_one_of_the_figures(share: float, figure: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], share) == figure


def test_no_figures_have_no_percentile() -> None:
    assert percentile([], 0.95) is None
