"""The access record: who saw what was masked, who changed what, the newest first."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.console.deps import RuntimeDep, visit
from app.console.forms import PageRoute
from app.console.paging import after_of
from app.console.render import page
from app.console.words import mark
from app.services import access
from app.services.logins import Visit

router = APIRouter(prefix="/console/access", include_in_schema=False, route_class=PageRoute)
Admin = Annotated[Visit, Depends(visit("admin"))]
MOST = 50
KINDS = {
    "number.revealed": mark("번호를 봄"),
    "consultation.saved": mark("상담 기록을 받음"),
    "callback.revealed": mark("콜백 주소를 봄"),
    "key.created": mark("API 키를 만듦"),
    "key.revoked": mark("API 키를 폐기함"),
    "member.added": mark("사람을 추가함"),
    "member.role": mark("역할을 바꿈"),
    "member.reset": mark("새 링크를 만듦"),
    "member.removed": mark("사람을 뺌"),
    "profile.changed": mark("자기 정보를 바꿈"),
    "profile.password": mark("자기 비밀번호를 바꿈"),
    "account.added": mark("공급사 계정을 추가함"),
    "account.changed": mark("공급사 계정을 바꿈"),
    "account.paused": mark("공급사 계정을 멈춤"),
    "account.resumed": mark("공급사 계정을 다시 씀"),
    "account.checked": mark("공급사 계정을 확인함"),
    "sender.added": mark("발신 정보를 추가함"),
    "sender.blocked": mark("발신 정보를 막음"),
    "sender.opened": mark("발신 정보를 다시 씀"),
    "template.saved": mark("템플릿을 저장함"),
    "template.submitted": mark("검수를 요청함"),
    "template.withdrawn": mark("검수를 취소함"),
    "template.commented": mark("검수자에게 말함"),
    "template.released": mark("템플릿의 휴면을 풂"),
    "template.stopped": mark("템플릿을 중지함"),
    "template.resumed": mark("템플릿을 다시 씀"),
    "template.asked": mark("템플릿의 상태를 물어봄"),
    "template.deleted": mark("템플릿을 지움"),
}


@router.get("")
async def show(request: Request, runtime: RuntimeDep, who: Admin) -> Response:
    """A page of the record."""
    before = after_of(request, "before")
    async with runtime.database.read() as session:
        found = await access.entries(session, who.workspace_id, before, MOST)
    values = {
        "here": "access",
        "entries": found[:MOST],
        "next": found[MOST - 1].id if len(found) > MOST else None,
        "first": before is None,
        "kinds": KINDS,
    }
    return await page(request, who, "access.html", values)
