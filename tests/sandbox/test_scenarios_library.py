"""The packaged scenarios and a person's own."""

import pytest

from sandbox.scenarios.library import MOST_OWN, drop, find, keep, list_scenarios, name_of
from sandbox.scenarios.shape import BadScenario, parse
from sandbox.store import Store

OWN = 'title = "내 것"\ntitle_en = "{}"\n[traffic]\ntemplate = "t"\ncount = 5\n'
OWN += '[[expect]]\nwhat = "arrived"\nis = 1\n'


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("My own: trial!", "my_own_trial"),
        ("", "own_1"),
        ("연습", "own_1"),
        ("7 days", "own_1"),
        ("x" * 80, "x" * 40),
    ],
)
def test_the_name_comes_of_the_english_title(store: Store, title: str, name: str) -> None:
    assert name_of(store, parse(OWN.format(title))) == name
    assert keep(store, OWN.format(title)).name == name
    assert find(store, name) in list_scenarios(store)


def test_unnamed_ones_do_not_replace_each_other(store: Store) -> None:
    assert [keep(store, OWN.format("")).name for _ in range(3)] == ["own_1", "own_2", "own_3"]
    assert drop(store, "own_2")
    assert keep(store, OWN.format("")).name == "own_2"
    assert not drop(store, "own_9")


@pytest.mark.parametrize("title", ["Half the town", "Run", "Stop"])
def test_names_that_are_taken_are_refused(store: Store, title: str) -> None:
    with pytest.raises(BadScenario) as bad:
        keep(store, OWN.format(title))
    assert bad.value.field == "title_en"


def test_there_is_an_end_to_them(store: Store) -> None:
    for _ in range(MOST_OWN):
        keep(store, OWN.format(""))
    with pytest.raises(BadScenario, match="too many"):
        keep(store, OWN.format("One more"))
    store.run("UPDATE scenario SET name = 'again' WHERE name = 'own_7'")
    assert keep(store, OWN.format("Again")).name == "again"


def test_one_that_another_version_kept_does_not_close_the_desk(store: Store) -> None:
    store.run("INSERT INTO scenario VALUES ('odd', 'title = 1')")
    assert find(store, "odd") is None
    assert len(list_scenarios(store)) == 5
