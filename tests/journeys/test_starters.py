"""Every starter: registered, approved, sent with its sample values, and there on the phone."""

from pathlib import Path

import pytest

from templates.compiled import compile_template
from templates.files import load, starters
from templates.render import render
from tests.journeys.town import approve, town

FORMS = [load(path) for path in starters().values()]


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_every_starter_arrives(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        await approve(place, *(template.to_mapping() for template, _ in FORMS))
        numbers = [f"0102000{1000 + i}" for i, _ in enumerate(FORMS)]
        sent = [
            await place.send(template.code, number, variables=sample, send_window="any")
            for number, (template, sample) in zip(numbers, FORMS, strict=True)
        ]
        for message_id in sent:
            assert (await place.until(message_id, "delivered"))["fallback_used"] is False
        for number, (template, sample) in zip(numbers, FORMS, strict=True):
            source = compile_template(template)
            made = render(source, sample, dict.fromkeys(source.token_buttons, "0" * 32))
            arrived = (await place.received(number))[0]
            assert arrived["kind"] == "alimtalk", template.code
            assert made.text in arrived["text"], template.code
            names = [button["name"] for button in arrived["buttons"]]
            pressed = [*made.buttons, *made.quick_replies]
            assert [button.name for button in pressed] == names, template.code
