"""What a push says and what its app is handed."""

import pytest

from app.errors import GatewayError
from app.services.runtime import Runtime
from tests.pushing import APP_NAME, pushing

PUSH_ONLY = [{"channel": "push"}]
THEN_SMS = [{"channel": "push"}, {"channel": "sms"}]
NUMBER = "01012345678"


async def test_what_no_push_can_hold_is_refused(runtime: Runtime) -> None:
    one = await pushing(runtime)
    await one.person("hana", "", "fid-1")
    with pytest.raises(GatewayError, match="fit a push") as refusal:
        await one.accept(person="hana", plan=PUSH_ONLY, variables={"주문번호": "😀" * 900})
    assert (refusal.value.code, refusal.value.field) == ("too_long", "content")


async def test_every_device_gets_it_with_what_its_app_needs(runtime: Runtime) -> None:
    one = await pushing(runtime)
    await one.person("hana", "", "fid-1", "fid-2")
    message_id = await one.accept(
        person="hana", plan=[{"channel": "push", "until": "acknowledged"}]
    )
    await one.run()
    assert sorted(one.reached) == ["fid-1", "fid-2"]
    (message,) = one.provider.calls[0].messages
    data = dict(message.data)
    assert (message.sender, message.address_kind, message.title) == (APP_NAME, "fid", "주문 안내")
    assert message.text.startswith("[나루상점] 주문번호 A-1")
    assert message.expires_at is not None
    assert data["naru_id"] == str(message_id)
    assert data["naru_receipts"].endswith("/push/receipts")
    assert (data["naru_template"], data["naru_ask"]) == ("order_test", "acknowledge")
    assert data["naru_token"].startswith(message.ref)
    shown = await one.eng.message(message_id)
    assert (shown.status, shown.closed_at) == ("sent", None)
