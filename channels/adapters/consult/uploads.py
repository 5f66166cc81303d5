"""Giving the hub a picture or file, which only then can be written into a chat.

Sources (2026-11): mbi-developer-center.happytalk.io, kakaotalk_webhook/file_upload/img_upload, and
developer-center.happytalk.io, KakaoWebhook/Upload/file (both under the same address; the /v1 page
of files could not be read). Sizes: kakaobusiness.gitbook.io, ad/bizmessage/consult.
"""

from collections.abc import Mapping
from typing import Any

from channels.consulting import Uploaded
from channels.management import Picture
from channels.vocabulary import Reason

MB = 1024 * 1024
IMAGE_PATH, FILE_PATH = "/v1/image/upload", "/kakaoWebhook/v3/bzc/file/upload"
IMAGES = ("image", "link_image")
LARGEST: Mapping[str, int] = {
    "image": 5 * MB,
    "link_image": MB // 2,
    "file": 300 * MB,
    "video": 300 * MB,
    "audio": 10 * MB,
}
FORMATS: Mapping[str, frozenset[str]] = {
    "image": frozenset({"image/jpeg", "image/png", "image/gif"}),
    "link_image": frozenset({"image/jpeg", "image/png"}),
}
LONGEST_NAME = 1_000


def refusal(kind: str, file: Picture) -> tuple[Reason, str, str] | None:
    """Why the file cannot be given to the hub: reason, code and words; None when it can."""
    largest = LARGEST.get(kind)
    if largest is None:
        return Reason.REQUEST_REFUSED, "kind", f"one of {', '.join(LARGEST)}"
    if not file.data or len(file.data) > largest:
        return Reason.TOO_LONG, "size", f"{len(file.data)} bytes, 1 to {largest}"
    if kind in FORMATS and file.media_type not in FORMATS[kind]:
        return Reason.CONTENT_REFUSED, "format", f"one of {', '.join(sorted(FORMATS[kind]))}"
    if not 1 <= len(file.name) <= LONGEST_NAME or not file.name.isprintable():
        return Reason.REQUEST_REFUSED, "name", f"1 to {LONGEST_NAME} printable characters"
    return None


def fields_of(sender: str, kind: str) -> dict[str, str]:
    """What goes beside the bytes."""
    if kind == "image":
        return {"sender_key": sender}
    extra = ("image_type", "link") if kind == "link_image" else ("file_type", kind)
    return {"sender_key": sender, extra[0]: extra[1]}


def uploaded(kind: str, file: Picture, body: Mapping[str, Any]) -> Uploaded | None:
    """Where the hub keeps it; None when the answer does not say."""
    url = body.get("image" if kind in IMAGES else "file")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")) or len(url) > 1000:
        return None
    name = body.get("name")
    given = isinstance(name, str) and 1 <= len(name) <= LONGEST_NAME
    return Uploaded(url, str(name) if given else file.name, len(file.data))
