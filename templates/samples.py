"""Stand-ins for sample values, where a template comes without any."""

from collections.abc import Iterable, Mapping

from templates.compiled import CompiledTemplate, compile_template
from templates.render import ValuesRefused, render
from templates.template import Template
from templates.text import Unsendable
from templates.variables import parse

DIGIT = "1"  # fits wherever a variable may stand: in a link, in an amount, in the shortest part


def stand_ins(template: Template, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """A value for every variable that fills the template: the known one, else the variable's name.

    Where the name would not fit it is a digit; where a known value does not fit, so are all.
    """
    source, kept = compile_template(template), known or {}
    names, tight = _names(template.texts()), set(_names(template.bubble_texts()))
    tries = (
        {n: kept.get(n, DIGIT if n in tight else n) for n in names},
        {n: kept.get(n, DIGIT) for n in names},
    )
    return next((one for one in tries if _fills(source, one)), dict.fromkeys(names, DIGIT))


def _names(texts: Iterable[tuple[str, str]]) -> list[str]:
    """The variables, in the order a reader meets them."""
    return list(dict.fromkeys(name for _, text in texts for name in parse(text).names))


def _fills(source: CompiledTemplate, values: Mapping[str, str]) -> bool:
    try:
        render(source, values, dict.fromkeys(source.token_buttons, "0" * 32))
    except (Unsendable, ValuesRefused):
        return False
    return True
