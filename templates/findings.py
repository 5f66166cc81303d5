"""What is wrong with a template or a plan, in words for people and codes for programs."""

from collections.abc import Sequence
from dataclasses import dataclass

# rule → Korean, English; {limit}, {count} and {detail} are filled where a rule has them
RULES: dict[str, tuple[str, str]] = {
    "unknown_field": ("없는 항목입니다.", "There is no such field."),
    "required": ("꼭 필요한 항목입니다.", "This field is required."),
    "wrong_type": (
        "형식이 다릅니다: {detail}이(가) 필요합니다.",
        "Wrong type: {detail} is needed.",
    ),
    "too_long": (
        "{count}자입니다. {limit}자까지 쓸 수 있습니다.",
        "{count} characters; the limit is {limit}.",
    ),
    "too_many_bytes": (
        "{count}바이트입니다. {limit}바이트까지 보낼 수 있습니다.",
        "{count} bytes; the limit is {limit}.",
    ),
    "needs_sms_variant": (
        "문자로 보내면 {count}바이트입니다({limit}바이트까지). sms에 짧은 문구를 적어 주세요.",
        "As SMS it takes {count} bytes (limit {limit}): give a shorter text in sms.",
    ),
    "too_many": (
        "{count}개입니다. {limit}개까지 둘 수 있습니다.",
        "{count} given; the limit is {limit}.",
    ),
    "out_of_range": ("{detail} 사이의 값이어야 합니다.", "It must be within {detail}."),
    "bad_choice": ("다음 중 하나여야 합니다: {detail}", "It must be one of: {detail}"),
    "bad_format": ("쓸 수 있는 형식: {detail}", "The form must be: {detail}"),
    "control_character": (
        "보이지 않는 제어 문자가 있습니다: {detail}",
        "It holds control characters: {detail}",
    ),
    "bad_variable": ("변수 표기가 잘못되었습니다: {detail}", "A variable is malformed: {detail}"),
    "variable_not_allowed": ("변수를 쓸 수 없는 항목입니다.", "Variables are not allowed here."),
    "not_allowed": ("{detail}에는 쓸 수 없습니다.", "Not allowed with {detail}."),
    "needed_by": ("{detail}에는 꼭 필요합니다.", "{detail} needs it."),
    "bad_link": (
        "링크는 {detail}(으)로 시작하고 공백이 없어야 합니다.",
        "A link begins with {detail} and holds no blanks.",
    ),
    "app_links": (
        "앱 링크는 Android, iOS, 모바일 웹 주소 중 둘 이상이 필요합니다.",
        "An app link needs two of: Android scheme, iOS scheme, mobile URL.",
    ),
    "add_channel_first": (
        "채널 추가 버튼(AC)이 첫 번째에 있어야 합니다.",
        "The add-channel button (AC) must come first.",
    ),
    "add_channel_name": (
        "채널 추가 버튼의 이름은 '채널 추가'여야 합니다.",
        "The add-channel button must be named '채널 추가'.",
    ),
    "strike_through": (
        "제목은 \\s로 끝날 수 없습니다.",
        "The title may not end with \\s.",
    ),
    "not_encodable": (
        "문자로 보낼 수 없는 글자가 있습니다: {detail}",
        "SMS cannot carry these characters: {detail}",
    ),
    "ad_on_alimtalk": (
        "알림톡은 광고를 보낼 수 없습니다. 발송 순서에서 알림톡을 빼 주세요.",
        "Alimtalk carries no advertising: leave it out of the plan.",
    ),
    "window_empty": (
        "시작과 끝이 같습니다. 하루 종일은 00:00부터 24:00까지입니다.",
        "It ends when it begins. The whole day is 00:00 to 24:00.",
    ),
    "window_never_open": (
        "광고를 보낼 수 있는 시간(08:00–21:00)과 겹치지 않습니다.",
        "It is never open in the hours for advertising (08:00–21:00).",
    ),
    "bad_toml": ("TOML을 읽을 수 없습니다: {detail}", "The TOML cannot be read: {detail}"),
    "too_large": ("파일이 {limit}바이트를 넘습니다.", "The file is over {limit} bytes."),
    "sample_missing": ("예시 값이 없는 변수입니다.", "This variable has no sample value."),
    "sample_unknown": ("템플릿에 없는 변수입니다.", "The template has no such variable."),
    "sample_unsendable": (
        "예시 값을 넣으면 보낼 수 없습니다: {detail}",
        "Filled with its sample it cannot be sent: {detail}",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend. ``field`` is a path such as ``buttons[1].url_mobile``."""

    field: str
    rule: str
    message_ko: str
    message_en: str
    limit: int | None = None
    line: int | None = None  # of the file, from 1, where it is known


class TemplateProblem(ValueError):
    """A template or plan that cannot be used; ``findings`` name everything found, never empty."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(f"{f.field}: {f.message_en}" for f in findings))
        self.findings = tuple(findings)


def finding(
    field: str, rule: str, detail: str = "", *, limit: int | None = None, count: int | None = None
) -> Finding:
    """A finding of one rule of the table. Raises KeyError for a rule that is not there."""
    korean, english = (
        words.format(detail=detail, limit=limit, count=count) for words in RULES[rule]
    )
    return Finding(field, rule, korean, english, limit)
