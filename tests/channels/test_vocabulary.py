"""The words: stable values, because they are stored and shown."""

from enum import StrEnum

from channels import vocabulary


def test_values_are_lower_case_words() -> None:
    """They go into rows, events and the API as they are."""
    for name in vocabulary.__dict__.values():
        if isinstance(name, type) and issubclass(name, StrEnum):
            values = [member.value for member in name]
            assert all(value.replace("_", "").islower() for value in values)
            assert len(set(values)) == len(values)


def test_the_four_verdicts() -> None:
    """Money and trust depend on the fourth."""
    assert [*vocabulary.Verdict] == ["accepted", "rejected", "deferred", "unknown"]
