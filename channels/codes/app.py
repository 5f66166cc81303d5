"""What apps report of a push, in words; what follows stands in ``channels/push.py``."""

from channels.codes.meaning import Meanings, meanings

REPORTS: Meanings = meanings(
    dict.fromkeys(("received", "shown", "read", "acknowledged")),
    {
        "received": ("앱이 받음", "the app has received it"),
        "shown": ("화면에 보임", "it was shown"),
        "read": ("읽음", "it was opened"),
        "acknowledged": ("확인 버튼을 누름", "the person has confirmed it"),
    },
)
