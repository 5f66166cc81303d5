"""Files: the packaged ones hold together, and what is wrong with one is told with its place."""

from pathlib import Path

import pytest

from sandbox.scenarios.library import built_in
from sandbox.scenarios.shape import BadScenario, line_of, parse

ROOT = Path(__file__).parents[2]
GOOD = """title = "가"
[traffic]
template = "order_shipped"
count = 10

[[steps]]
after_s = 1
[steps.chaos]
rules = [{ effect = "drip" }]

[[steps]]
after_accepted = 0.5
settings = { result_delay_s = 2 }

[[expect]]
what = "arrived"
is = 1
"""


@pytest.mark.parametrize("name", sorted(built_in()))
def test_a_packaged_file_says_what_it_is_in_both_languages_and_can_fail(name: str) -> None:
    one = built_in()[name].scenario
    assert all((one.title, one.title_en, one.about, one.about_en))
    assert {"arrived", "doubled", "lost"} <= {expect.what for expect in one.expect}
    assert all(expect.most < 100 or expect.least > 0 for expect in one.expect)
    assert all(step.title and step.title_en for step in one.steps)


@pytest.mark.parametrize("name", sorted(built_in()))
def test_a_packaged_file_asks_for_a_starter_there_is(name: str) -> None:
    template = built_in()[name].scenario.traffic.template
    assert (ROOT / "templates" / "starters" / f"{template}.toml").exists()


def test_the_example_of_the_docs_is_one() -> None:
    told = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
    assert parse(told.partition("```toml\n")[2].partition("```")[0]).steps


@pytest.mark.parametrize(
    ("old", "new", "field", "line"),
    [
        ('title = "가"', 'title = "가', "toml", 1),
        ("count = 10", "count = 0", "traffic.count", 4),
        ("count = 10", 'count = "x"', "traffic.count", 4),
        ("count = 10", "count = 10\ncounts = 1", "traffic.counts", 5),
        ("count = 10", "count = 10\n[town]\nno_kakao = 0.6\noff = 0.6", "town", 5),
        ("after_s = 1", "after_s = -1", "steps.0.after_s", 7),
        ("after_s = 1", "after_s = 1\nafter_accepted = 1", "steps.0", 6),
        ("after_accepted = 0.5", "after_accepted = 1.5", "steps.1.after_accepted", 12),
        ('{ effect = "drip" }', '{ effect = "drop" }', "steps.0.chaos.rules.0.effect", 9),
        ("result_delay_s = 2", "result_delay = 2", "steps.1.settings.result_delay", 13),
        ("result_delay_s = 2", "result_delay_s = 6000", "steps.1.settings.result_delay_s", 13),
        ('what = "arrived"', 'what = "happy"', "expect.0.what", 16),
        ("is = 1", "is = 1\nat_most = 1", "expect.0", 15),
        ("is = 1", "within = [0.5, 0.1]", "expect.0", 15),
        ("is = 1", "", "expect.0", 15),
        ('template = "order_shipped"', 'template = "../x"', "traffic.template", 3),
        ('title = "가"', 'titel = "가"', "title", None),
        ("[traffic]", "[clock]\nrate = 4000\n[traffic]", "clock.rate", 3),
        ("[traffic]", "[clock]\nat = 2030-01-01T00:00:00\n[traffic]", "clock.at", 3),
        ('[[expect]]\nwhat = "arrived"\nis = 1', "", "expect", None),
    ],
)
def test_what_is_wrong_is_told_with_its_field_and_line(
    old: str, new: str, field: str, line: int | None
) -> None:
    parse(GOOD)
    assert old in GOOD
    with pytest.raises(BadScenario) as bad:
        parse(GOOD.replace(old, new))
    assert (bad.value.field, bad.value.line) == (field, line)
    assert str(bad.value).startswith(f"{line}번째 줄" if line else field)


@pytest.mark.parametrize("key", ["a" + ".a" * 30_000, '"a".' * 9_000 + "a", "1.1." * 9_000 + "1"])
@pytest.mark.parametrize("form", ["{} = 1", "[{}]", "x = {{ {} = 1 }}"])
def test_a_key_of_many_parts_is_refused_at_once(key: str, form: str) -> None:
    with pytest.raises(BadScenario, match="dots"):
        parse('title = "가"\n' + form.format(key))


def test_many_rules_on_one_line_are_no_such_key() -> None:
    rules = ", ".join(["{ effect = 'drip', probability = 0.25, account = 'a.b.c' }"] * 100)
    assert parse(GOOD + f"[chaos]\nrules = [{rules}]\n").chaos


@pytest.mark.parametrize("text", ["", "x" * 70_000, "a = " + "[" * 5_000, "\x00", "title = 1"])
def test_what_is_no_scenario_is_refused(text: str) -> None:
    with pytest.raises(BadScenario):
        parse(text)


def test_the_line_of_a_table_stands_for_what_is_in_it() -> None:
    assert line_of(GOOD, ("chaos", "rules", 3)) == 9
    assert line_of(GOOD, ("nowhere",)) is None
