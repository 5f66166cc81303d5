"""Refusals in the reader's words: what happened, why, what to do.

Services say them in English (they are the API's answers); the console adds Korean by code. A code
without a row keeps the English sentence, which is whole, only not Korean.
"""

from collections.abc import Mapping

from app.errors import GatewayError

KOREAN: Mapping[str, str] = {
    "bad_login": "이메일이나 비밀번호가 맞지 않아요.",
    "too_many_logins": "비밀번호를 여러 번 틀렸어요. {minutes}분 뒤에 다시 해 보세요.",
    "no_workspace": "속한 워크스페이스가 없어요. 소유자에게 추가해 달라고 하세요.",
    "weak_password": "비밀번호는 {limit}자 이상이고, 서로 다른 글자가 4개 이상이며, 이름이나 "
    "이메일을 담지 않아야 해요. 짧은 문장이 좋아요.",
    "bad_email": "이메일 주소가 아니에요. naru@example.com처럼 적어 주세요.",
    "bad_name": "이름은 1자부터 {limit}자까지 쓸 수 있어요.",
    "bad_setup_code": "설치 코드가 맞지 않아요. 데이터 폴더의 setup-code 파일에 있고, naru members "
    "setup이 알려 줘요.",
    "bad_workspace": "워크스페이스 이름을 적어 주세요.",
    "not_first": "이미 소유자가 있어요. 들어가거나, 소유자에게 추가해 달라고 하세요.",
    "link_over": "이 링크는 이미 썼거나 오래됐어요. 소유자에게 새로 받으세요: naru members reset",
    "role_missing": "이 역할로는 할 수 없어요. 워크스페이스 소유자에게 물어보세요.",
    "other_site": "다른 사이트에서 온 요청이에요. 여기에서 화면을 다시 열어 주세요.",
    "stale_form": "다른 로그인의 화면이에요. 새로 고친 뒤 다시 해 주세요.",
    "unknown_workspace": "그런 워크스페이스에 속해 있지 않아요.",
    "already_member": "이미 이 워크스페이스에 있는 사람이에요. 역할을 바꿔 주세요.",
    "last_owner": "워크스페이스에는 소유자가 있어야 해요. 다른 사람을 먼저 소유자로 바꾸세요.",
    "unknown_role": "그런 역할은 없어요.",
    "unknown_staff": "그런 사람이 없어요.",
    "not_found": "여기에는 아무것도 없어요. 주소를 살펴보세요.",
    "bad_number": "한국 전화번호가 아니에요. 010-1234-5678처럼 적어 주세요.",
    "foreign_number": "한국 밖의 번호예요. 아직 한국 번호(+82)만 보낼 수 있어요.",
    "missing_variable": "값이 비어 있어요. 모든 값을 채워 주세요.",
    "unknown_variable": "템플릿에 없는 값이에요. 화면을 새로 고쳐 다시 채워 주세요.",
    "variable_too_long": "값이 1,300자를 넘어요. 줄여 주세요.",
    "bad_variable": "값에 쓸 수 없는 글자가 있어요. 지우고 다시 적어 주세요.",
    "too_long": "채운 글이 {count}이라 한도 {limit}를 넘어요. 값을 줄이거나 템플릿에 짧은 문자 "
    "글을 더하세요.",
    "not_encodable": "문자로 보낼 수 없는 글자가 있어요. 그림 글자 같은 것을 빼 주세요.",
    "blank": "채운 글이 비어요. 값을 살펴보세요.",
    "bad_link": "채운 주소가 주소가 아니에요. 값에 빈칸이 없는지 살펴보세요.",
    "bad_amount": "합계 자리에는 금액만 쓸 수 있어요.",
    "unknown_template": "그런 템플릿이 없어요. 목록에서 고르세요.",
    "template_not_approved": "아직 승인되지 않은 템플릿이에요. 검수 결과를 기다리거나 고쳐 다시 "
    "요청하세요.",
    "template_stopped": "멈춘 템플릿이에요. 템플릿 화면에서 다시 쓰기로 바꾸면 보낼 수 있어요.",
    "no_sandbox_account": "연습장 계정이 없어요. 공급사 계정에서 연습장 계정과 발신 정보를 "
    "더하세요.",
    "no_live_account": "실제로 보낼 계정이 없어요. 공급사 계정과 발신 정보를 더하세요.",
    "no_mms_route": "그림 문자를 보낼 수 있는 계정이 없어요.",
    "level_unavailable": "이 계획은 알 수 없는 것(읽음 같은)을 기다려요. 템플릿의 계획을 고치세요.",
    "unknown_message": "이 워크스페이스에 그런 메시지가 없어요. 연습과 실제 발송을 바꿔 보세요.",
    "unknown_call": "이 메시지에 그런 요청이 없어요.",
    "unknown_picture": "그런 그림이 없어요.",
    "too_late": "늦었어요. 일부가 이미 떠났거나 끝난 메시지라 취소하지 않았어요.",
    "not_ended": "아직 가는 중이에요. 끝나기를 기다리거나 먼저 취소하세요.",
    "both_may_arrive": "앞의 것이 갔는지 아직 몰라요. 두 번 갈 수 있다는 데 표시해야 다시 보내요.",
    "key_gone": "저장된 내용을 열 열쇠가 없어요. 보관 기간이 지났을 수 있어요.",
    "idempotency_key_reused": "이 화면으로 이미 한 건을 보냈어요. 한 건 더 보내려면 다시 누르세요.",
    "idempotency_key_in_use": "방금 누른 것을 아직 보내고 있어요. 잠시 뒤 메시지 목록을 보세요.",
    "store_unavailable": "저장됐는지 알 수 없어요. 다시 눌러도 한 번만 보내요.",
    "disk_low": "저장할 자리가 거의 없어 받지 않았어요. 운영자에게 알려 주세요.",
    "unknown_login": "이미 끝난 로그인이에요.",
    "own_row": "내 역할, 링크, 자리는 다른 소유자가 바꿔요.",
    "elsewhere_too": "다른 워크스페이스에도 있는 사람이에요. 링크는 이 설치를 돌리는 사람이 "
    "만들어요: naru members reset {email}",
    "bad_key_name": "어디에 쓰는 키인지 1자부터 {limit}자까지 적어 주세요.",
    "unknown_kind": "목록에서 하나를 골라 주세요.",
    "unknown_scope": "할 수 있는 일을 하나 이상 골라 주세요.",
    "bad_expiry": "목록에서 하나를 골라 주세요.",
    "unknown_key": "그런 키가 없어요.",
    "unknown_account": "그런 계정이 없어요.",
    "unknown_provider": "그런 공급사가 없어요.",
    "unknown_mode": "실제 발송과 연습 가운데 하나를 골라 주세요.",
    "account_exists": "같은 이름의 계정이 있어요. 다른 이름을 써 주세요.",
    "account_unusable": "저장된 자격 값을 열 수 없어요. secrets.toml이 그때 것인지 살펴보거나 값을 "
    "다시 넣어 주세요.",
    "missing_credential": "이 값이 있어야 해요.",
    "bad_credential": "쓸 수 없는 값이에요. 주소는 https://로 시작하고, 키에는 빈칸과 "
    "한글이 없어요.",
    "live_at_sandbox": "실제 계정이 연습장의 주소를 쓸 수 없어요. 공급사의 주소를 넣어 주세요.",
    "bad_limit": "0보다 크고 {limit} 이하인 수를 적어 주세요.",
    "bad_price": "0원부터 {limit}원까지, 소수점 아래 {decimals}자리까지 적어 주세요. 예: 6.5",
    "bad_weight": "0부터 {limit}까지 적어 주세요.",
    "bad_caller_number": "발신번호가 아니에요. 1588-1234나 02-523-4567처럼 적어 주세요.",
    "bad_sender_key": "발신 키는 빈칸 없는 글자 1자부터 100자까지예요. 공급사 콘솔에서 복사해 "
    "주세요.",
    "route_unavailable": "이 공급사는 그 종류를 보내지 않아요. 다른 계정을 골라 주세요.",
    "sender_exists": "이 계정에 이미 있는 발신이에요.",
    "unknown_sender": "그런 발신 정보가 없어요.",
    "choose_account": "계정을 골라 주세요.",
    "line_too_long": "{limit}자까지 쓸 수 있어요.",
    "unknown_version": "그런 버전이 없어요.",
    "unknown_action": "그런 일은 없어요. 화면을 새로 고쳐 주세요.",
    "template_exists": "같은 코드의 다른 템플릿이 있어요. 그 템플릿을 고치거나 다른 코드를 써 "
    "주세요.",
    "code_is_fixed": "코드는 바꿀 수 없어요. 새 템플릿으로 만들어 주세요.",
    "live_template": "실제 계정에서 쓰는 템플릿이에요. 연습이 아니라 실제 발송을 볼 때 할 수 "
    "있어요.",
    "template_being_deleted": "공급사에서 지우는 중이에요. 끝날 때까지 기다려 주세요.",
    "not_in_review": "검수 중인 것이 없어요.",
    "not_in_use": "쓰고 있지 않아요. 승인된 것만 중지할 수 있어요.",
    "not_stopped": "중지되어 있지 않아요.",
    "not_dormant": "휴면이 아니에요.",
    "rejected": "반려된 버전은 바뀌지 않아요. 고치면 다음 버전으로 검수를 받아요.",
    "action_waiting": "{account}에 먼저 할 요청이 남아 있어요. 끝난 뒤에 해 주세요.",
    "not_offered_by_provider": "이 공급사의 API로는 할 수 없어요. 공급사 콘솔에서 해 주세요.",
    "comment_missing": "할 말을 적어 주세요.",
    "bad_form": "화면이 오래됐어요. 새로 고친 뒤 다시 해 주세요.",
    "bad_figure": "숫자로 적어 주세요.",
    "thread_not_found": "그런 대화가 없어요. 목록에서 다시 골라 주세요.",
    "case_not_found": "그런 상담이 없어요. 목록에서 다시 골라 주세요.",
    "stale_epoch": "읽은 뒤에 다른 사람이 맡았거나 상담이 다시 열렸어요. 새 말을 읽고 정해 주세요.",
    "not_owner": "다른 사람이 담당하는 상담이에요. 먼저 넘겨받으세요.",
    "not_owned": "맡은 상담만 미룰 수 있어요. 먼저 맡으세요.",
    "no_chat_session": "대화가 닫혀 있어 보낼 수 없어요. 고객만 다시 열 수 있어요. 알림톡으로 "
    "알려 보세요.",
    "case_resolved": "끝난 상담이에요. 먼저 다시 맡으세요.",
    "client_key_reused": "조금 전에 보낸 것과 글이 달라요. 한 번 더 보내 주세요.",
    "empty_text": "글을 적어 주세요.",
    "too_long:text": "글이 너무 길어요. 나누어 보내 주세요.",
    "too_long:note": "메모가 너무 길어요. 줄여 주세요.",
    "too_long:greeting": "글이 너무 길어요. 줄여 주세요.",
    "too_long:away": "글이 너무 길어요. 줄여 주세요.",
    "bad_text": "보낼 수 없는 글자가 들어 있어요. 지우고 다시 보내 주세요.",
    "twice_not_confirmed": "고객이 두 번 받을 수 있어요. 그래도 보낼지 골라 주세요.",
    "not_retryable": "이미 보낸 말이라 다시 보낼 수 없어요.",
    "not_unknown": "이 말이 어떻게 됐는지 이미 알아요.",
    "bad_time": "1분 뒤부터 90일 안의 때를 골라 주세요.",
    "agent_not_found": "그 사람에게는 넘길 수 없어요. 다른 사람을 골라 주세요.",
    "team_not_found": "그런 팀이 없어요.",
    "bad_capacity": "한 번에 1건부터 {limit}건까지 정할 수 있어요.",
    "attachment_not_found": "파일이 없거나 지워졌어요. 다시 올려 주세요.",
    "attachment_used": "이미 보낸 파일이에요. 또 보내려면 다시 올려 주세요.",
    "attachment_empty": "빈 파일이에요.",
    "attachment_runs": "실행될 수 있는 파일이라 보내지 않아요.",
    "attachment_unreadable": "읽을 수 없는 파일이에요. 다른 형식으로 저장해 주세요.",
    "attachment_unfit": "메신저가 받지 않는 형식이에요. 다른 형식으로 저장해 주세요.",
    "attachment_too_large": "파일이 너무 커요. 줄이거나 링크를 보내 주세요.",
    "bad_query": "글자나 숫자를 한 자 이상 넣어 찾아 보세요.",
    "bad_cursor": "목록이 바뀌었어요. 처음부터 다시 보세요.",
    "number_unknown": "이 고객의 번호를 아직 몰라요.",
    "chat_open": "대화가 열려 있어요. 대화에서 바로 답하세요.",
    "customer_blocked": "차단한 고객이에요. 먼저 차단을 푸세요.",
    "no_consult_button": "상담 버튼이 없는 템플릿이라 고객이 답할 수 없어요. 다른 템플릿을 "
    "골라 주세요.",
    "variables_missing": "비어 있는 변수가 있어요. 모두 채워 주세요.",
    "bad_shortcut": "부르는 말은 빈칸과 /, # 없이 {limit}자까지예요.",
    "shortcut_exists": "같은 부르는 말이 있어요. 다른 말을 쓰거나 그것을 고치세요.",
    "bad_variable:text": "변수 쓰기가 잘못됐어요. #{{이름}}처럼 적어 주세요.",
    "bad_label": "라벨은 1자부터 {limit}자까지예요.",
    "label_exists": "같은 라벨이 있어요.",
    "bad_team_name": "팀 이름은 1자부터 {limit}자까지예요.",
    "team_exists": "같은 이름의 팀이 있어요.",
    "bad_hours": "시간을 09:00-18:00처럼, 여럿이면 쉼표로 나누어 차례대로 적어 주세요. 하루는 "
    "열려 있어야 해요.",
    "unknown_variable:away": "쓸 수 없는 변수가 있어요. 쉬는 때 하는 말에는 #{{여는시각}}만 쓸 수 "
    "있어요.",
    "unknown_variable:greeting": "반기는 말에는 변수를 쓸 수 없어요.",
    "bad_reopen": "0시간부터 720시간까지 적어 주세요.",
    "bad_aim": "30초부터 하루까지 적어 주세요.",
    "bad_rules": "규칙에 틀린 곳이 있어요. 아래를 고쳐 주세요.",
    "bot_name_taken": "같은 이름의 봇이 있어요.",
    "https_needed": "비밀번호는 HTTPS로만 받아요. 앞에 HTTPS를 두거나, 닫힌 망이라면 "
    "NARU_CONSOLE_HTTP=true로 켜 주세요.",
}


def explained(error: GatewayError, language: str) -> str:
    """What a refusal means, in a language."""
    words = KOREAN.get(error.code)
    if "count" not in error.data:  # only a rendered notice is counted; other forms have own words
        words = KOREAN.get(f"{error.code}:{error.field}", words)
    korean = words if language == "ko" else None
    if korean is None:
        return error.detail
    try:
        return korean.format_map(error.data)
    except (KeyError, IndexError, ValueError):
        return korean
