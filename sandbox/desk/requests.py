"""The request inspector as an API: calls of providers, one with all there is to say, replay."""

from dataclasses import asdict
from itertools import islice
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request

from sandbox.afterwards import After, after_of
from sandbox.curl import curl_of
from sandbox.desk.deps import store_of
from sandbox.documented import Text
from sandbox.exchanges import Exchange
from sandbox.inspector import PROVIDERS, Wanted, code_of, find, form_of, meaning_of, unknown_of
from sandbox.masks import LONGEST_BODY, LONGEST_OPENED, Mask, mask_of
from sandbox.meaning import Meaning
from sandbox.problems import Problem, not_found
from sandbox.replay import CannotReplay, replay
from sandbox.store import Store

UNKNOWN = ("where", "path", "name", "meant", "lies", "times")
router = APIRouter(prefix="/desk/api/requests", tags=["desk"])
Status = Annotated[str, Query(pattern=r"^([1-5]\d\d|[1-5]xx|ok|refused|lost|)$")]


def wanted_of(
    provider: Literal["nhn", "solapi", "relay", "consult", "fcm", ""] = "",
    account: str = "",
    route: Literal["alimtalk", "sms", "lms", "mms", ""] = "",
    status: Status = "",
    q: str = "",
    before: int | None = None,
) -> Wanted:
    return Wanted(provider, account, route, status, q, before)


@router.get("")
async def get_requests(
    wanted: Wanted = Depends(wanted_of),
    limit: int = Query(50, ge=1, le=200),
    store: Store = Depends(store_of),
) -> list[dict[str, Any]]:
    """Calls of providers and our answers, newest first; status null: the answer was lost.

    `status` narrows to a number, to 2xx … 5xx, or to ok, refused (also by a code in the answer) or
    lost; `q` to what has these letters; `before` to what is older than that seq. Bodies are cut at
    8 KB, secrets are hidden.
    """
    mask = mask_of(store)
    return [_listed(mask, one) for one in islice(find(store, wanted), limit)]


@router.delete("", status_code=204)
async def delete_requests(store: Store = Depends(store_of)) -> None:
    """Forget all calls; messages, counters and everything else stay."""
    store.exchanges.clear()


@router.get("/{seq}")
async def get_request(seq: int, request: Request, store: Store = Depends(store_of)) -> Any:
    """One call: what it meant, which fields nobody documents, what happened afterwards."""
    return _whole(request, store, _need(store, seq))


@router.post("/{seq}/replay", status_code=201)
async def replay_request(seq: int, request: Request, store: Store = Depends(store_of)) -> Any:
    """The same call again, with its secrets, to this sandbox; SOLAPI's is signed anew.

    The answer is the new call, whose `replay_of` is this one. What was taken may be taken again.
    """
    try:
        made = await replay(request.app, store, _need(store, seq))
    except CannotReplay:
        detail = "너무 커서 본문을 다 남기지 않은 요청입니다"
        raise Problem(409, "not_whole", detail, "seq") from None
    return _whole(request, store, made)


def _need(store: Store, seq: int) -> Exchange:
    one = store.exchanges.find(seq)
    if one is None:
        raise not_found("요청이")
    return one


def _listed(mask: Mask, one: Exchange, most: int = LONGEST_BODY) -> dict[str, Any]:
    return {
        "seq": one.seq,
        "at": one.at,
        "method": one.method,
        "path": mask.text(one.path),
        "query": mask.query(one),
        "headers": mask.headers(one.headers),
        "body": mask.body(one.asked, most),
        "status": one.status,
        "answer": mask.body(one.answered, most),
        "took_ms": one.took_ms,
        "acted": one.acted,
        "provider": one.provider,
        "account": one.account,
        "route": one.route,
        "code": code_of(one),
        "replay_of": one.replay_of,
    }


def _whole(request: Request, store: Store, one: Exchange) -> dict[str, Any]:
    mask, meaning, form = mask_of(store), meaning_of(store, one), form_of(one)
    return {
        **_listed(mask, one, LONGEST_OPENED),
        "body_bytes": len(one.asked),
        "answer_bytes": len(one.answered),
        "documented": form is not None,
        "call": _text(form.name) if form else None,
        "provider_name": _text(PROVIDERS[one.provider].name),
        "meaning": _meaning(meaning, mask),
        "unknown": [{name: getattr(found, name) for name in UNKNOWN} for found in unknown_of(one)],
        "afterwards": _after(after_of(store, one, meaning)),
        "curl": curl_of(one, mask, str(request.base_url).rstrip("/")),
        "replayed_by": [each.seq for each in store.exchanges if each.replay_of == one.seq],
    }


def _text(text: Text) -> dict[str, str]:
    return {"ko": text.ko, "en": text.en}


def _meaning(meaning: Meaning, mask: Mask) -> dict[str, Any]:
    people = [{**asdict(one), "why": _text(one.why)} for one in meaning.people]
    return {
        "asks": _text(meaning.asks),
        "says": _text(meaning.says),
        "idempotency": _text(meaning.promise),
        "sender": mask.text(meaning.sender),
        "template": mask.text(meaning.template),
        "key": mask.text(meaning.key),
        "reserved": mask.text(meaning.reserved),
        "recipients": {"count": meaning.count, "first": people},
    }


def _after(after: After) -> dict[str, Any]:
    return {
        "counts": after.counts,
        "messages": [{**asdict(one), "why": _text(one.why)} for one in after.fates],
        "callbacks": [asdict(one) for one in after.told],
    }
