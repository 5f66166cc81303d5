"""The tenant matrix's rows of consultations, and who and what they are aimed at."""

from sqlmodel import col, select

from app.db.models import Member, ProviderAccount, Sender, Staff, Team
from app.ids import new_id
from app.services.runtime import Runtime
from tests.app.api.rows import Row, listing, shared

ANSWER = {"text": "네", "agent": "김나루", "epoch": 1, "client_key": "k1"}
SHARED = ("staff_id", "team_id")  # people have no mode: both keys of a workspace see them
TEAM = {"name": "{unique}"}
LATER = {"until": "2099-01-01T00:00:00Z"}

CONSULT: dict[str, Row] = {
    # consultations
    "GET /v1/consultations": listing("consultations:read"),
    "GET /v1/consultations/{thread_id}": Row("consultations:read"),
    "GET /v1/consultations/{thread_id}/messages": Row("consultations:read"),
    "POST /v1/consultations/{thread_id}/messages": Row("consultations:write", 202, body=ANSWER),
    "POST /v1/consultations/cases/{case_id}/take": Row(
        "consultations:write", body={"agent": "김나루"}
    ),
    "POST /v1/consultations/cases/{case_id}/resolve": Row("consultations:write"),
    "POST /v1/consultations/cases/{case_id}/assign": Row(
        "consultations:write", body={"staff_id": "{staff_id}"}
    ),
    "POST /v1/consultations/cases/{case_id}/transfer": Row(
        "consultations:write", body={"agent": "김나루", "team_id": "{team_id}"}
    ),
    "POST /v1/consultations/cases/{case_id}/snooze": Row("consultations:write", 409, body=LATER),
    "POST /v1/consultations/cases/{case_id}/reopen": Row("consultations:write"),
    "PUT /v1/consultations/cases/{case_id}/priority": Row(
        "consultations:write", body={"priority": "urgent"}
    ),
    "GET /v1/consultations/counts": listing("consultations:read"),
    "GET /v1/consultations/stats": listing(
        "consultations:read", "since=2026-11-01&until=2026-11-30"
    ),
    "GET /v1/consultations/channels": listing("consultations:read"),
    "GET /v1/consultations/channels/{sender_id}": Row("consultations:read"),
    "PUT /v1/consultations/channels/{sender_id}": Row("admin", body={"reopen_h": 1}),
    "GET /v1/consultations/agents": listing("consultations:read"),
    "PUT /v1/consultations/agents/{staff_id}/presence": shared(
        "consultations:write", body={"state": "active"}
    ),
    "GET /v1/consultations/teams": listing("consultations:read"),
    "POST /v1/consultations/teams": Row("admin", 201, 201, 201, body=TEAM),
    "GET /v1/consultations/teams/{team_id}": shared("consultations:read"),
    "PUT /v1/consultations/teams/{team_id}": shared("admin", body=TEAM),
    "DELETE /v1/consultations/teams/{team_id}": shared("admin"),
}


async def add_staffing(runtime: Runtime, account: ProviderAccount) -> dict[str, str]:
    """Somebody who may answer, a team, and the channel of an account: their ids."""
    home = account.workspace_id
    staff = Staff(email=f"{new_id()}@naru.test", name="김나루")
    team = Team(workspace_id=home, name=f"팀 {account.mode}")
    member = Member(workspace_id=home, name="김나루", role="agent", staff_id=staff.id)
    async with runtime.database.write() as tx:
        for row in (staff, team, member):
            tx.session.add(row)
            await tx.session.flush()
        query = select(Sender.id).where(
            col(Sender.account_id) == account.id, col(Sender.kind) == "chat"
        )
        sender_id = (await tx.session.exec(query)).one()
    return {"staff_id": str(staff.id), "team_id": str(team.id), "sender_id": str(sender_id)}
