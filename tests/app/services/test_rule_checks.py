"""What a rule bot's file says between its parts."""

from app.services import rule_checks, rule_files
from templates.findings import Severity


def test_every_rule_has_words_in_both_languages() -> None:
    for words in rule_checks.WORDS.values():
        assert len(words) == 4
        assert all(words)


def test_what_only_a_voice_menu_or_a_keyword_leads_to_is_reached() -> None:
    text = """
[menus.start]
text = "가"
[menus.a]
text = "가"
choices = [{label = "나", go = "b"}]
[menus.b]
text = "가"
[menus.c]
text = "가"
[menus.d]
text = "가"
[[keywords]]
words = ["가나"]
go = "c"
[voice]
"배송" = "a"
"""
    rules, findings = rule_files.examine(text)
    assert [(one.field, one.severity) for one in findings] == [("menus.d", Severity.WARNING)]
    assert rule_checks.check(rules)[0].rule == "unreachable"


def test_a_word_of_two_places_is_named() -> None:
    found = rule_checks.twice("keywords[1].words", "환불")
    assert "환불" in found.message_ko
    assert found.field == "keywords[1].words"
