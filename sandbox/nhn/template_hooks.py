"""Webhooks about templates: another state, or another word of the talk.

After NHN Cloud's guide "Webhook" (2026-06), which prints the hook and not the name of its event.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from sandbox.nhn.webhooks import queue_hooks
from sandbox.nhn.wire import seoul
from sandbox.reviews import Template
from sandbox.store import Store

EVENT = "TEMPLATE_STATUS_UPDATE"
NAMES = ("id", "content", "userName", "status")


def tell_template(store: Store, before: Template, after: Template) -> None:
    """Queue the hook of a change, when the channel is of an NHN account with an address."""
    if before.comments == after.comments and before.newest.status == after.newest.status:
        return
    row = store.one("SELECT app_key FROM sender WHERE sender_key = ?", (after.sender_key,))
    if row is not None and row["app_key"]:
        queue_hooks(store, row["app_key"], EVENT, [_hook(after)])


def comment_of(comment: Mapping[str, Any]) -> dict[str, Any]:
    """One line of the talk as lists and webhooks have it."""
    told = {name: comment[name] for name in NAMES}
    files = comment.get("attachment", [])
    return {**told, "createdAt": seoul(comment["createdAt"]), "attachment": files}


def _hook(template: Template) -> dict[str, Any]:
    """The state is that of the text the reviewers speak of."""
    return {
        "senderKey": template.sender_key,
        "templateCode": template.code,
        "kakaoTemplateCode": template.kakao_code,
        "status": template.newest.status,
        "comments": [comment_of(one) for one in template.comments],
        "updateDate": seoul(template.updated_at),
        "hookId": secrets.token_hex(12),
    }
