"""Callbacks that were tried: bounded, and found by what they are about."""

from sandbox.callbacks import Callback, Callbacks, origin_of


def one(body: bytes, status: int | None = 200) -> Callback:
    return Callback(1, "sms", "AK1", "http://a.example", body, status, 1, status == 200)


def test_they_are_bounded_by_number_and_by_size() -> None:
    kept = Callbacks(kept=2, most_bytes=100)
    for body in (b'"R1"', b'"R2"', b'"R3"'):
        kept.append(one(body))
    assert [each.body for each in kept.about((b'"R',))] == [b'"R2"', b'"R3"']
    kept.append(one(b'"R4' + b"x" * 500))
    assert [each.body[:4] for each in kept.about((b'"R',))] == [b'"R4x']
    kept.clear()
    assert list(kept.about((b"R",))) == []


def test_those_about_something() -> None:
    kept = Callbacks()
    for body in (b'{"id":"R1-1"}', b'{"id":"R2-1"}'):
        kept.append(one(body))
    assert [each.body for each in kept.about((b'"R2',))] == [b'{"id":"R2-1"}']
    assert list(kept.about(())) == []


def test_of_an_address_only_where_it_leads() -> None:
    assert origin_of("https://u:p@a.example:8/callbacks/secret?x=1") == "https://a.example:8"
    assert origin_of("nothing") == ""
