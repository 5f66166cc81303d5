"""Stand-ins always fill the template they are for."""

from typing import Any

import pytest

from templates.files import load, starters
from templates.reading import read_template
from templates.samples import stand_ins

TEXT: dict[str, Any] = {"code": "t", "name": "n", "content": "#{고객 이름} 님 #{금액}원"}
LIST: dict[str, Any] = TEXT | {
    "emphasis": "ITEM_LIST",
    "items": [{"title": "가", "description": "#{긴}"}, {"title": "나", "description": "다"}],
    "summary": {"title": "합계", "description": "#{금액}원"},
    "buttons": [{"kind": "WL", "name": "a", "url_mobile": "https://a.example/#{고객 이름}"}],
}


@pytest.mark.parametrize(
    ("form", "known", "wanted"),
    [
        (TEXT, {}, {"고객 이름": "고객 이름", "금액": "금액"}),
        (TEXT, {"금액": "3,000", "옛것": "x"}, {"고객 이름": "고객 이름", "금액": "3,000"}),
        (LIST, {}, {"고객 이름": "1", "금액": "1", "긴": "1"}),
        (LIST, {"금액": "3,000"}, {"고객 이름": "1", "금액": "3,000", "긴": "1"}),
        (LIST, {"금액": "많이"}, {"고객 이름": "1", "금액": "1", "긴": "1"}),
        (TEXT | {"content": "#{😀}"}, {}, {"😀": "1"}),  # its name cannot travel in an SMS
        (TEXT | {"content": "#{😀} #{가}"}, {"가": "나"}, {"😀": "1", "가": "나"}),
        (TEXT | {"content": "그냥"}, {"가": "나"}, {}),
    ],
)
def test_stand_ins(form: dict[str, Any], known: dict[str, str], wanted: dict[str, str]) -> None:
    assert stand_ins(read_template(form), known) == wanted


@pytest.mark.parametrize("name", ["order_shipped", "refund_completed"])
def test_a_good_sample_is_kept(name: str) -> None:
    template, sample = load(starters()[name])[:2]
    assert stand_ins(template, sample) == sample
    assert stand_ins(template).keys() == sample.keys()
