"""Warnings: what reviewers, phones or customers will probably mind. As in the table of errors."""

WORDS: dict[str, tuple[str, str, str, str]] = {
    "no_courier": (
        "배송 조회 버튼이 있지만 본문에 카카오톡이 아는 택배사 이름이 없어 버튼이 보이지 않습니다.",
        "The body names no courier that KakaoTalk knows: the tracking button will not be shown.",
        "본문에 택배사 이름을 적어 주세요. 예: {detail}",
        "Name the courier in the body, such as {detail}.",
    ),
    "courier_unsupported": (
        "{detail}은(는) 카카오톡 배송 조회가 되지 않습니다. 버튼 없이 발송됩니다.",
        "KakaoTalk does not track {detail}: the button will silently not be shown.",
        "배송 조회(DS) 대신 택배사의 조회 주소로 가는 웹 링크(WL) 버튼을 쓰세요.",
        "Use a web link (WL) to the courier's own page instead of the DS button.",
    ),
    "no_invoice": (
        "배송 조회 버튼이 있지만 본문에 송장번호가 없어 버튼이 보이지 않습니다.",
        "The body holds no invoice number: the tracking button will not be shown.",
        "택배사 이름 곁에 #{{송장번호}}처럼 송장번호 변수를 두세요.",
        "Put a variable such as #{{송장번호}} beside the courier's name.",
    ),
    "invoice_form": (
        "송장번호가 택배사의 형식과 달라 배송 조회 버튼이 보이지 않을 수 있습니다: {detail}",
        "The invoice number is not in the courier's form, the button may not show: {detail}",
        "송장번호를 이 자릿수로 적어 주세요(A는 영문 대문자): {detail}",
        "Write the number with these digits (A is a capital letter): {detail}",
    ),
    "ad_words": (
        "광고로 보일 수 있는 말이 있습니다: {detail}. 알림톡 검수에서 반려될 수 있습니다.",
        "It holds words of advertising: {detail}. Reviewers may reject the notice.",
        "고객이 이미 한 거래에 꼭 필요한 말이 아니면 빼고, 광고라면 알림톡이 아닌 수단으로 "
        "보내세요.",
        "Leave them out unless the customer's own transaction needs them; send advertising "
        "by other means.",
    ),
    "ad_unmarked": (
        "광고 문자는 (광고)로 시작해야 합니다.",
        "An advertising text message must begin with (광고).",
        "맨 앞에 (광고)를 그대로 적어 주세요. [광고]나 (광 고)는 안 됩니다.",
        "Put (광고) in front, just so; [광고] and (광 고) do not count.",
    ),
    "no_opt_out": (
        "광고 문자는 무료 수신거부 번호로 끝나야 합니다.",
        "An advertising text message must end with the free number to refuse more.",
        "끝에 '무료수신거부 080-000-0000'처럼 적어 주세요.",
        "End it with '무료수신거부 080-000-0000', with your own number.",
    ),
    "no_sender": (
        "누가 보냈는지 첫머리에 없습니다.",
        "Its beginning does not say who sends it.",
        "[상호]처럼 대괄호에 보내는 곳의 이름을 넣어 시작해 주세요.",
        "Begin with the sender's name in brackets, as in [상호].",
    ),
    "starts_with_variable": (
        "본문이 변수로 시작합니다. 검수에서 반려될 수 있습니다.",
        "The body begins with a variable; reviewers may reject it.",
        "변수 앞에 [상호]나 무슨 안내인지를 적어 주세요.",
        "Put the sender's name, or what the notice is about, before it.",
    ),
    "mostly_variables": (
        "고정된 글자가 {count}자뿐입니다. 변수가 이만큼이면 {limit}자는 있어야 무슨 안내인지 "
        "알 수 있습니다.",
        "Only {count} fixed letters; with so many variables {limit} are needed to see what it "
        "is about.",
        "변수로 비워 둔 문장을 고정된 문구로 적어 주세요.",
        "Write out the sentences that now hide in variables.",
    ),
    "adjacent_variables": (
        "변수가 글자 없이 붙어 있습니다({count}곳). 승인된 문구와 맞추어 볼 때 경계를 알 수 "
        "없습니다.",
        "Variables stand side by side without text ({count} places): no telling where one ends.",
        "사이에 글자나 줄바꿈을 두거나 변수 하나로 합쳐 주세요.",
        "Put words or a line break between, or make them one variable.",
    ),
    "variable_in_host": (
        "링크의 도메인에 변수가 있습니다. 어디로 가는지 검수자가 알 수 없습니다.",
        "The host of the link holds a variable: reviewers cannot see where it leads.",
        "도메인은 고정하고 변수는 그 뒤의 경로에만 쓰세요.",
        "Fix the host, and use variables in the path only.",
    ),
    "no_host": (
        "링크에 온전한 도메인이 없습니다: {detail}",
        "The link has no public host: {detail}",
        "https:// 뒤에 shop.example.com 같은 도메인을 적어 주세요.",
        "Put a host such as shop.example.com after https://.",
    ),
    "may_overflow": (
        "변수를 가장 길게 채우면 {count}자입니다. {limit}자를 넘으면 발송되지 않습니다.",
        "Filled at its longest it has {count} characters; over {limit} it cannot be sent.",
        "고정된 문구를 줄이거나, 변수 값의 최대 길이를 줄여 주세요.",
        "Shorten the fixed words, or allow shorter values.",
    ),
    "may_overflow_bytes": (
        "변수를 가장 길게 채우면 {count}바이트입니다. {limit}바이트를 넘으면 발송되지 않습니다.",
        "Filled at its longest it takes {count} bytes; over {limit} it cannot be sent.",
        "문자용으로 더 짧은 문구를 적거나, 변수 값의 최대 길이를 줄여 주세요.",
        "Give a shorter text for SMS, or allow shorter values.",
    ),
    "needs_security": (
        "인증번호나 비밀번호가 나가는데 보안 템플릿이 아닙니다: {detail}",
        "It carries a one-time code or password, but is no security template: {detail}",
        "security를 true로 하세요. 아이템 리스트형이라면 다른 강조 유형으로 바꾸어야 합니다.",
        "Set security to true; an item list must first become another emphasis.",
    ),
    "sample_over_length": (
        "예시 값이 {count}자로, lengths에 적은 {limit}자보다 깁니다.",
        "The sample has {count} characters, more than the {limit} of lengths.",
        "lengths의 수를 늘리거나 예시 값을 줄여 주세요.",
        "Raise the number in lengths, or shorten the sample.",
    ),
    "length_unknown": (
        "템플릿에 없는 변수의 길이입니다.",
        "A length for a variable the template does not have.",
        "이름을 본문과 똑같이 고치거나 지워 주세요. 띄어쓰기도 구별합니다.",
        "Spell it as in the template (blanks count), or delete it.",
    ),
}
