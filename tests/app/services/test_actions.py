"""The table of actions: each has a rule, words for its refusal, and a way out."""

from typing import Any

from app.db.models import TemplateRegistration
from app.ids import new_id
from app.services.actions import RULES, STOPS
from channels.vocabulary import ReviewAction


def row(**axes: Any) -> TemplateRegistration:
    ids: dict[str, Any] = {f"{name}_id": new_id() for name in ("workspace", "account", "sender")}
    return TemplateRegistration(code="c", version_id=new_id(), **ids, **axes)


def test_every_action_a_person_may_ask_for_has_words() -> None:
    """Edits come by PUT, deletions by DELETE: they have rules of their own."""
    assert set(RULES) == set(ReviewAction) - {ReviewAction.EDIT, ReviewAction.DELETE}
    for rule in RULES.values():
        assert rule.refusal.endswith(".")
        assert rule.instead.endswith(".")


def test_a_resume_undoes_a_stop_that_was_not_asked_yet() -> None:
    assert {"stop", "resume"} == STOPS
    asked = row(inspection="approved", usage="normal", action="stop")
    assert RULES[ReviewAction.RESUME].fits(asked)
    assert not RULES[ReviewAction.RESUME].fits(row(inspection="approved", usage="normal"))
