"""NHN's webhooks: a fixed text in a header instead of a signature, many results in one body.

Source: docs.nhncloud.com, "KakaoTalk Bizmessage > Webhook" and "SMS > Webhook" (2026-06-23).
"""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from channels.adapters.nhn.account import Product
from channels.adapters.nhn.receipts import receipt
from channels.adapters.nhn.shapes import at, provider_id, reference, words
from channels.contract import BadCallback, Callback, Receipt

RESULT = "MESSAGE_RESULT_UPDATE"


def verify(callback: Callback, signature: str) -> None:
    """Compare the registered text; an account without one is guarded by its secret path alone."""
    if not signature:
        return
    given = callback.headers.get("x-toast-webhook-signature", "")
    if not hmac.compare_digest(_bytes(given), _bytes(signature)):
        raise BadCallback("wrong signature")


def parse(callback: Callback, kakao: Product, sms: Product) -> Sequence[Receipt]:
    """Receipts of both products; other events are none of ours and give nothing."""
    try:
        body = orjson.loads(callback.body)
    except orjson.JSONDecodeError as error:
        raise BadCallback("not JSON") from error
    event, hooks = at(body, "event"), at(body, "hooks")
    if not isinstance(event, str) or not isinstance(hooks, list):
        raise BadCallback("not a webhook of NHN Cloud")
    if event != RESULT:
        return []
    found = []
    for hook in hooks:
        if not isinstance(hook, Mapping):
            raise BadCallback("a hook that is not an object")
        product = _product(body, hook, kakao, sms)
        if product is not None:
            found.append(_receipt(product, hook))
    return found


def _receipt(product: Product, hook: Mapping[str, Any]) -> Receipt:
    read = receipt(product, hook, words(hook.get("hookId")))
    if read is None or not (provider_id(hook) or reference(hook)):
        raise BadCallback("a result without a code, or of no message")
    return read


def _product(
    body: Mapping[str, Any], hook: Mapping[str, Any], kakao: Product, sms: Product
) -> Product | None:
    """Whose codes the hook speaks; None for messages we do not send (FriendTalk, Brand)."""
    kind = words(hook.get("kakaoMessageType"))
    if kind:
        return kakao if kind.startswith("ALIMTALK") else None
    if "senderType" in hook or "sms" in words(body.get("productName")).lower():
        return sms
    raise BadCallback("a result of no known product")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
