"""Videos, files, recordings, emoticons and long texts of a customer, over the desk API."""

from typing import Any

from fastapi import APIRouter, Depends, Request

from sandbox import sendings
from sandbox.desk.deps import need_phone, store_of
from sandbox.desk.shapes import MessageOut, shown
from sandbox.store import Store

router = APIRouter(tags=["phones"])
_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["sender_key", "type"],
                    "properties": {
                        "sender_key": {"type": "string"},
                        "type": {"type": "string", "enum": list(sendings.TYPES)},
                        "text": {
                            "type": "string",
                            "description": "of a long text, or the name of an emoticon",
                        },
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "of a video, file or audio, 15 MB",
                        },
                    },
                }
            }
        },
    }
}


@router.post("/desk/api/phones/{number}/send", status_code=201, openapi_extra=_FORM)
async def send(number: str, request: Request, store: Store = Depends(store_of)) -> MessageOut:
    """The customer sends a video, file, recording, emoticon or long text to a channel.

    A chat session opens when there is none; the shop gets `/message`. Of a long text that has its
    first 1,000 characters, and the address of the whole in `attachment.url`.
    """
    phone = need_phone(store, number)
    sender_key, sending = await sendings.read(request)
    base = str(request.base_url)
    return shown(sendings.send(store, phone.number, sender_key, sending, base))
