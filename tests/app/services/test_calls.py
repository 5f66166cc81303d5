"""A call's stored form, in the order of its columns."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.db.models import Call, ProviderAccount
from app.services.calls import CALL_COLUMNS, OpenCall
from channels.registry import PROVIDERS

ACCOUNT = ProviderAccount(
    id=UUID(int=5),
    workspace_id=UUID(int=2),
    name="n",
    adapter="nhn",
    mode="sandbox",
    credentials_sealed=b"",
    callback_hash=b"",
)


def test_its_row_says_what_recovery_will_ask_about() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    call = OpenCall(
        id=UUID(int=1),
        key="naru-1",
        workspace_id=UUID(int=2),
        lot_id=UUID(int=3),
        fence=4,
        account=ACCOUNT,
        route=PROVIDERS["nhn"].routes["sms"],
        settle_s=60,
        started_at=now,
        deadline_at=now + timedelta(seconds=30),
        items=(),
    )
    row = dict(zip(CALL_COLUMNS, call.row(), strict=True))
    assert (row["key"], row["route"], row["fence"], row["size"]) == ("naru-1", "sms", 4, 0)
    assert (row["account_id"], row["lot_id"]) == (call.account_id, UUID(int=3))
    assert set(CALL_COLUMNS) <= set(Call.model_fields)
