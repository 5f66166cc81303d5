"""Words of advertising that reviewers look for in a notice, and where they are none.

Alimtalk is for what a customer must know of a deal already made; offers, events and anything that
invites to buy are refused (a vendor's summary of Kakao's review guide, groobee.net/?p=25565, read
2026-11-27: coupons and points may be told where the ground for them is stated, as may their
expiry). Kakao publishes no list of words: this one is ours.
"""

import re
from collections.abc import Iterator, Mapping

# word → phrases in which it is none of advertising; a blank in them may be left out in the text
WORDS: Mapping[str, tuple[str, ...]] = {
    "할인": (
        "할인 금액", "할인액", "할인 전 금액", "할인 후 금액", "할인 적용 금액", "할인 내역",
        "쿠폰 할인:", "할인율:", "총 할인", "할인 합계", "어음 할인", "분할인", "관할인", "역할인",
    ),
    "쿠폰": (
        "쿠폰 소멸", "쿠폰 만료", "쿠폰 유효 기간", "쿠폰 사용 기한", "쿠폰 번호", "쿠폰 할인:",
        "쿠폰 사용 내역", "쿠폰 반환", "쿠폰 복원", "사용 쿠폰:", "쿠폰명:", "쿠폰 환불",
    ),
    "이벤트": (
        "이벤트 홀", "이벤트 번호", "이벤트 코드", "이벤트 아이디", "이벤트 ID", "이벤트 로그",
        "이벤트 발생", "보안 이벤트", "장애 이벤트", "시스템 이벤트", "이벤트 유형", "이벤트 시각",
    ),
    "특가": ("특가법",),
    "무료": (
        "무료 수신 거부", "무료 거부", "무료 주차", "무료 전화", "무료 반품", "무료 교환",
        "무료 취소", "배송비 무료", "배송비: 무료", "무료 배송", "수수료 무료", "수수료: 무료",
        "무료 법률", "무료 접종", "무료 예방 접종", "무료 검진", "무료 체험 종료",
        "무료 기간 종료",
    ),
    "혜택": ("세제 혜택", "세금 혜택", "보장 혜택", "혜택 종료", "혜택 소멸", "혜택 만료"),
    "적립": (
        "적립금", "적립되", "적립 되", "적립 안내", "적립 내역", "적립 예정", "적립 완료", "적립일",
        "적립 일시", "적립 취소", "적립식", "적립 포인트", "포인트 적립", "적립:", "적립하신",
        "적립 사유", "적립 기준", "기적립", "적립 마일리지", "마일리지 적립",
    ),
    "프로모션": ("프로모션 코드",),
    "사은품": ("사은품 반품", "사은품 반환", "사은품 회수"),
    "경품": ("경품 배송", "경품 수령", "환경품", "안경품"),
    "선착순": ("선착순 마감", "선착순 접수"),
    "바겐세일": (), "타임세일": (), "정기세일": (), "최저가": (), "기획전": (), "핫딜": (),
    "타임딜": (), "1+1": (), "놓치지 마": (), "지금 구매": (),
}  # fmt: skip


def words(text: str) -> Iterator[tuple[str, int, int]]:
    """Every word of advertising in a text, with its place."""
    for found in _WORDS.finditer(text):
        if found["word"]:
            yield found["word"], found.start(), found.end()


def _spaced(phrase: str) -> str:
    return re.escape(phrase).replace(r"\ ", " ?")


# phrases first: where both begin, the longer one explains the word
_SPARED = sorted((p for phrases in WORDS.values() for p in phrases), key=len, reverse=True)
_WORDS = re.compile(f"{'|'.join(map(_spaced, _SPARED))}|(?P<word>{'|'.join(map(_spaced, WORDS))})")
