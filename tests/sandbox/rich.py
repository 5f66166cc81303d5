"""Notices with every part a card can have, and phones in every state, for looks at pages."""

from typing import Any

from sandbox.arrivals import write_line
from sandbox.phone import Traits, block, set_traits
from sandbox.phones import make_phones
from sandbox.pictures import PNG, keep_picture
from sandbox.store import Store
from sandbox.talks import say
from tests.sandbox.images import png
from tests.sandbox.received import HANA, KEY, receive

CALLER = "0220410100"
TALKS, BLOCKED, OFF, EMPTY = "01000001002", "01000001003", "01000003005", "01000001006"
LONG = "\n".join(f"제{n}조 지급하지 않는 사유는 약관 {n}쪽에 있습니다." for n in range(1, 16))
TITLED: dict[str, Any] = {
    "templateMessageType": "MI",
    "templateEmphasizeType": "TEXT",
    "templateTitle": "상품이 출발했습니다\\s",
    "templateSubtitle": "주문번호 A-20417",
    "templateExtra": "* 적립금은 1년 동안 쓸 수 있습니다.",
    "buttons": [
        {"type": "AC", "name": "채널 추가"},
        {"type": "DS", "name": "배송 조회"},
        {"type": "WL", "name": "주문 보기", "linkMo": "https://shop.test/o/1"},
    ],
}
LISTED: dict[str, Any] = {
    "templateEmphasizeType": "ITEM_LIST",
    "templateHeader": "결제가 완료되었습니다",
    "templateItemHighlight": {"title": "52,800원 결제", "description": "한빛상회 온라인"},
    "templateItem": {
        "list": [
            {"title": "주문번호", "description": "A-20417"},
            {"title": "상품", "description": "햇멸치 선물 세트 외 1건"},
        ],
        "summary": {"title": "합계", "description": "52,800원"},
    },
    "templateRepresentLink": {"linkMo": "https://shop.test/d/7Kq2"},
    "buttons": [{"type": "BC", "name": "상담하기", "chatExtra": "ab" * 16}],
    "quickReplies": [{"type": "BK", "name": f"바로 답하기 {n}"} for n in range(5)],
}


def furnish(store: Store) -> None:
    """Every kind of line on some phone."""
    saved = keep_picture(store, ("k", "mms"), "쿠폰.png", PNG, png(400, 200)).path
    receive(store, f"{LONG}\n한진택배 123456789012", parts=TITLED, title="상품이 출발했습니다")
    receive(store, "영수증은 https://shop.test/r 에서", parts=LISTED)
    receive(store, "인증번호 482016", parts={"securityFlag": True, "templateImageUrl": saved})
    _fail(store, HANA)
    files = {"attachFileList": [{"fileName": "쿠폰.png", "saveFileName": saved.split("/")[-1]}]}
    receive(store, "대신 온 문자", HANA, "sms", CALLER, files, "예약 안내")
    _talk(store)
    receive(store, "안내", BLOCKED, parts=LISTED)
    block(store, BLOCKED, KEY)
    receive(store, "안내", "01000003019", "sms", CALLER)
    receive(store, "안내", OFF)
    receive(store, "다른 방", OFF, sender="b" * 40)
    receive(store, "문자", OFF, "sms", CALLER)
    set_traits(store, OFF, Traits(on=False))


def _fail(store: Store, number: str) -> None:
    """A notice that failed just now."""
    make_phones(store, [number])
    store.run(
        "INSERT INTO message (number, app, sender, kind, text, account, created_at, result,"
        " result_at) VALUES (?, 'chat', ?, 'alimtalk', 'x', 'k', ?, '3020', ?)",
        (number, KEY, store.now(), store.now()),
    )


def _talk(store: Store) -> None:
    """A talk with a file, a line under way and one that did not go."""
    waits = say(store, TALKS, KEY, "지난번 상자는 이렇게 왔어요")
    file = {"file_url": "https://shop.test/a.pdf", "file_name": "확인서.pdf", "file_size": 84_000}
    with store.tx():
        write_line(store, (TALKS, KEY, "say"), "불편을 드려 죄송합니다")
        write_line(store, (TALKS, KEY, "say"), "", payload=file)
    lost = say(store, TALKS, KEY, "네, 고맙습니다!")
    store.run("UPDATE outbox SET tries = 3, due_at = due_at + 600000 WHERE line = ?", (waits.id,))
    store.run("DELETE FROM outbox WHERE line = ?", (lost.id,))
    store.run("UPDATE message SET result = 'unsent' WHERE id = ?", (lost.id,))
