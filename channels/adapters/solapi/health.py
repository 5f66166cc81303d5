"""Checking an account at no cost: its balance and its KakaoTalk channels are asked for."""

import httpx

from channels.adapters.solapi.account import Config
from channels.adapters.solapi.asking import fetch
from channels.adapters.solapi.shapes import Row, rows
from channels.management import Health, ProviderRefused, ProviderSilent
from channels.vocabulary import Reason

BALANCE, CHANNELS = "/cash/v1/balance", "/kakao/v2/channels"


async def check(client: httpx.AsyncClient, config: Config) -> Health:
    """Never raises; problems are sentences in Korean."""
    money, problems = await _ask(client, config, "잔액", BALANCE)
    if problems and money is None:  # a key that is refused once is refused twice
        return Health(False, tuple(problems))
    left = _number(money, "balance") + _number(money, "point")
    kakao, trouble = await _ask(client, config, "카카오톡 채널", CHANNELS)
    channels = rows(kakao.get("channelList")) if kakao is not None else None
    problems += trouble
    if not trouble and not channels:
        problems.append("연결된 카카오톡 채널이 없습니다. SOLAPI 콘솔에서 채널을 연결하세요.")
    details = {"balance": f"{left:.2f}".removesuffix(".00"), "channels": str(len(channels or ()))}
    return Health(not problems, tuple(problems), details)


async def _ask(
    client: httpx.AsyncClient, config: Config, what: str, path: str
) -> tuple[Row | None, list[str]]:
    try:
        return await fetch(client, config, path), []
    except ProviderRefused as refused:
        said = f"{refused.code} {refused.text}".strip()
        if refused.reason is Reason.MISCONFIGURED:
            return None, [f"SOLAPI가 API 키를 받아들이지 않습니다 ({said})."]
        return None, [f"{what} 조회를 SOLAPI가 거절했습니다 ({said})."]
    except ProviderSilent as silent:
        return None, [f"SOLAPI 서버에서 읽을 수 있는 응답이 없습니다 ({silent})."]


def _number(body: Row | None, name: str) -> float:
    value = (body or {}).get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and value is not None else 0.0
