"""Checking an account at no cost: both products are asked for their senders."""

from collections.abc import Mapping
from typing import Any

import httpx

from channels.adapters.nhn.account import Product
from channels.adapters.nhn.asking import fetch
from channels.adapters.nhn.shapes import at, rows, words
from channels.management import Health, ProviderRefused, ProviderSilent
from channels.vocabulary import Reason

_NAMES = {"alimtalk": "알림톡", "sms": "문자(SMS)"}

Row = Mapping[str, Any]


async def check(client: httpx.AsyncClient, kakao: Product, sms: Product) -> Health:
    """Never raises; problems are sentences in Korean."""
    profiles, trouble = await _ask(client, kakao, "/senders")
    senders = rows(at(profiles, "senders")) or []
    numbers, sms_trouble = await _ask(client, sms, "/sendNos")
    send_numbers = rows(at(numbers, "body", "data")) or []
    problems = trouble + sms_trouble
    if not trouble:
        problems += _of_profiles(senders)
    if not sms_trouble:
        problems += _of_numbers(send_numbers)
    details = {"senders": str(len(senders)), "send_numbers": str(len(send_numbers))}
    return Health(not problems, tuple(problems), details)


async def _ask(client: httpx.AsyncClient, product: Product, path: str) -> tuple[Row, list[str]]:
    name = _NAMES[product.name]
    try:
        return await fetch(client, product, path, {"pageSize": "1000"}), []
    except ProviderRefused as refused:
        said = f"{refused.code} {refused.text}".strip()
        if refused.reason is Reason.MISCONFIGURED:
            return {}, [f"{name} 앱 키 또는 비밀 키를 NHN Cloud가 받아들이지 않습니다 ({said})."]
        return {}, [f"{name} 조회를 NHN Cloud가 거절했습니다 ({said})."]
    except ProviderSilent as silent:
        return {}, [f"{name} 서버에서 읽을 수 있는 응답이 없습니다 ({silent})."]


def _of_profiles(senders: list[Row]) -> list[str]:
    if not senders:
        return ["등록된 발신 프로필이 없습니다. NHN Cloud 콘솔에서 카카오톡 채널을 등록하세요."]
    problems = []
    for one in senders:
        name = words(one.get("plusFriendId")) or "이름 없는 발신 프로필"
        if one.get("block") is True:
            problems.append(f"발신 프로필 {name}: 차단되었습니다.")
        if one.get("dormant") is True:
            problems.append(f"발신 프로필 {name}: 휴면 상태입니다.")
    return problems


def _of_numbers(send_numbers: list[Row]) -> list[str]:
    if not send_numbers:
        return ["등록된 발신 번호가 없습니다. NHN Cloud 콘솔에서 발신 번호를 등록하세요."]
    return [
        f"발신 번호 {words(one.get('sendNo'))}: 차단되었습니다."
        for one in send_numbers
        if one.get("blockYn") == "Y"
    ]
