"""The calls of the relay, with their fields: docs/relay.md; keys are paths below `/relay`."""

from sandbox.documented import Form, Text, fields, names

LINKS = "url_mobile url_pc scheme_android scheme_ios"
BUTTON = fields(
    f"kind name {LINKS} token event target form_id plugin_id relay_id oneclick_id product_id phone"
)
PAIR = fields("title description")
HIGHLIGHT = fields("title description image")
MESSAGE = fields(
    "ref to sender template title text header",
    buttons=BUTTON,
    quick_replies=BUTTON,
    highlight=HIGHLIGHT,
    items=PAIR,
    summary=PAIR,
    link=fields(LINKS),
)
TEMPLATE = fields(
    "sender code name content message_type emphasis category security title subtitle extra header",
    buttons=BUTTON,
    quick_replies=BUTTON,
    highlight=HIGHLIGHT,
    items=PAIR,
    summary=PAIR,
    link=fields(LINKS),
)
FORMS = {
    "POST /messages": Form(Text("보내기", "send"), fields("key route", messages=MESSAGE)),
    "GET /messages": Form(
        Text("보낸 것 찾기", "look up what was taken"),
        query=names("ref route to since until cursor"),
    ),
    "GET /results": Form(Text("결과 목록", "list of results"), query=names("since until cursor")),
    "POST /templates": Form(Text("템플릿 등록", "registration of a template"), TEMPLATE),
    "GET /templates": Form(Text("템플릿 상태", "state of a template"), query=names("sender code")),
    "POST /templates/actions": Form(
        Text("템플릿에 한 가지 하기", "an action on a template"),
        fields("sender code action text", template=TEMPLATE),
    ),
}
