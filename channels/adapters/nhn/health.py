"""Checking an account at no cost: both products are asked for their senders."""

from collections.abc import Mapping
from typing import Any

import httpx

from channels.adapters.nhn.account import Product
from channels.adapters.nhn.asking import fetch
from channels.adapters.nhn.shapes import at, number, rows, words
from channels.management import Health, ProviderRefused, ProviderSilent
from channels.vocabulary import Reason

_NAMES = {"alimtalk": "알림톡", "sms": "문자(SMS)"}

_SPAM_LEVELS = ("profileSpamLevel", "profileMessageSpamLevel")
_STATES = {"C": "비활성화", "D": "삭제", "E": "삭제 처리 중"}

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
    return Health(not problems, tuple(problems), details | _notes(senders))


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
    return [f"발신 프로필 {_name(one)}: {what}" for one in senders for what in _wrong_with(one)]


def _wrong_with(profile: Row) -> list[str]:
    """Sentences about one profile; null says nothing. Source: the guide "Sender v2.3" (2026-06)."""
    if words(profile.get("status")) == "YSC02":
        return ["토큰 인증을 기다립니다. 관리자 카카오톡으로 받은 토큰을 NHN Cloud에 입력하세요."]
    state = words(profile.get("kakaoProfileStatus"))
    is_blocked = profile.get("block") is True or words(profile.get("kakaoStatus")) == "S"
    most, sent = (number(at(profile, "alimtalk", n)) or 0 for n in ("dailyMaxCount", "sentCount"))
    spam = {words(profile.get(level)) for level in _SPAM_LEVELS} - {"", "정상"}
    said = {
        "차단되었습니다.": is_blocked or state == "B",
        "휴면 상태입니다.": profile.get("dormant") is True,
        f"카카오톡 채널이 {_STATES.get(state)} 상태입니다.": state in _STATES,
        f"카카오톡이 스팸으로 제한했습니다 ({', '.join(sorted(spam))}).": bool(spam),
        f"오늘 보낼 수 있는 {most:,}건을 모두 보냈습니다.": 0 < most <= sent,
    }
    return [sentence for sentence, is_so in said.items() if is_so]


def _notes(senders: list[Row]) -> dict[str, str]:
    """What is no trouble and still good to know, by name of the profile."""
    new = [_name(one) for one in senders if one.get("initialUserRestriction") is True]
    resends = [_name(one) for one in senders if at(one, "alimtalk", "isResend") is True]
    notes = {"first_time_senders": ", ".join(new), "own_fallback_on": ", ".join(resends)}
    return {name: text for name, text in notes.items() if text}


def _name(profile: Row) -> str:
    return words(profile.get("plusFriendId")) or "이름 없는 발신 프로필"


def _of_numbers(send_numbers: list[Row]) -> list[str]:
    if not send_numbers:
        return ["등록된 발신 번호가 없습니다. NHN Cloud 콘솔에서 발신 번호를 등록하세요."]
    return [
        f"발신 번호 {words(one.get('sendNo'))}: {what}"
        for one in send_numbers
        for what in (
            *(["차단되었습니다."] if one.get("blockYn") == "Y" else []),
            *(["사용하지 않음으로 설정되었습니다."] if one.get("useYn") == "N" else []),
        )
    ]
