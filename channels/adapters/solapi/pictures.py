"""Pictures at SOLAPI: Base64 in JSON, known by a file id that is kept.

Source: github.com/solapi/documents, storage v1 (2022-09), and npm solapi 6.0.1 (2026-04): KAKAO at
most 500 KB, MMS at most 200 KB. That a file lasts for ever is said nowhere, nor that it does not.
"""

import base64

import httpx

from channels.adapters.solapi.account import Config
from channels.adapters.solapi.asking import UPLOADING_S, submit
from channels.adapters.solapi.parts import CODE
from channels.adapters.solapi.shapes import words
from channels.management import Picture, ProviderRefused, ProviderSilent, Uploaded
from channels.vocabulary import PictureUse, Reason

PATH = "/storage/v1/files"
TYPES = {PictureUse.IMAGE: "KAKAO", PictureUse.MMS: "MMS"}
NO_THUMBNAIL = "SOLAPI로 보낼 수 없는 부분: highlight (SOLAPI carries no highlight)"


async def upload(
    client: httpx.AsyncClient, config: Config, use: PictureUse, picture: Picture
) -> Uploaded:
    """Give it one picture. Raises ProviderRefused, ProviderSilent."""
    if use not in TYPES:
        raise ProviderRefused(Reason.REQUEST_REFUSED, CODE, NO_THUMBNAIL)
    form = {
        "file": base64.b64encode(picture.data).decode(),
        "type": TYPES[use],
        "name": picture.name,
    }
    body = await submit(client, config, "POST", PATH, form, UPLOADING_S)
    if not (file_id := words(body.get("fileId"))):
        raise ProviderSilent("a picture without an id")
    return Uploaded(file_id, words(body.get("url")))
