"""Hints: worth knowing, nothing to worry about. As in the table of errors."""

WORDS: dict[str, tuple[str, str, str, str]] = {
    "courier_variable": (
        "택배사 이름이 변수입니다. 값이 카카오톡이 아는 이름일 때만 배송 조회 버튼이 보입니다.",
        "The courier is a variable: the tracking button shows only for names KakaoTalk knows.",
        "값을 카카오톡이 아는 이름 그대로 넣어 주세요: {detail}",
        "Fill it with the very names KakaoTalk knows: {detail}",
    ),
    "line_only_variable": (
        "변수만 있는 줄이 있습니다({count}곳). 무엇이 들어가는지 검수자가 알 수 없습니다.",
        "A line holds a variable alone ({count} places): reviewers cannot see what it will say.",
        "'주문번호: '처럼 앞에 이름표를 붙여 주세요.",
        "Put a label before it, as in 'Order: '.",
    ),
    "variable_blanks": (
        "변수 이름의 앞이나 뒤에 공백이 있습니다: {detail}",
        "The variable's name begins or ends with a blank: {detail}",
        "이름 안쪽의 공백을 지워 주세요. 값도 똑같은 이름으로 주어야 합니다.",
        "Delete the blank; values must be given under the very same name.",
    ),
    "variable_lookalike": (
        "변수 이름에 다른 글자와 똑같아 보이거나 보이지 않는 글자가 있습니다: {detail}",
        "A variable's name holds letters that look like others, or like nothing: {detail}",
        "자판으로 다시 쳐서 보통 글자로 바꾸어 주세요.",
        "Type the name again with ordinary letters.",
    ),
    "variable_spellings": (
        "이름이 거의 같은 변수가 있습니다: {detail}",
        "Variables have almost the same name: {detail}",
        "같은 값이라면 한 가지 이름으로 통일해 주세요.",
        "If they are the same value, use one spelling.",
    ),
    "mapped_character": (
        "문자에는 없는 글자라 바꾸어 보냅니다({count}곳): {detail}",
        "SMS has no such character, another is sent instead ({count} places): {detail}",
        "그래도 좋으면 그대로 두고, 아니면 sms에 다른 글자로 적어 주세요.",
        "Leave it if you agree, else write the text for sms with other characters.",
    ),
    "dropped_character": (
        "보이지 않는 글자라 문자에서는 뺍니다({count}곳): {detail}",
        "An invisible character is left out of text messages ({count} places): {detail}",
        "복사할 때 딸려 온 글자이니 지워 주세요.",
        "It came along with copied text: delete it.",
    ),
    "spoilt_in_euc_kr": (
        "EUC-KR만 쓰는 제공자에서는 깨질 수 있는 글자입니다({count}가지): {detail}",
        "Providers limited to plain EUC-KR spoil these letters ({count} of them): {detail}",
        "문자 제공자가 확장 완성형(CP949)을 받는지 확인하거나 다른 말로 바꾸어 주세요.",
        "Ask whether your provider takes CP949, or choose other words.",
    ),
    "goes_as_lms": (
        "문자로 보내면 {count}바이트여서 LMS로 나갑니다. SMS는 {limit}바이트까지입니다.",
        "As a text message it takes {count} bytes and goes as LMS; an SMS holds {limit}.",
        "SMS로 보내려면 표시된 곳 앞에서 끝나게 sms의 문구를 줄여 주세요.",
        "For an SMS, let the text in sms end before the place shown.",
    ),
    "ellipsis": (
        "{count}자여서 전화기에서 말줄임표로 잘려 보일 수 있습니다: {detail}",
        "With {count} characters phones may cut it with an ellipsis: {detail}",
        "꼭 보여야 하는 말을 앞의 {limit}자 안에 두세요.",
        "Keep what must be seen within the first {limit}.",
    ),
    "first_time_value": (
        "새 발신 프로필에서는 변수 값이 {limit}자를 넘으면 발송되지 않습니다(지금 {count}자).",
        "A new sender profile may not send values over {limit} characters (this has {count}).",
        "첫 달 유료 발송 열 건이 지날 때까지 값을 {limit}자 안으로 보내세요.",
        "Keep it within {limit} until the profile has sent ten paid notices in its first month.",
    ),
    "plain_http": (
        "암호화되지 않은 http 링크입니다.",
        "The link is http, without encryption.",
        "https 주소가 있으면 바꾸어 주세요.",
        "Use https where the site has it.",
    ),
    "needs_channel_setting": (
        "{detail} 버튼은 카카오톡 채널에서 상담톡이나 챗봇을 켜 두어야 눌립니다.",
        "A {detail} button works only where the channel has consultation or a chatbot set up.",
        "채널 관리자센터에서 상담톡(BC)이나 챗봇(BK, BT)이 연결되어 있는지 확인해 주세요.",
        "Check at the channel's centre that consultation (BC) or a chatbot (BK, BT) is linked.",
    ),
    "blank_lines": (
        "빈 줄이 여러 번 이어집니다({count}곳).",
        "Blank lines follow each other ({count} places).",
        "빈 줄은 하나면 됩니다. 빈 줄도 글자 수에 들어갑니다.",
        "One is enough; they count as characters.",
    ),
    "trailing_blanks": (
        "줄 끝이나 글 끝에 공백이 있습니다({count}곳).",
        "Blanks stand at the end of lines or of the text ({count} places).",
        "지워 주세요. 보이지 않아도 승인된 문구와 한 글자도 다르면 안 됩니다.",
        "Delete them: unseen, they must still match the approved text exactly.",
    ),
    "emoji": (
        "이모지가 있습니다({count}개): {detail}. 검수에서 문제가 될 수 있고 문자로는 못 보냅니다.",
        "It holds emoji ({count}): {detail}. Reviewers may mind, and SMS cannot carry them.",
        "■, ▶, ※ 같은 기호로 바꾸어 주세요.",
        "Use signs such as ■, ▶ or ※.",
    ),
}
