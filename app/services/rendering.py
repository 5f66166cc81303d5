"""Filling a template for one message, with what went wrong said to the caller."""

from app.errors import Invalid
from app.services.catalogue import Sending
from templates import render, text, variables

REFUSALS = (render.ValuesRefused, text.Unsendable)  # what filling raises
SPOILT: dict[type[text.Unsendable], str] = {
    render.Blank: "blank",
    render.BadLink: "bad_link",
    render.BadAmount: "bad_amount",
}


def fill(
    sending: Sending, values: dict[str, str], tokens: dict[int, str], *, sms: bool
) -> render.Rendered:
    """The template with its values. Raises Invalid, naming field, count and limit."""
    try:
        return render.render(sending.compiled, values, tokens, sms=sms)
    except REFUSALS as error:
        raise refusal(error) from None


def fill_sms(sending: Sending, values: dict[str, str]) -> render.Rendered:
    """Its text message alone. Raises Invalid as :func:`fill`."""
    try:
        return render.render_sms(sending.compiled, values)
    except REFUSALS as error:
        raise refusal(error) from None


def refusal(error: render.ValuesRefused | text.Unsendable) -> Invalid:
    """What the caller hears of values that do not fit."""
    if isinstance(error, render.ValuesRefused):
        return _bad_variables(error.problems[0])
    if isinstance(error, text.TooLong):
        return Invalid(
            "too_long",
            f"{error.field} has {error.count} {error.unit} once filled; {error.limit} fit. "
            "Shorten the values, or give the template a shorter SMS text.",
            field=error.field,
            data={"count": error.count, "limit": error.limit, "unit": error.unit},
        )
    if isinstance(error, text.NotEncodable):
        return Invalid(
            "not_encodable",
            f"{error.field} holds characters a Korean SMS cannot carry: "
            + " ".join(f"U+{ord(ch):04X}" for ch in error.chars)
            + ". Leave them out, or send without an SMS step.",
            field=error.field,
            data={"characters": list(error.chars)},
        )
    field = getattr(error, "field", None)
    return Invalid(SPOILT[type(error)], f"{error}. Check the values that fill it.", field=field)


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
