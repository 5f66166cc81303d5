"""What an account of each provider must or may be told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Credential:
    """One thing an account must or may be told.

    ``address``: it names the provider's own address, so a given base URL stands in for it.
    ``document``: a whole file, of which no header or address holds more than parts.
    """

    name: str
    help_ko: str
    help_en: str
    required: bool = True
    secret: bool = True
    address: bool = False
    document: bool = False


NHN = (
    Credential("app_key", "알림톡(KakaoTalk Bizmessage) 앱 키", "KakaoTalk Bizmessage app key"),
    Credential("secret_key", "알림톡 비밀 키", "KakaoTalk Bizmessage secret key"),
    Credential("sms_app_key", "문자(SMS) 앱 키", "SMS app key"),
    Credential("sms_secret_key", "문자(SMS) 비밀 키", "SMS secret key"),
    Credential(
        "webhook_signature",
        "콘솔의 웹훅 설정에 적은 서명. 비워 두면 주소의 비밀 값만으로 지킵니다.",
        "The signature entered in the console's webhook settings; optional",
        required=False,
    ),
)

CONSULT = (
    Credential("client_id", "허브가 준 HT-Client-Id", "HT-Client-Id given by the hub"),
    Credential("client_secret", "허브가 준 HT-Client-Secret", "HT-Client-Secret given by the hub"),
    Credential(
        "hub_url",
        "상담톡 딜러사의 API 주소 (https://…)",
        "The consultation dealer's API address (https://…)",
        secret=False,
        address=True,
    ),
    Credential(
        "no_session_codes",
        "열린 상담이 없을 때 허브가 주는 결과 코드, 쉼표로 구분",
        "Result codes the hub gives when no chat is open, separated by commas",
        required=False,
        secret=False,
    ),
    Credential(
        "block_path",
        "고객을 차단하는 허브 API의 경로. 비워 두면 나루에서만 차단합니다.",
        "The path of the hub's call that blocks a customer; without it only Naru blocks",
        required=False,
        secret=False,
    ),
    Credential(
        "unblock_path",
        "차단을 푸는 허브 API의 경로. block_path와 함께 적습니다.",
        "The path of the hub's call that lifts a block; goes with block_path",
        required=False,
        secret=False,
    ),
)

RELAY = (
    Credential(
        "relay_url",
        "중계 서버의 주소 (https://…)",
        "The relay's address (https://…)",
        secret=False,
        address=True,
    ),
    Credential("key", "중계 서버가 준 키", "The key given by the relay"),
    Credential("signing_secret", "콜백 서명 비밀 값", "The secret that signs callbacks"),
    Credential(
        "idempotency",
        "응답을 잃었을 때 중계 서버가 할 수 있는 것: dedupe, look_up, window_look_up, blind(기본)",
        "What the relay offers for a lost answer: dedupe, look_up, window_look_up or blind "
        "(default)",
        required=False,
        secret=False,
    ),
    Credential(
        "dedupe_ttl_s",
        "dedupe: 받은 참조를 기억하는 시간(초)",
        "dedupe: how long an accepted reference is remembered, in seconds",
        required=False,
        secret=False,
    ),
    Credential(
        "window_s",
        "window_look_up: 앞뒤로 더 보는 시간(초), 기본 60",
        "window_look_up: seconds to spare around the time of sending, 60 unless given",
        required=False,
        secret=False,
    ),
    Credential(
        "level",
        "중계 서버가 알려 주는 가장 먼 단계: delivered(기본), read, acknowledged",
        "The furthest the relay reports: delivered (default), read or acknowledged",
        required=False,
        secret=False,
    ),
)

SOLAPI = (
    Credential("api_key", "SOLAPI API 키", "SOLAPI API key"),
    Credential("api_secret", "SOLAPI API 시크릿", "SOLAPI API secret"),
    Credential(
        "caller",
        "알림톡에 함께 적을, SOLAPI에 등록한 발신번호",
        "A caller number registered at SOLAPI, to be named with Alimtalk",
        required=False,
        secret=False,
    ),
)

FCM = (
    Credential(
        "service_account",
        "Firebase 서비스 계정의 키 파일(JSON) 내용 전체",
        "The whole key file (JSON) of a service account of the Firebase project",
        document=True,
    ),
)
