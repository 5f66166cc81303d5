"""The calls NHN Cloud documents, with their fields, also those that are not played here.

Guides of 2026-06: "KakaoTalk Bizmessage > Alimtalk v2.3" and "SMS > v3.0". Keys are paths below
`/nhn`.
"""

from sandbox.documented import ANY, Form, Text, Tree, fields, names

BIZ, TEXTS = "/alimtalk/v2.3/appkeys/*", "/sms/v3.0/appKeys/*"
PAGE = "pageNum pageSize"
LINKS = "linkMo linkPc schemeIos schemeAndroid"
KEYS = "senderGroupingKey recipientGroupingKey"
PAIR = fields("title description")
PARTS: dict[str, Tree | None] = {
    "templateItem": fields(list=PAIR, summary=PAIR),
    "templateItemHighlight": fields("title description imageUrl"),
    "templateRepresentLink": fields(LINKS),
}
RESEND = fields("isResend resendType resendTitle resendContent resendSendNo resendUnsubscribeNo")
EXTRA = "ordering chatExtra chatEvent target"
BUTTON = fields(
    f"{EXTRA} type name {LINKS} bizFormId pluginId relayId oneClickId productId telNumber"
)
REPLY = fields(f"{EXTRA} type name {LINKS} bizFormId")
SENT = "senderKey templateCode requestDate senderGroupingKey createUser statsId"
OPTION = fields("price currencyType")
FULL = fields(
    SENT,
    messageOption=OPTION,
    recipientList=fields(
        "recipientNo content templateTitle templateHeader recipientGroupingKey",
        buttons=BUTTON,
        quickReplies=REPLY,
        resendParameter=RESEND,
        **PARTS,
    ),
)
FILLED = fields(
    SENT,
    messageOption=OPTION,
    recipientList=fields(
        "recipientNo recipientGroupingKey",
        templateParameter={ANY: None},
        resendParameter=RESEND,
        buttons=fields(f"{EXTRA} relayId oneClickId productId telNumber"),
        quickReplies=fields(EXTRA),
    ),
)
EDITED = fields(
    "templateName templateContent templateMessageType templateEmphasizeType templateExtra"
    " templateTitle templateSubtitle templateHeader templateImageName templateImageUrl"
    " securityFlag categoryCode",
    buttons=fields(f"ordering type name {LINKS} bizFormId pluginId telNumber"),
    quickReplies=fields(f"ordering type name {LINKS} bizFormId"),
    **PARTS,
)
REGISTERED = {"templateCode": None, **EDITED}
SHORT = fields(
    "templateId body sendNo requestDate senderGroupingKey userId statsId originCode useConversion",
    recipientList=fields(
        "recipientNo countryCode internationalRecipientNo recipientGroupingKey",
        templateParameter={ANY: None},
    ),
)
LONG = {**SHORT, **fields("title attachFileIdList")}
DATES = "startRequestDate endRequestDate startCreateDate endCreateDate"
BIZ_LIST = names(
    f"requestId {DATES} recipientNo senderKey templateCode {KEYS} messageStatus resultCode"
    f" createUser {PAGE}"
)
TEXT_LIST = names(
    f"requestId {DATES} startResultDate endResultDate sendNo recipientNo templateId msgStatus"
    f" resultCode subResultCode {KEYS} receiverRegion countryCode {PAGE}"
)
STATS = names(
    "statsType from to extra1s extra2s eventTypes templateCodes requestIds statsIds statsCriteria"
    " join eventCategory"
)
TEXT_STATS = names(
    "statisticsType from to statsIds messageType isAd templateIds requestIds eventTypes"
)
UPDATED = "startUpdateDate endUpdateDate"
TEMPLATES = f"{BIZ}/senders/*/templates"

