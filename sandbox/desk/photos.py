"""Photos a customer sends, over the desk API."""

from typing import Any

from fastapi import APIRouter, Depends, Request

from sandbox import photos
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
                    "required": ["sender_key", "photo"],
                    "properties": {
                        "sender_key": {"type": "string"},
                        "photo": {
                            "type": "array",
                            "maxItems": photos.MOST,
                            "items": {"type": "string", "format": "binary"},
                        },
                    },
                }
            }
        },
    }
}


@router.post("/desk/api/phones/{number}/photo", status_code=201, openapi_extra=_FORM)
async def send_photo(number: str, request: Request, store: Store = Depends(store_of)) -> MessageOut:
    """The customer sends one to ten photos (JPEG, PNG, GIF, 5 MB each) to a channel, as one line.

    A chat session opens when there is none; the shop gets `/message` with their addresses.
    """
    phone = need_phone(store, number)
    fields, chosen = await photos.read(request)
    base = str(request.base_url)
    return shown(photos.send(store, phone.number, fields.get("sender_key", ""), chosen, base))
