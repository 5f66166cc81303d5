"""Pictures at NHN: of templates (multipart, kept), and of MMS (Base64 in JSON, for seven days).

Source: docs.nhncloud.com, "KakaoTalk Bizmessage > Alimtalk v2.3", 템플릿 이미지 등록 and 템플릿
아이템 하이라이트 이미지 등록, and "SMS > v3.0", 첨부 파일 업로드 (2026-06-23).
"""

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import PurePosixPath

import httpx

from channels.adapters.nhn.account import Product
from channels.adapters.nhn.asking import give, submit
from channels.adapters.nhn.shapes import at, number, words
from channels.management import Picture, ProviderSilent, Uploaded
from channels.vocabulary import PictureUse

TEMPLATE_PATHS: Mapping[PictureUse, str] = {
    PictureUse.IMAGE: "/template-image",
    PictureUse.THUMBNAIL: "/template-image/item-highlight",
}
MMS_PATH = "/attachfile/binaryUpload"
KEPT = timedelta(days=7)
MARGIN = timedelta(days=1)  # a message accepted on the last day may wait for its turn
LONGEST_NAME = 45  # characters, of an MMS's file


async def upload(
    client: httpx.AsyncClient,
    kakao: Product,
    sms: Product,
    use: PictureUse,
    picture: Picture,
    now: datetime,
) -> Uploaded:
    """Give it to the product that shows it. Raises ProviderRefused, ProviderSilent."""
    if use is PictureUse.MMS:
        return await _attach(client, sms, picture, now)
    body = await give(client, kakao, TEMPLATE_PATHS[use], picture)
    image = at(body, "templateImage")
    name, url = words(at(image, "templateImageName")), words(at(image, "templateImageUrl"))
    if not url:
        raise ProviderSilent("a picture without an address")
    return Uploaded(name or picture.name, url)


async def _attach(
    client: httpx.AsyncClient, sms: Product, picture: Picture, now: datetime
) -> Uploaded:
    form = {
        "fileName": _short(picture.name),
        "createUser": "naru",
        "fileBody": base64.b64encode(picture.data).decode(),
    }
    body = await submit(client, sms, MMS_PATH, form)
    file_id = number(at(body, "body", "data", "fileId"))
    if file_id is None:
        raise ProviderSilent("a picture without a number")
    return Uploaded(str(file_id), expires_at=now + KEPT - MARGIN)


def _short(name: str) -> str:
    """The name with its ending, at most 45 characters."""
    ending = PurePosixPath(name).suffix
    return name.removesuffix(ending)[: LONGEST_NAME - len(ending)] + ending
