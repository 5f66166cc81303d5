"""What a template may hold at most, as data; the strict default fits every provider we know."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one provider, in characters (Unicode code points) unless a name says otherwise.

    Sources: NHN Cloud "KakaoTalk Bizmessage" guide (2026-06) and Kakao's template specification
    as published by the dealer Lunasoft (kakao-bzm, 2025-12). Where they differ, the default takes
    the smaller number: 1,000 characters of content (NHN's API takes 1,300), a code of 20 (30), a
    name of 150 (200), and 40 characters kept free for the channel-add line of AD and MI (36).
    """

    code: int = 20
    name: int = 150
    content: int = 1_000  # content and extra together, variables filled
    channel_add: int = 40  # what the fixed line of AD and MI takes from the content
    extra: int = 500
    title: int = 50
    subtitle: int = 50
    buttons: int = 5
    button_name: int = 14
    link: int = 500
    event: int = 50
    variables: int = 40
    variable: int = 1_300  # a variable's name, and its value

    def room(self, message_type: str) -> int:
        """Characters that content and extra may take together in this message type."""
        return self.content - (self.channel_add if message_type in {"AD", "MI"} else 0)


STRICT = Limits()

SMS_BYTES = 90  # NHN Cloud SMS guide (2026-06), cp949 bytes
LMS_BYTES = 2_000
SUBJECT_BYTES = 40
