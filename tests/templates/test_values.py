"""Samples and lengths: read from anything, names canonical, filled when the template is sound."""

from typing import Any

import pytest

from templates.reading import examine, read_template
from templates.values import names_of, read_lengths, read_sample
from tests.templates.rule_table import BASE, URL, WEB

TEMPLATE = read_template(
    {**BASE, "content": "[나루] #{이름} 님", "buttons": [WEB | {"url_mobile": URL + "#{번호}"}]}
)
GOOD = {"이름": "김나루", "번호": "1"}
DECOMPOSED = "\u110b\u1175\u1105\u1173\u11b7"  # 이름 as macOS types it


def test_all_names_are_known() -> None:
    assert names_of(TEMPLATE) == {"이름", "번호"}


def test_a_sample_that_fits() -> None:
    assert read_sample(TEMPLATE, GOOD, fill=True) == (GOOD, [])
    assert read_sample(TEMPLATE, {DECOMPOSED: "김나루", "번호": "1"}, fill=True) == (GOOD, [])


@pytest.mark.parametrize(
    ("sample", "field", "rule"),
    [
        (None, "sample.이름", "sample_missing"),
        (["이름"], "sample", "wrong_type"),
        (GOOD | {"이름": 7}, "sample.이름", "wrong_type"),
        (GOOD | {"이름": "a\x00"}, "sample.이름", "control_character"),
        (GOOD | {"성": "김"}, "sample.성", "sample_unknown"),
        (GOOD | {"\ud800": "김"}, "sample.\\ud800", "sample_unknown"),
        (GOOD | {"이름": "가" * 1_301}, "sample.이름", "sample_unsendable"),
        (GOOD | {"이름": "🎉"}, "sample.sms_text", "sample_unsendable"),
        (GOOD | {"번호": "1 2"}, "sample.buttons[0].url_mobile", "sample_unsendable"),
    ],
)
def test_samples_that_do_not(sample: object, field: str, rule: str) -> None:
    _, findings = read_sample(TEMPLATE, sample, fill=True)
    assert (field, rule) in {(one.field, one.rule) for one in findings}


def test_an_unsound_template_is_not_filled() -> None:
    assert read_sample(TEMPLATE, GOOD | {"이름": "🎉"}, fill=False)[1] == []


@pytest.mark.parametrize(
    ("lengths", "read", "rules"),
    [
        (None, {}, []),
        ({"이름": 0, "번호": 1_300}, {"이름": 0, "번호": 1_300}, []),
        ({DECOMPOSED: 3}, {"이름": 3}, []),
        ({"이름": 1_301}, {}, ["out_of_range"]),
        ({"이름": -1, "번호": 2}, {"번호": 2}, ["out_of_range"]),
        ({"이름": "3"}, {}, ["wrong_type"]),
        ({"이름": True}, {}, ["wrong_type"]),
        ({"성": 3}, {}, ["length_unknown"]),
        ([3], {}, ["wrong_type"]),
        ({3: 3}, {}, []),
    ],
)
def test_lengths(lengths: object, read: dict[str, int], rules: list[str]) -> None:
    told, findings = read_lengths(TEMPLATE, lengths)
    assert told == read
    assert [one.rule for one in findings] == rules


@pytest.mark.parametrize(
    "broken", [{"content": "#{a} #{b"}, {"content": 5}, {"buttons": [5]}, {"sms": "#{}"}]
)
def test_names_of_a_template_that_cannot_be_read(broken: dict[str, Any]) -> None:
    template, findings = examine({**BASE, "title": "#{이름}", **broken})
    assert findings
    assert names_of(template) == {"이름"}
