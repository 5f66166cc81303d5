"""Whom a message goes to, and what it may then be sent by."""

import pytest

from app.errors import Invalid
from app.services import recipients
from app.services.messages import NewMessage
from app.services.runtime import Runtime
from templates import plan as plans
from tests.pushing import pushing

BOTH = plans.parse([{"channel": "push"}, {"channel": "sms"}])
OTHER = plans.parse([{"channel": "push"}, {"channel": "sms", "to": "boss"}])


def asked(to: str = "", person: str | None = None) -> NewMessage:
    return NewMessage("t", to, {}, person=person)


async def test_a_number_a_person_or_both(runtime: Runtime) -> None:
    one = await pushing(runtime)
    await one.person("hana", "010-1234-5678", "fid-1")
    await one.person("duri", "", "fid-2")
    caller = one.eng.caller
    plain = await recipients.of(runtime, caller, asked("010-9999-8888"))
    assert (plain.number, plain.person_id) == ("01099998888", None)
    hana = await recipients.of(runtime, caller, asked(person="hana"))
    assert hana.number == "01012345678"
    other = await recipients.of(runtime, caller, asked("010-9999-8888", "hana"))
    assert (other.number, other.person_id) == ("01099998888", hana.person_id)
    duri = await recipients.of(runtime, caller, asked(person="duri"))
    assert duri.number == ""
    assert len({one.number_hash for one in (plain, hana, duri)}) == 3
    recipients.check(hana, BOTH)
    recipients.check(duri, OTHER)  # the text goes to somebody else
    with pytest.raises(Invalid, match="Step 2 of the plan sends by sms") as refusal:
        recipients.check(duri, BOTH)
    assert (refusal.value.code, refusal.value.field) == ("no_number", "person")


@pytest.mark.parametrize(
    ("to", "person", "code"),
    [("", None, "no_recipient"), ("", "nobody", "unknown_person"), ("12", None, "bad_number")],
)
async def test_refusals(runtime: Runtime, to: str, person: str | None, code: str) -> None:
    one = await pushing(runtime)
    with pytest.raises(Invalid) as refusal:
        await recipients.of(runtime, one.eng.caller, asked(to, person))
    assert refusal.value.code == code
