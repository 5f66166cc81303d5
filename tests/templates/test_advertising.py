"""Words of advertising: found where they invite, spared where they tell of a deal already made."""

import pytest

from templates.advertising import WORDS, words


@pytest.mark.parametrize("word", WORDS)
def test_every_word_is_found_alone(word: str) -> None:
    text = f"오늘만 {word}!"
    assert list(words(text)) == [(word, 4, 4 + len(word))]


@pytest.mark.parametrize("word", WORDS)
def test_every_phrase_is_spared(word: str) -> None:
    for phrase in WORDS[word]:
        for text in (phrase, phrase.replace(" ", ""), f"가 {phrase} 나"):
            assert list(words(text)) == [], text


@pytest.mark.parametrize(
    "text",
    [
        "무료수신거부 080-000-0000",
        "[무료 거부] 080",
        "배송비: 무료",
        "할인금액: 3,000원",
        "관할인 경우와 분할인 경우, 환경품질",
        "포인트 적립 안내: 적립 예정 100점",
        "쿠폰 소멸 예정일",
        "업무 완료, 유료 주차",
        "서버 이벤트 로그",
    ],
)
def test_notices_that_are_none(text: str) -> None:
    assert list(words(text)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("봄맞이이벤트", ["이벤트"]),
        ("전 상품 할인 쿠폰 무료 증정", ["할인", "쿠폰", "무료"]),
        ("최대 5% 적립해 드려요", ["적립"]),
        ("할인금액은 3,000원, 다음 주문도 할인!", ["할인"]),
        ("#{할인}", ["할인"]),  # variables are masked by whoever asks
    ],
)
def test_advertising(text: str, found: list[str]) -> None:
    assert [word for word, _, _ in words(text)] == found
