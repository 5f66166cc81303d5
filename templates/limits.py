"""What a template may hold at most, as data: one row a provider, and a strict one that fits all.

Sources: NHN Cloud "KakaoTalk Bizmessage" guide (docs.nhncloud.com, 2026-06) and release notes;
Kakao's template specification as published by the dealer Lunasoft (github.com/lunasoft-org/
kakao-bzm, 2025-12).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one provider, in characters (Unicode code points) unless a name says otherwise.

    The default takes the smaller number wherever providers differ.
    """

    code: int = 20
    name: int = 150
    content: int = 1_000  # content and extra together, variables filled
    item_list_content: int = 700  # the same beside an item list (NHN error -2037)
    channel_add: int = 40  # what the fixed line of AD and MI takes from the content
    extra: int = 500
    title: int = 50
    subtitle: int = 50
    header: int = 16
    highlight_title: int = 30
    highlight_title_beside: int = 21  # beside a thumbnail
    highlight_description: int = 19
    highlight_description_beside: int = 13
    items_least: int = 2
    items: int = 10
    item_title: int = 6
    item_description: int = 23
    summary_title: int = 6
    summary_description: int = 14
    buttons: int = 5
    buttons_beside: int = 2  # beside quick replies (NHN error -2505)
    quick_replies: int = 5
    button_name: int = 14
    link: int = 500
    event: int = 50
    plugin: int = 24
    phone: int = 14
    variables: int = 40
    variable: int = 1_300  # a variable's name, and its value
    first_time_value: int = 14  # what a value may add for a sender profile that is new (-1028)

    def room(self, message_type: str, emphasis: str = "NONE") -> int:
        """Characters that content and extra may take together."""
        most = self.content
        if emphasis == "ITEM_LIST":
            most = min(most, self.item_list_content)
        return most - (self.channel_add if message_type in {"AD", "MI"} else 0)


STRICT = Limits()

COMMON = "common"
# what each provider allows beyond the strict row
PROVIDERS: Mapping[str, Limits] = {
    COMMON: STRICT,
    # content: API since 2025-10-28 (-2019); guide and console still say 1,000. Quick replies: the
    # API's table says 5, the console 10
    "nhn": replace(STRICT, content=1_300),
    # Kakao's own numbers, at dealers that pass them on
    "kakao": replace(
        STRICT, code=30, name=200, item_list_content=1_000, channel_add=36, quick_replies=10
    ),
    # a company's own relay stands before one of the dealers
    "relay": STRICT,
    # its list of codes (1048, github.com/solapi/documents, 2022-09) says 100 for an address; its
    # clients of 2026 check none, and Kakao's own number is 500: the strict row keeps that
    "solapi": replace(STRICT, link=100),
}


def differences() -> dict[str, dict[str, Any]]:
    """By limit the numbers of each provider, for limits on which providers differ."""
    return {
        field.name: {name: getattr(row, field.name) for name, row in PROVIDERS.items()}
        for field in fields(Limits)
        if len({getattr(row, field.name) for row in PROVIDERS.values()}) > 1
    }


SMS_BYTES = 90  # NHN Cloud SMS guide (2026-06), cp949 bytes
LMS_BYTES = 2_000
SUBJECT_BYTES = 40
