"""What apps report, read from what the gateway keeps."""

import pytest

from channels.contract import BadCallback, Callback
from channels.push import APP, parse_app
from channels.vocabulary import Result


def app(body: str) -> Callback:
    return Callback(APP, {}, body.encode())


def test_each_word_means_one_thing() -> None:
    at = "2026-11-27T00:00:00+00:00"
    rows = ",".join(
        f'{{"ref": "r{n}", "what": "{what}", "at": "{at}"}}'
        for n, what in enumerate(("received", "shown", "read", "acknowledged"))
    )
    found = parse_app(app(f"[{rows}]"))
    assert [one.result for one in found] == [
        Result.DELIVERED,
        Result.DELIVERED,
        Result.READ,
        Result.ACKNOWLEDGED,
    ]
    assert {one.at.isoformat() for one in found if one.at} == {at}
    assert [one.ref for one in found] == ["r0", "r1", "r2", "r3"]


@pytest.mark.parametrize(
    "body",
    ["", "{}", "[1]", '[{"ref": "r"}]', '[{"ref": "r", "what": "danced", "at": "2026-11-27"}]',
     '[{"ref": "r", "what": "read", "at": "soon"}]', '[{"ref": "r", "what": "read", "at": 1}]'],
)  # fmt: skip
def test_what_is_not_ours_is_refused(body: str) -> None:
    with pytest.raises(BadCallback):
        parse_app(app(body))
