"""The matcher: what fits a template, and that it never takes long."""

import time

import pytest

from sandbox.nhn.matching import fill, fits, items_fit, links_fit, variables


@pytest.mark.parametrize(
    ("template", "text", "does"),
    [
        ("안녕하세요", "안녕하세요", True),
        ("안녕하세요", "안녕하세요.", False),
        ("#{이름}님", "하나님", True),
        ("#{이름}님", "님", True),
        ("#{이름}님", "하나씨", False),
        ("가#{a}나#{b}다", "가1나2다", True),
        ("가#{a}나#{b}다", "가1다2나", False),
        ("가#{a}가", "가", False),
        ("가#{a}가", "가가", True),
        ("#{a}#{b}", "무엇이든", True),
        ("첫 줄\r\n#{a}", "첫 줄\n둘째 줄", True),
        ("값: #{09:50}", "값: 지금", True),
        ("", "", True),
        ("", "x", False),
    ],
)
def test_fits(template: str, text: str, does: bool) -> None:
    assert fits(template, text) is does


def test_forty_variables_on_a_long_text_are_linear() -> None:
    template = "#{a} " * 40 + "끝"
    started = time.perf_counter()
    assert not fits(template, " " * 1_300)
    assert time.perf_counter() - started < 20  # lazy groups of a regular expression need minutes


def test_fill_and_variables() -> None:
    assert fill("#{이름}님 #{남}", {"이름": "하나"}) == "하나님 #{남}"
    assert variables("#{가}#{나}", "#{가}") == {"가", "나"}


def test_items_and_links() -> None:
    rows = {"list": [{"title": "상품", "description": "#{상품}"}]}
    assert items_fit(rows, {"list": [{"title": "상품", "description": "멸치"}]})
    assert not items_fit(rows, {"list": [{"title": "물건", "description": "멸치"}]})
    assert not items_fit(rows, None)
    assert links_fit({"linkMo": "https://a/#{b}"}, {"linkMo": "https://a/1"})
    assert not links_fit({"linkMo": "https://a/#{b}"}, {})
