"""One question to SOLAPI with a readable answer, or the reason there is none."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from channels.adapters.solapi.account import Config
from channels.adapters.solapi.codes import ANSWERS
from channels.adapters.solapi.shapes import Row, error, said
from channels.management import ProviderRefused, ProviderSilent
from channels.transport import Reply, Trouble, call, deadline_in, get, judge
from channels.vocabulary import Reason, Verdict

PATIENCE_S = 15.0
UPLOADING_S = 30.0


async def fetch(
    client: httpx.AsyncClient, config: Config, path: str, query: Sequence[tuple[str, str]] = ()
) -> Row:
    """The body of a successful GET. Raises ProviderRefused, ProviderSilent."""
    within = deadline_in(PATIENCE_S)
    return _successful(await get(client, config.url + path, query, config.headers(), within))


async def submit(
    client: httpx.AsyncClient,
    config: Config,
    method: str,
    path: str,
    form: Mapping[str, Any] | None = None,
    patience_s: float = PATIENCE_S,
) -> Row:
    """The body of a successful POST, PUT or DELETE. Raises ProviderRefused, ProviderSilent."""
    url, within = config.url + path, deadline_in(patience_s)
    return _successful(await call(client, method, url, form, config.headers(), within))


def _successful(answer: Reply | Trouble) -> Row:
    body = said(answer)
    if refused := error(body):
        code, text = refused
        verdict, reason = ANSWERS.get(code, (Verdict.REJECTED, Reason.UNMAPPED))
        if verdict is Verdict.UNKNOWN:
            raise ProviderSilent(f"{code} {text}")
        raise ProviderRefused(reason, code, text)
    if isinstance(answer, Reply) and 200 <= answer.status < 300 and isinstance(body, Mapping):
        return body
    judged = judge(answer)
    if judged.reason is Reason.MISCONFIGURED:
        raise ProviderRefused(judged.reason, judged.code, "")
    raise ProviderSilent(judged.code or str(judged.reason))
