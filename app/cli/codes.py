"""``naru codes``: what a provider's codes mean, what follows from each, and what to do."""

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import chain
from typing import Any

import click

from app.cli import timelines
from app.cli.failures import BadUsage
from app.cli.output import json_option, show_rows
from app.services.explanations import ACTIONS, EXPLANATIONS, action
from app.services.states import POLICY
from channels.codes.meaning import Meaning, Table
from channels.registry import CODES, PROVIDERS, SOURCES

HEAD = """# Codes

What providers answer, in words. Written by `naru codes --markdown`; a test compares this page with
the tables. On a terminal: `naru codes nhn 3018 --lang en`.

The same digits mean different things in different places, so every table has its own:

| place | holds |
|---|---|
| alimtalk.answer, text.answer, chat.answer | what the sending call answers |
| alimtalk.result, text.result | what became of the message, told later by webhook or list |
| any.answer, any.result | the same, whatever the route |

`text` is SMS, LMS and MMS. A dash as reason: nothing is wrong. Tables of providers without an
adapter are read from their public pages and were never tried.

## Reasons

Every code leads to one reason; the reason decides what happens next.

"""


@click.command(context_settings={"ignore_unknown_options": True})  # -3016 is a code
@click.argument("provider", required=False)
@click.argument("code", required=False)
@timelines.lang_option
@json_option
@click.option("--markdown", is_flag=True, help="Print all tables as the page docs/codes.md.")
def codes(provider: str | None, code: str | None, lang: str, as_json: bool, markdown: bool) -> None:
    """Show what a provider's codes mean, and what to do about each.

    Without CODE all of the provider's; without PROVIDER the providers.

    \b
    예: naru codes nhn 3018
        naru codes solapi --lang en
    """
    if markdown:
        click.echo("".join(page()), nl=False)
        return
    if provider is None:
        rows = [_provider(name, table) for name, table in CODES.items()]
    else:
        rows = _rows(provider, code, lang)
    show_rows(rows, as_json=as_json, empty="")


def _rows(provider: str, code: str | None, lang: str) -> list[dict[str, Any]]:
    if provider not in CODES:
        raise BadUsage(
            f"{provider}: 모르는 제공자예요. (No such provider; there are {', '.join(CODES)}.)"
        )
    table = CODES[provider]
    found = [
        _row(place, one, meaning, lang)
        for place, meanings in table.items()
        for one, meaning in meanings.items()
        if code in (None, one)
    ]
    if not found:
        raise BadUsage(
            f"{code}: {provider} 의 표에 없는 코드예요. 비슷한 것: {_near(table, str(code))}. "
            f"(Not in the tables of {provider}; near ones are named.)"
        )
    return found


def _near(table: Table, code: str) -> str:
    """Codes that look like it: signs and letters are easily lost."""
    known = list(dict.fromkeys(chain.from_iterable(table.values())))
    digits = code.strip("-+ ").upper()
    same = [one for one in known if digits and one.upper().endswith(digits)]
    near = dict.fromkeys([*same, *get_close_matches(code, known, n=5, cutoff=0.5)])
    return ", ".join(list(near)[:5]) or "-"


def _provider(name: str, table: Table) -> dict[str, Any]:
    return {
        "provider": name,
        "codes": sum(map(len, table.values())),
        "adapter": name in PROVIDERS,
        "source": SOURCES[name],
    }


def _row(place: str, code: str, meaning: Meaning, lang: str) -> dict[str, Any]:
    reason = meaning.reason
    return {
        "place": place,
        "code": code,
        "meaning": meaning.en if lang == "en" else meaning.ko,
        "reason": reason,
        "falls_back": POLICY[reason].fall_back if reason else None,
        "action": action(reason, lang) or None,
    }


def page() -> Iterator[str]:
    """docs/codes.md, line by line."""
    yield HEAD
    yield _table("reason", "next step", "무슨 일", "할 일", "what happened", "what to do")
    for reason, words in EXPLANATIONS.items():
        follows = _follows(reason)
        both = zip(words, ACTIONS[reason], strict=True)
        yield _line(f"`{reason}`", follows, *chain.from_iterable(both))
    for name, table in CODES.items():
        adapter = "" if name in PROVIDERS else " (no adapter yet)"
        own = name in ("kakao", "network")
        yield f"\n## {name}{'' if own else adapter}\n\nSource: {SOURCES[name]}.\n"
        for place, meanings in table.items():
            yield f"\n### {name}: {place}\n\n"
            yield _table("code", "reason", "뜻", "meaning")
            for code, meaning in meanings.items():
                yield _line(f"`{code}`", meaning.reason or "–", meaning.ko, meaning.en)


def _follows(reason: str) -> str:
    policy = POLICY.get(reason)
    return "–" if policy is None else "yes" if policy.fall_back else "no"


def _table(*names: str) -> str:
    return _line(*names) + "|---" * len(names) + "|\n"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"
