"""The calls SOLAPI documents, with their fields; keys are paths below `/solapi`.

github.com/solapi/documents (2022-09), and for what is newer the models of its SDKs (PyPI solapi
5.0.3, npm solapi 6.0.1).
"""

from sandbox.documented import ANY, Form, Text, fields, names

V4, KAKAO = "/messages/v4", "/kakao/v2"
FREE = {ANY: None}
LINKS = "linkMo linkPc linkAnd linkIos"
BUTTON = fields(f"buttonName buttonType {LINKS} targetOut chatExtra chatEvent")
BMS = fields(
    "targeting chatBubbleType adult header imageId imageLink content additionalContent carousel"
    " mainWideItem subWideItemList buttons coupon commerce video"
)
MESSAGE = fields(
    "to from text type country subject imageId autoTypeDetect replacementText replacements"
    " naverOptions rcsOptions voiceOptions faxOptions",
    customFields=FREE,
    kakaoOptions=fields(
        "pfId pfGroupId templateId disableSms adFlag imageId title",
        variables=FREE,
        buttons=BUTTON,
        bms=BMS,
    ),
)
AGENT = fields("sdkVersion osPlatform appId")
SHARED = fields("allowDuplicates scheduledDate appId strict showMessageList", agent=AGENT)
MANY = {**SHARED, "messages": MESSAGE}
PAGE = "startKey limit"
COMPARED = f"criteria cond value {PAGE} startDate endDate dateType"
MESSAGES = names(
    f"{COMPARED} messageId messageIds groupId to from type statusCode dateCreated dateUpdated"
)
GROUPS = names(f"{COMPARED} groupId status dateCreated dateUpdated scheduledDate")
PAIR = fields("title description")
TEMPLATE = fields(
    "name content categoryCode channelId channelGroupId messageType emphasizeType header extra"
    " emphasizeTitle emphasizeSubTitle securityFlag imageId",
    buttons=fields(f"buttonName buttonType {LINKS} targetOut"),
    quickReplies=fields(f"name linkType {LINKS}"),
    highlight=fields("title description imageId"),
    item=fields(list=PAIR, summary=PAIR),
)
GROUP = Text("그룹 보기", "one group")
LIST = Text("메시지 목록", "list of messages")
FORMS = {
    f"POST {V4}/send": Form(
        Text("메시지 하나 보내기", "send one message"), {**SHARED, "message": MESSAGE}
    ),
    f"POST {V4}/send-many": Form(Text("여러 건 보내기", "send many"), MANY),
    f"POST {V4}/send-many/detail": Form(Text("여러 건 보내기", "send many, detailed"), MANY),
    f"POST {V4}/groups": Form(
        Text("그룹 만들기", "make a group"),
        fields(
            "allowDuplicates appId strict sdkVersion osPlatform", customFields=FREE, agent=AGENT
        ),
    ),
    f"GET {V4}/groups": Form(Text("그룹 목록", "list of groups"), query=GROUPS),
    f"GET {V4}/groups/*": Form(GROUP),
    f"DELETE {V4}/groups/*": Form(Text("그룹 지우기", "delete a group")),
    f"GET {V4}/groups/*/messages": Form(LIST, query=MESSAGES),
    f"PUT {V4}/groups/*/messages": Form(
        Text("그룹에 담기", "add to a group"), fields(messages=MESSAGE)
    ),
    f"DELETE {V4}/groups/*/messages": Form(
        Text("그룹에서 빼기", "remove from a group"), fields("messageIds")
    ),
    # the SDKs send an empty object
    f"POST {V4}/groups/*/send": Form(Text("그룹 보내기", "send a group"), fields()),
    f"POST {V4}/groups/*/schedule": Form(
        Text("그룹 예약", "schedule a group"), fields("scheduledDate")
    ),
    f"DELETE {V4}/groups/*/schedule": Form(Text("예약 취소", "cancel a schedule")),
    f"GET {V4}/list": Form(LIST, query=MESSAGES),
    f"GET {V4}/list-old": Form(LIST, query=MESSAGES),
    f"GET {V4}/statistics": Form(
        Text("통계", "statistics"), query=names("startDate endDate masterAccountId")
    ),
    "GET /cash/v1/balance": Form(Text("잔액", "balance")),
    "POST /storage/v1/files": Form(
        Text("파일 올리기", "upload of a file"), fields("file type name link")
    ),
    f"GET {KAKAO}/channels/categories": Form(Text("채널 분류", "channel categories")),
    f"GET {KAKAO}/channels": Form(
        Text("채널 목록", "list of channels"),
        query=names(
            f"{PAGE} channelId searchId phoneNumber categoryCode isMine dateCreated dateUpdated"
        ),
    ),
    f"GET {KAKAO}/channels/*": Form(Text("채널 하나 보기", "one channel")),
    f"GET {KAKAO}/templates/categories": Form(Text("템플릿 분류", "template categories")),
    f"POST {KAKAO}/templates": Form(Text("템플릿 만들기", "make a template"), TEMPLATE),
    f"GET {KAKAO}/templates": Form(
        Text("템플릿 목록", "list of templates"),
        query=names(f"{PAGE} channelId templateId isHidden status name dateCreated dateUpdated"),
    ),
    f"GET {KAKAO}/templates/*": Form(Text("템플릿 하나 보기", "one template")),
    f"PUT {KAKAO}/templates/*": Form(Text("템플릿 고치기", "edit of a template"), TEMPLATE),
    f"PUT {KAKAO}/templates/*/name": Form(
        Text("템플릿 이름 바꾸기", "rename a template"), fields("name")
    ),
    f"PUT {KAKAO}/templates/*/inspection": Form(
        Text("심사 요청", "ask for review"), fields("comment")
    ),
    f"PUT {KAKAO}/templates/*/inspection/cancel": Form(
        Text("심사 취소", "take a review back"), fields()
    ),
    f"DELETE {KAKAO}/templates/*": Form(Text("템플릿 지우기", "deletion of a template")),
}
