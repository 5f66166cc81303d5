"""Calls of the consultation hub in words."""

from sandbox.documented import Text
from sandbox.meaning import NO_ANSWER, UNREADABLE, Meaning, Person, Reading, not_taken, text

PROMISE = Text(
    "물어볼 수 없음(blind). 같은 serial_number는 -409로 거절해요 (샌드박스가 정한 것)",
    "Blind: it cannot be asked. The same serial_number is refused with -409 (our choice)",
)
TYPES = {
    "TX": Text("글", "text"),
    "LI": Text("링크 단추가 있는 글", "text with links"),
    "IM": Text("사진", "picture"),
    "FI": Text("파일", "file"),
}
CODES = {
    "-401": Text("모르는 고객사예요", "unknown client"),
    "-400": Text("칸이 맞지 않아요", "a field is wrong"),
    "-409": Text("이미 쓴 serial_number예요", "this serial_number was used before"),
    "-505": Text("받지 않는 사진이나 파일이에요", "a picture or file it does not take"),
    "-501": Text("모르는 발신프로필이에요", "unknown sender profile"),
}
NO_SESSION = Text("열린 상담이 없어요", "no chat is open")


def read(call: Reading) -> Meaning:
    """Never raises, whatever the bodies hold."""
    user, sender = text(call.asked.get("user_key")), text(call.asked.get("sender_key"))
    serial = text(call.asked.get("serial_number"))
    row = call.store.one(
        "SELECT number FROM customer WHERE user_key = ? AND sender_key = ?", (user, sender)
    )
    person = (Person(str(row["number"]) if row else user, serial),) if user else ()
    return Meaning(
        asks=_asks(call),
        says=_says(call),
        promise=PROMISE,
        sender=sender,
        key=serial,
        count=len(person),
        people=person,
        refs=(serial,) if serial else (),
    )


def _asks(call: Reading) -> Text:
    if call.form is None:
        return Text("규격에 없는 요청", "A call in no document")
    if not call.exchange.path.endswith("/write"):
        return call.form.name
    kind = text(call.asked.get("message_type") or "TX")
    words = TYPES.get(kind, Text(kind, kind))
    return Text(f"상담 말 보내기: {words.ko}", f"write in a chat: {words.en}")


def _says(call: Reading) -> Text:
    if call.exchange.status is None:
        return NO_ANSWER
    if "code" not in call.told:
        return UNREADABLE
    code = text(call.told["code"])
    if code in ("0", "0000"):
        return Text("성공", "Success")
    if code == str(call.store.settings.no_session_code):
        return not_taken(code, NO_SESSION)
    said = text(call.told.get("message"))
    return not_taken(code, CODES.get(code) or Text(said, said))
