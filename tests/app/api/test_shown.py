"""What the services tell of a message is what the API shows: a field left out would be lost."""

from pydantic import BaseModel

from app.api.shown import AttemptOut, Entry, MessageOut
from app.services import timeline
from app.services.runtime import Runtime
from channels.vocabulary import Reason, Verdict
from tests.engine import Provider, engine, verdict


async def test_nothing_a_message_tells_is_lost(runtime: Runtime) -> None:
    answer = verdict(Verdict.REJECTED, Reason.CONTENT_REFUSED, code="-8008")
    eng = await engine(runtime, Provider(answer=answer))
    [message_id] = await eng.accept("01012345678")
    await eng.run()
    async with runtime.database.read() as session:
        message = await timeline.find(session, eng.caller, message_id)
        [shown] = await timeline.show(session, runtime, [message])
        entries = await timeline.timeline(session, eng.workspace_id, message_id, "en")
    shown |= {"eta": None}  # which the route adds
    told: list[tuple[type[BaseModel], object]] = [(MessageOut, shown), (Entry, entries[-1])]
    told += [(AttemptOut, attempt) for attempt in shown["attempts"]]
    for model, fields in told:
        assert isinstance(fields, dict)
        assert model.model_fields.keys() == fields.keys()
        model.model_validate(fields)
    assert shown["explanation"].keys() == shown["action"].keys() == {"ko", "en"}
    assert all([*shown["explanation"].values(), *shown["action"].values()])
    assert (entries[-1]["code"], entries[-1]["code_meaning"]) == ("-8008", "a forbidden word")
