"""The calls of the consultation hub, with their fields; keys are paths below `/consult`.

HappyTalk's pages "send_chat", "end_of_counseling", "img_upload", "Upload/file" and
"endAfterCallBotEvent" (2026-11); block and unblock are the sandbox's own. What
`links` and `supplement` hold is not published in full.
"""

from sandbox.documented import Form, Text, fields

FORMS = {
    "POST /v1/chat/write": Form(
        Text("상담 말 보내기", "write in a chat"),
        fields(
            "user_key sender_key serial_number message_type message image_url file_url file_name"
            " file_size auto_answer links supplement"
        ),
    ),
    "POST /v1/chat/end": Form(Text("상담 끝내기", "end a chat"), fields("user_key sender_key")),
    "POST /kakaoWebhook/v3/bzc/chat/endWithBot": Form(
        Text("상담을 끝내고 챗봇으로", "end a chat, back to the bot"),
        fields("user_key sender_key bot_event"),
    ),
    "POST /v1/chat/block": Form(
        Text("고객 차단 (샌드박스가 정한 것)", "block a customer (our choice)"),
        fields("user_key sender_key"),
    ),
    "POST /v1/chat/unblock": Form(
        Text("차단 풀기 (샌드박스가 정한 것)", "lift a block (our choice)"),
        fields("user_key sender_key"),
    ),
    "POST /v1/image/upload": Form(Text("상담 사진 올리기", "upload a picture"), fields("")),
    "POST /kakaoWebhook/v3/bzc/file/upload": Form(
        Text("상담 파일 올리기", "upload a file"), fields("")
    ),
}
