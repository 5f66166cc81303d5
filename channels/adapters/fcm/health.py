"""Checking an account at no cost: Google judges a message to an address that cannot be.

With ``validateOnly`` nothing is delivered. That the address is refused is the proof that the
service account may send: it is looked at only after the credential.
"""

from channels.adapters.fcm.account import Config
from channels.adapters.fcm.answers import is_third_partys
from channels.adapters.fcm.shapes import fault_of
from channels.adapters.fcm.tokens import NoToken
from channels.management import Health
from channels.transport import Reply, Trouble, judge
from channels.vocabulary import Reason

NOBODY = {
    "message": {"token": "naru-check", "notification": {"body": "check"}},
    "validateOnly": True,
}
_FINE = frozenset({"INVALID_ARGUMENT", "UNREGISTERED", "SENDER_ID_MISMATCH"})


def without_token(no: NoToken) -> Health:
    """There is no access token to ask with."""
    told = f"{no.code} {no.text}".strip()
    if no.reason is Reason.MISCONFIGURED:
        said = f"구글이 서비스 계정을 받아들이지 않습니다 ({told})."
        return Health(False, (said + " 키가 지워지지 않았는지, 시계가 맞는지 보세요.",))
    return Health(False, (f"구글에서 접근 토큰을 받지 못했습니다 ({told}).",))


def judged(config: Config, answer: Reply | Trouble) -> Health:
    """What the answer to ``NOBODY`` says; problems are sentences in Korean."""
    details = {"project": config.project}
    fault = fault_of(answer)
    if isinstance(answer, Reply) and answer.status == 200:
        return Health(True, (), details)
    if fault is None:
        problem = f"FCM에서 읽을 수 있는 응답이 없습니다 ({judge(answer).code})."
    elif fault.code in _FINE:
        return Health(True, (), details)
    elif is_third_partys(fault):
        problem = f"Firebase 콘솔에 넣은 APNs 키나 웹 푸시 키가 맞지 않습니다 ({fault.code})."
    elif fault.code == "NOT_FOUND":
        problem = f"프로젝트 {config.project}을(를) 찾을 수 없습니다 ({fault.text})."
    elif isinstance(answer, Reply) and answer.status in (401, 403):
        problem = (
            f"서비스 계정으로 보낼 수 없습니다 ({fault.code} {fault.text}). "
            "역할과 FCM API가 켜져 있는지 보세요."
        )
    else:
        problem = f"FCM이 확인을 거절했습니다 ({fault.code} {fault.text})."
    return Health(False, (problem,), details)
