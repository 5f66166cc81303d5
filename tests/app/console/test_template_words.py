"""Words of templates: every state, action and severity there is has some."""

from app.console import template_words as words
from app.services.standing import WORDS
from channels.vocabulary import ReviewAction
from templates.findings import Severity, finding


def test_every_state_has_words() -> None:
    assert set(words.STATES) == set(WORDS)
    assert set(words.SEVERITIES) == set(Severity)
    assert {str(action) for action in ReviewAction} | {"submit"} == set(words.ACTIONS)


def test_findings_speak_the_reader_s_language() -> None:
    found = [finding("", "too_large", limit=3)]
    korean, english = (words.told(found, one)[0].message for one in ("ko", "en"))
    assert korean != english
    assert "3" in english
