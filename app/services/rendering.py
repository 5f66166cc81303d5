"""Filling a template for one message, with what went wrong said to the caller."""

from app.errors import Invalid
from app.services.catalogue import Sending
from templates import render, text, variables


def fill(
    sending: Sending, values: dict[str, str], tokens: dict[int, str], *, sms: bool
) -> render.Rendered:
    """The template with its values. Raises Invalid, naming field, count and limit."""
    try:
        return render.render(sending.compiled, values, tokens, sms=sms)
    except render.ValuesRefused as refused:
        raise _bad_variables(refused.problems[0]) from None
    except text.TooLong as long:
        raise Invalid(
            "too_long",
            f"{long.field} has {long.count} {long.unit} once filled; {long.limit} fit. "
            "Shorten the values, or give the template a shorter SMS text.",
            field=long.field,
            data={"count": long.count, "limit": long.limit, "unit": long.unit},
        ) from None
    except text.NotEncodable as bad:
        raise Invalid(
            "not_encodable",
            f"{bad.field} holds characters a Korean SMS cannot carry: "
            + " ".join(f"U+{ord(ch):04X}" for ch in bad.chars)
            + ". Leave them out, or send without an SMS step.",
            field=bad.field,
            data={"characters": list(bad.chars)},
        ) from None
    except (render.Blank, render.BadLink) as bad:
        code = "blank" if isinstance(bad, render.Blank) else "bad_link"
        raise Invalid(code, f"{bad}. Check the values that fill it.", field=bad.field) from None


def _bad_variables(problem: variables.VariableProblem) -> Invalid:
    code, what, remedy = {
        variables.MissingVariables: ("missing_variable", "has no value", "Give every variable."),
        variables.UnknownVariables: (
            "unknown_variable",
            "is not in the template",
            "Check the spelling, or leave it out.",
        ),
        variables.LongVariables: (
            "variable_too_long",
            "has a value over 1,300 characters",
            "Shorten it.",
        ),
    }.get(type(problem), ("bad_variable", "has a value with control characters", "Remove them."))
    names = list(problem.names)
    return Invalid(
        code,
        f"{', '.join(names)}: {what}. {remedy}",
        field=f"variables.{names[0]}",
        data={"names": names},
    )
