"""Reasons in plain words, in both languages."""

import re
from itertools import chain

import click
import pytest

from app.cli import main as naru
from app.services.explanations import ACTIONS, EXPLANATIONS, action, explain
from channels.vocabulary import Reason

HANGUL = re.compile("[가-힣]")
COMMAND = re.compile("`naru ([a-z ]+)")


@pytest.mark.parametrize("reason", EXPLANATIONS)
def test_every_reason_is_a_sentence_in_each_language(reason: str) -> None:
    korean, english = explain(reason), explain(reason, "en")
    assert HANGUL.search(korean)
    assert not HANGUL.search(english)
    assert korean.endswith(".")
    assert english.endswith(".")
    assert explain(reason, "ko") == korean


@pytest.mark.parametrize("reason", EXPLANATIONS)
def test_every_reason_says_what_to_do_in_each_language(reason: str) -> None:
    korean, english = action(reason), action(reason, "en")
    assert HANGUL.search(korean)
    assert not HANGUL.search(english)
    assert korean.endswith(".")
    assert english.endswith(".")
    assert explain(reason) != korean
    assert explain(reason, "en") != english


def test_nobody_is_without_words() -> None:
    ours = {"parked", "outside_window", "no_way", "stopped_account"}
    assert EXPLANATIONS.keys() == ACTIONS.keys()
    assert EXPLANATIONS.keys() >= {*Reason, *ours}


def test_commands_to_type_exist() -> None:
    shown = COMMAND.findall(" ".join(chain.from_iterable(ACTIONS.values())))
    assert len(shown) > 4
    for words in shown:
        group, *rest = words.split()
        command = naru.commands[group]
        if rest and isinstance(command, click.Group):
            assert rest[0] in command.commands


def test_reasons_are_told_apart() -> None:
    for lang in ("ko", "en"):
        assert len({explain(reason, lang) for reason in EXPLANATIONS}) == len(EXPLANATIONS)


@pytest.mark.parametrize("reason", [None, "", "of_tomorrow"])
def test_without_a_known_reason_there_are_no_words(reason: str | None) -> None:
    assert explain(reason) == explain(reason, "en") == ""
    assert action(reason) == action(reason, "en") == ""
