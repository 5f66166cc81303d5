"""What a press on a button, a quick reply or a bubble does, in plain words."""

from channels.bubble import Button, Links

# kind → (Korean, English); {place} is where it leads
WORDS: dict[str, tuple[str, str]] = {
    "WL": ("카카오톡 안에서 {place} 주소를 열어요.", "Opens {place} inside KakaoTalk."),
    "AL": (
        "앱을 열어요: {place}",
        "Opens an app: {place}",
    ),
    "DS": (
        "본문에 적힌 택배사와 송장번호로 배송 조회를 열어요.",
        "Opens the tracking of the courier and invoice number written in the text.",
    ),
    "BK": (
        "버튼 이름 '{place}'을(를) 채팅방에 말로 보내요.",
        "Says the button's name, '{place}', in the chat.",
    ),
    "MD": (
        "버튼 이름 '{place}'과(와) 본문을 채팅방에 보내요.",
        "Says the button's name, '{place}', and the text in the chat.",
    ),
    "BC": ("사람과의 상담을 열어요.", "Opens a chat with a person."),
    "BT": ("챗봇을 열어요.", "Opens a chat with the bot."),
    "AC": (
        "이 채널을 친구로 추가해요. 이미 친구에게는 보이지 않아요.",
        "Adds the channel as a friend. Friends do not see it.",
    ),
    "BF": ("비즈니스폼 {place}을(를) 열어요.", "Opens the business form {place}."),
    "P1": ("보안 이미지를 보여요.", "Shows the secured image."),
    "P2": ("개인정보 확인을 열어요.", "Opens the check of personal data."),
    "P3": ("원클릭 결제를 열어요: {place}", "Opens the one-click payment: {place}"),
    "TN": ("{place}번으로 전화를 걸어요.", "Calls {place}."),
}
OUTSIDE = ("카카오톡 밖에서 {place} 주소를 열어요.", "Opens {place} outside KakaoTalk.")
PLACES = ("url_mobile", "scheme_android", "scheme_ios", "url_pc")


def does(button: Button, lang: str) -> str:
    """One sentence in ``ko`` or ``en``."""
    words = OUTSIDE if button.kind == "WL" and button.target == "out" else WORDS[button.kind]
    return words[lang == "en"].format(place=_place(button))


def leads_to(links: Links, lang: str) -> str:
    """The same of a press on the bubble itself."""
    places = ", ".join(place for name in PLACES if (place := getattr(links, name)))
    return WORDS["WL"][lang == "en"].format(place=places)


def _place(button: Button) -> str:
    links: list[str] = [place for name in PLACES if (place := getattr(button, name))]
    if button.kind == "WL":
        return links[0]
    named = button.form_id or button.oneclick_id or button.product_id or button.phone
    return ", ".join(links) or named or button.name
