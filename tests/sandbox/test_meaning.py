"""What all providers' readings share."""

from sandbox.documented import Text
from sandbox.meaning import Person, outcome, parsed, rows, sending, text


def test_json_or_nothing() -> None:
    assert [parsed(raw) for raw in (b"", b"{", b"[1]")] == [None, None, [1]]
    assert rows([{"a": 1}, 2, None]) == [{"a": 1}]
    assert rows({"a": 1}) == []
    assert list(map(text, (None, [1], 5, "x"))) == ["", "", "5", "x"]


def test_sentences_in_both_languages() -> None:
    kind = Text("알림톡", "Alimtalk")
    assert sending(kind, 1_000, [Text("예약", "later")]) == (
        "알림톡 1,000건, 예약",
        "1,000 × Alimtalk, later",
    )
    people = [Person("1"), Person("2", code="-1", why=Text("왜", "why"))]
    assert outcome(1, people) == ("1건 접수, 1건 거절 (-1: 왜)", "1 taken, 1 refused (-1: why)")
    assert outcome(2, people[:1]).ko == "2건 접수"
