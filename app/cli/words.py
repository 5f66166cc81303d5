"""What the demonstration says, in Korean and English."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "start": (
        "나루를 켜요. 데이터는 {data}, 기록은 {log} 에 있어요.",
        "Starting Naru. Data is in {data}, logs in {log}.",
    ),
    "shop": (
        "작업 공간 '{name}', 테스트 키, 샌드박스 계정이 있어요.",
        "Workspace '{name}', a test key and sandbox accounts are there.",
    ),
    "ready": ("{name} 준비됨", "{name} is ready"),
    "seeded": (
        "샌드박스에 계정과 콜백 주소를 알렸어요.",
        "The sandbox knows the accounts and callback addresses.",
    ),
    "approved_before": ("템플릿 {count}개가 승인돼 있어요.", "{count} templates are approved."),
    "created": (
        "템플릿 {count}개를 만들고 검수를 요청했어요.",
        "Created {count} templates and asked for their review.",
    ),
    "in_review": ("검수 중: {code}", "In review: {code}"),
    "approve": ("데스크에서 승인: {code}", "Approved at the desk: {code}"),
    "approved": ("모두 승인됐어요.", "All are approved."),
    "demo-shipped": (
        "1/4 발송 안내 → 010-0000-1001, 카카오톡으로 도착",
        "1/4 Shipping notice → 010-0000-1001, arrives in KakaoTalk",
    ),
    "demo-paid": (
        "2/4 결제 안내 → 010-0000-3019, 카카오톡이 없어 문자로 대체",
        "2/4 Payment notice → 010-0000-3019, not on KakaoTalk: falls back to a text message",
    ),
    "demo-premium": (
        "3/4 긴 보험료 안내 → 010-0000-1002, 카카오톡으로 도착",
        "3/4 Long premium notice → 010-0000-1002, arrives in KakaoTalk",
    ),
    "talk": (
        "4/4 1번을 받은 고객이 상담 버튼을 눌러 묻고, 상담원이 답함",
        "4/4 The customer of 1 presses the consultation button and asks; staff answer",
    ),
    "before": ("   앞서 보낸 것이에요. 다시 보내지 않아요.", "   Sent earlier; not sent again."),
    "pressed": ("고객이 누름: {button}", "The customer pressed: {button}"),
    "tied": ("상담이 발송 안내({reference})에 이어졌어요", "The thread is tied to {reference}"),
    "customer": ("고객", "Customer"),
    "agent": ("상담원 {name}", "Staff, {name}"),
    "system": ("알림", "Note"),
    "bot": ("봇", "Bot"),
    "shown": ("고객의 전화기에 답이 보여요.", "The customer's phone shows the answer."),
    "late": (
        "{limit}초 안에 오지 않았어요: {what}. 기록: {log}",
        "Did not come within {limit} s: {what}. Logs: {log}",
    ),
    "not_delivered": (
        "{reference} 은(는) 도착하지 않았어요: {status} {reason}. 기록: {log}",
        "{reference} was not delivered: {status} {reason}. Logs: {log}",
    ),
    "console": ("콘솔", "Console"),
    "api": ("API", "API"),
    "docs": ("API 문서", "API docs"),
    "phones": ("전화기", "Phones"),
    "desk": ("데스크", "Desk"),
    "try": ("직접 보내 보세요:", "Send one yourself:"),
    "stop": ("Ctrl-C 로 멈춰요.", "Ctrl-C stops."),
    "question": (
        "배송지를 회사로 바꿀 수 있을까요?",
        "Could you send it to my office instead?",
    ),
    "answer": (
        "네, 오늘 오후 6시 전이면 바꿀 수 있어요. 회사 주소를 알려 주세요.",
        "Yes, until six this evening. What is the address?",
    ),
}


def say(lang: str, word: str, **values: object) -> str:
    """The sentence in ``ko`` or ``en`` with its values filled in."""
    korean, english = WORDS[word]
    return (english if lang == "en" else korean).format(**values)
