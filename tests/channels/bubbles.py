"""A bubble with every part there is, as a message carries it and as a template holds it."""

from dataclasses import fields, replace
from typing import Any

from channels.bubble import Button, Highlight, Item, Links
from channels.contract import Outgoing
from channels.management import TemplateForm

LINKS = Links(
    "https://shop.example/o/1", "https://shop.example/pc/1", "shop://android/1", "shop://ios/1"
)
BUTTONS = (
    Button("WL", "주문 보기", LINKS.url_mobile, LINKS.url_pc, target="out"),
    Button(
        "AL",
        "앱에서 보기",
        scheme_android=LINKS.scheme_android,
        scheme_ios=LINKS.scheme_ios,
    ),
    Button("DS", "배송조회"),
    Button("BK", "키워드"),
    Button("MD", "전달"),
    Button("BC", "상담하기", token="0f" * 16),
    Button("BT", "챗봇", token="1f" * 16, event="delivery"),
    Button("AC", "채널 추가"),
    Button("BF", "톡에서 예약하기", form_id="1001"),
    Button("P1", "보안 이미지", plugin_id="plugin-1", relay_id="relay-1"),
    Button("P2", "개인정보", plugin_id="plugin-2", relay_id="relay-2"),
    Button("P3", "결제", plugin_id="plugin-3", oneclick_id="one-1", product_id="product-1"),
    Button("TN", "전화 연결", phone="02-2041-0100"),
)
QUICK = (
    Button("WL", "자주 묻는 질문", LINKS.url_mobile, LINKS.url_pc, target="out"),
    Button("AL", "앱 열기", scheme_android=LINKS.scheme_android, scheme_ios=LINKS.scheme_ios),
    Button("BT", "챗봇에 묻기", token="2f" * 16, event="ask"),
    Button("BF", "톡에서 설문하기", form_id="1002"),
)
PARTS: dict[str, Any] = {
    "title": "출고 안내",
    "buttons": BUTTONS,
    "header": "주문 1234",
    "highlight": Highlight("김하나님의 주문", "오늘 출발", "https://img.example/t.png"),
    "items": (Item("상품", "사과 한 상자"), Item("송장", "123456789012")),
    "summary": Item("합계", "39,000원"),
    "quick_replies": QUICK,
    "link": LINKS,
}
FORM = TemplateForm(
    "ORDER_SHIPPED",
    "출고 안내",
    "#{이름}님, 상품이 출발했습니다.",
    message_type="MI",
    emphasis="ITEM_LIST",
    title="제목",
    subtitle="부제목",
    extra="고객센터 02-2041-0100",
    category="006001",
    security=True,
    buttons=tuple(replace(button, token="", relay_id="") for button in BUTTONS),
    header="주문 #{번호}",
    highlight=Highlight("#{이름}님의 주문", "오늘 출발"),
    items=PARTS["items"],
    summary=PARTS["summary"],
    quick_replies=tuple(replace(button, token="") for button in QUICK),
    link=LINKS,
)


def said(part: Any) -> set[str]:
    """Every text in a sample or in JSON, numbers as their digits."""
    if isinstance(part, str | int):
        return {str(part)} - {""}
    if isinstance(part, dict):
        return said(list(part.values()))
    return {text for inner in part or () for text in said(inner)}


def unused(sample: Outgoing | TemplateForm) -> set[str]:
    """Fields the sample leaves empty: it is whole when only the expected ones are."""
    return {f.name for f in fields(sample) if not getattr(sample, f.name)}
