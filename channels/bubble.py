"""The parts of an Alimtalk bubble: plain, frozen data, filled or still with their variables."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Button:
    """A button or quick reply of a notice. ``kind`` is Kakao's two-letter code (WL, AL, DS, BK …).

    ``token`` is what comes back when the customer presses a consultation or bot button
    (Kakao ``chat_extra``, ``[A-Za-z0-9_]{1,50}``).
    """

    kind: str
    name: str
    url_mobile: str = ""
    url_pc: str = ""
    scheme_android: str = ""
    scheme_ios: str = ""
    token: str = ""
    event: str = ""  # bot event of a BT button
    target: str = ""  # "out": a web link opens outside KakaoTalk's own browser
    form_id: str = ""  # BF: the business form
    plugin_id: str = ""  # P1, P2, P3
    relay_id: str = ""  # P1, P2
    oneclick_id: str = ""  # P3: what is paid for, one of the two
    product_id: str = ""
    phone: str = ""  # TN


@dataclass(frozen=True, slots=True)
class Item:
    """A row of an item list, or its summary."""

    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Highlight:
    """The emphasised line of an item-list notice; ``image``: its thumbnail's address, or none."""

    title: str
    description: str
    image: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """Where a press on the bubble itself leads (Kakao's representative link)."""

    url_mobile: str = ""
    url_pc: str = ""
    scheme_android: str = ""
    scheme_ios: str = ""


@dataclass(frozen=True, slots=True)
class ChatPicture:
    """A picture written into a chat; ``url`` is where the hub keeps it after its upload."""

    url: str


@dataclass(frozen=True, slots=True)
class ChatFile:
    """A file written into a chat; ``url`` is the hub's, ``size`` in bytes."""

    url: str
    name: str
    size: int