_ONE = Text("메시지 하나 보기", "one message")
_LIST = Text("메시지 목록", "list of messages")
_RESULTS = Text("결과가 바뀐 것 목록", "results by time of change")
_FILE = Text("그림 올리기", "upload of a picture")
FORMS = {
    f"POST {BIZ}/raw-messages": Form(Text("알림톡 (전문)", "Alimtalk, full text"), FULL),
    f"POST {BIZ}/messages": Form(Text("알림톡 (치환)", "Alimtalk, parameters"), FILLED),
    f"POST {BIZ}/auth/raw-messages": Form(
        Text("인증 알림톡 (전문)", "authentication Alimtalk, full text"), FULL
    ),
    f"POST {BIZ}/auth/messages": Form(
        Text("인증 알림톡 (치환)", "authentication Alimtalk, parameters"), FILLED
    ),
    f"GET {BIZ}/messages": Form(_LIST, query=BIZ_LIST),
    f"GET {BIZ}/auth/messages": Form(_LIST, query=BIZ_LIST),
    f"GET {BIZ}/messages/*/*": Form(_ONE),
    f"GET {BIZ}/auth/messages/*/*": Form(_ONE),
    f"DELETE {BIZ}/messages/*": Form(
        Text("예약 취소", "cancel reserved messages"), query=names("recipientSeq")
    ),
    f"GET {BIZ}/message-results": Form(
        _RESULTS, query=names(f"{UPDATED} alimtalkMessageType {PAGE}")
    ),
    f"GET {BIZ}/message-results/count": Form(
        Text("결과가 바뀐 것의 수", "count of changed results"),
        query=names(f"{UPDATED} alimtalkMessageType"),
    ),
    f"GET {BIZ}/template/categories": Form(Text("템플릿 분류", "template categories")),
    f"POST {TEMPLATES}": Form(Text("템플릿 등록", "registration of a template"), REGISTERED),
    f"PUT {TEMPLATES}/*": Form(
        # the code stands in the path; with it in the body nothing is wrong
        Text("템플릿 고치기", "edit of a template"),
        REGISTERED,
    ),
    f"DELETE {TEMPLATES}/*": Form(Text("템플릿 지우기", "deletion of a template")),
    f"GET {TEMPLATES}/*": Form(Text("템플릿 하나 보기", "one template")),
    f"GET {TEMPLATES}": Form(
        Text("템플릿 목록", "list of templates"),
        query=names(f"templateCode templateName templateStatus {PAGE}"),
    ),
    f"GET {TEMPLATES}/*/modifications": Form(
        Text("템플릿의 지난 글", "texts of a template"), query=names(PAGE)
    ),
    f"POST {TEMPLATES}/*/comments": Form(
        Text("심사자에게 묻기", "comment to the reviewers"), fields("comment")
    ),
    f"POST {TEMPLATES}/*/comments_file": Form(
        Text("심사자에게 파일과 함께 묻기", "comment with files")
    ),
    f"PUT {TEMPLATES}/*/convert-add-channel": Form(
        Text("채널 추가형으로 바꾸기", "conversion to a channel-add type")
    ),
    f"POST {BIZ}/template-image": Form(_FILE),
    f"POST {BIZ}/template-image/item-highlight": Form(_FILE),
    f"GET {BIZ}/senders": Form(
        Text("발신프로필 목록", "list of sender profiles"),
        query=names(f"plusFriendId senderKey status {PAGE}"),
    ),
    f"GET {BIZ}/senders/*": Form(Text("발신프로필 하나 보기", "one sender profile")),
    f"DELETE {BIZ}/senders/*": Form(Text("발신프로필 지우기", "deletion of a sender profile")),
    f"POST {BIZ}/senders": Form(
        Text("발신프로필 등록", "registration of a sender profile"),
        fields("plusFriendId phoneNo categoryCode"),
    ),
    f"POST {BIZ}/sender/token": Form(
        Text("발신프로필 토큰 확인", "token of a sender profile"), fields("plusFriendId token")
    ),
    f"GET {BIZ}/sender/categories": Form(Text("발신프로필 분류", "categories of profiles")),
    f"GET {BIZ}/sender-groups/*": Form(Text("발신프로필 그룹", "group of sender profiles")),
    f"POST {BIZ}/failback/appkey": Form(
        Text("대체 발송 앱키 연결", "link of the SMS app key"), fields("resendAppKey")
    ),
    f"POST {BIZ}/failback": Form(
        Text("대체 발송 설정", "fallback of a sender profile"),
        fields("senderKey isResend resendSendNo"),
    ),
    "GET /common/v2.2/appkeys/*/stats": Form(Text("통계", "statistics"), query=STATS),
    "GET /common/v2.2/appkeys/*/stats/total": Form(Text("통계 합계", "totals"), query=STATS),
    f"GET {TEXTS}/stats": Form(Text("통계", "statistics"), query=TEXT_STATS),
    f"GET {TEXTS}/stats/legacy": Form(Text("통계", "statistics"), query=TEXT_STATS),
    f"GET {TEXTS}/reservations": Form(
        Text("예약 목록", "list of reservations"), query=TEXT_LIST | names("sendType messageStatus")
    ),
    f"GET {TEXTS}/reservations/*/*": Form(Text("예약 하나 보기", "one reservation")),
    f"GET {TEXTS}/sender/auth/sms/*": Form(_ONE, query=names("recipientSeq")),
    f"POST {TEXTS}/sender/sms": Form(Text("문자(SMS)", "SMS"), SHORT),
    f"POST {TEXTS}/sender/mms": Form(Text("긴 문자(LMS·MMS)", "LMS or MMS"), LONG),
    f"POST {TEXTS}/sender/auth/sms": Form(Text("인증 문자", "authentication SMS"), SHORT),
    f"POST {TEXTS}/sender/ad-sms": Form(Text("광고 문자", "advertising SMS"), SHORT),
    f"POST {TEXTS}/sender/ad-mms": Form(Text("광고 긴 문자", "advertising LMS or MMS"), LONG),
    f"GET {TEXTS}/sender/sms": Form(_LIST, query=TEXT_LIST),
    f"GET {TEXTS}/sender/mms": Form(_LIST, query=TEXT_LIST),
    f"GET {TEXTS}/sender/auth/sms": Form(_LIST, query=TEXT_LIST),
    f"GET {TEXTS}/sender/sms/*": Form(_ONE, query=names("recipientSeq")),
    f"GET {TEXTS}/sender/mms/*": Form(_ONE, query=names("recipientSeq")),
    f"GET {TEXTS}/message-results": Form(_RESULTS, query=names(f"{UPDATED} messageType {PAGE}")),
    f"POST {TEXTS}/attachfile/binaryUpload": Form(_FILE, fields("fileName createUser fileBody")),
    f"GET {TEXTS}/sendNos": Form(
        Text("발신번호 목록", "list of caller numbers"), query=names(f"sendNo useYn blockYn {PAGE}")
    ),
    f"PUT {TEXTS}/reservations/cancel": Form(
        Text("예약 취소", "cancel reserved messages"),
        fields("updateUser", reservationList=fields("requestId recipientSeq")),
    ),
}
