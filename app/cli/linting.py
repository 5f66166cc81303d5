"""``naru templates lint`` and ``rules``: what is wrong with template files, and what may be."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from app.cli import documents, timelines
from app.cli.output import json_option, show_json, show_rows
from templates.findings import RULES, Finding, Rule, Severity
from templates.lint.linter import counts
from templates.wording import sources

HEAD = """# Linter

Every rule of the template linter. Written by `naru templates rules --markdown`; a test compares
this page with the tables.

```sh
naru templates lint 주문.toml 배송.toml --strict
```

One line per finding, `file:line: severity rule field: message — fix`. The exit code is 0 when
nothing or only hints were found, 1 with errors (with `--strict` also with warnings), 2 when a file
cannot be read. `--json` prints the same for programs. Over HTTP: `POST /v1/templates/lint`.

A file may say how long its values get, so that what could overflow is found before anything is
sent; a variable without a length counts as long as its sample:

```toml
code = "order_received"
name = "주문 접수 안내"
content = "[나루상점] #{고객명} 님, 주문 #{주문번호} 건이 접수되었습니다."

[sample]
"고객명" = "김나루"
"주문번호" = "20260301-0042"

[lengths]
"고객명" = 20
```

| severity | means |
|---|---|
| `error` | the template cannot be stored |
| `warning` | reviewers, phones or customers will probably mind |
| `hint` | worth knowing |

Words in braces are filled in: `{limit}`, `{count}`, `{detail}`.
"""


@click.command()
@documents.given
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@timelines.lang_option
@json_option
def lint(paths: tuple[Path, ...], strict: bool, lang: str, as_json: bool) -> None:
    """Check template files; nothing is stored or sent. A folder means every .toml file in it.

    Exit code 0: clean, or hints only. 1: errors, with --strict also warnings. 2: unreadable.

    예: naru templates lint 템플릿/ --strict --json
    """
    opened = documents.open_all(paths)
    found = [(path, one) for path, file in opened.items() for one in file.findings]
    told = counts(one for _, one in found)
    if as_json:
        show_json({"findings": [_data(*pair) for pair in found], "counts": told})
    else:
        for path, one in found:
            click.echo(documents.line(path, one, lang))
        click.echo(_summary(len(opened), told, lang), err=True)
    if told["error"] or (strict and told["warning"]):
        raise click.exceptions.Exit(1)


@click.command()
@click.option("--markdown", is_flag=True, help="Print all rules as the page docs/linter.md.")
@timelines.lang_option
@json_option
def rules(markdown: bool, lang: str, as_json: bool) -> None:
    """List the linter's rules: what each means, and what to do.

    예: naru templates rules --lang en
    """
    if markdown:
        click.echo("".join(page()), nl=False)
        return
    rows = [_row(code, rule, lang) for code, rule in RULES.items()]
    show_rows(rows, as_json=as_json, empty="")


def page() -> Iterator[str]:
    """docs/linter.md, piece by piece."""
    yield HEAD
    for severity in Severity:
        yield f"\n## {severity.value.capitalize()}s\n\n"
        yield _line("rule", "뜻", "고치는 법", "meaning", "fix", "source") + "|---" * 6 + "|\n"
        for code, rule in RULES.items():
            if rule.severity is severity:
                words = (rule.ko, rule.fix_ko, rule.en, rule.fix_en)
                tags = ", ".join(sources.of(code))
                yield _line(
                    f"`{code}`",
                    *(text.replace("{{", "{").replace("}}", "}") for text in words),
                    tags,
                )
    yield "\n## Sources\n\n" + _line("tag", "source") + "|---|---|\n"
    for tag, source in sources.SOURCES.items():
        yield _line(tag, source)


def _data(path: Path, found: Finding) -> Mapping[str, Any]:
    shown = {name: getattr(found, name) for name in Finding.__slots__}
    return {"file": os.fspath(path)} | shown


def _row(code: str, rule: Rule, lang: str) -> Mapping[str, Any]:
    message, fix = (rule.en, rule.fix_en) if lang == "en" else (rule.ko, rule.fix_ko)
    return {"rule": code, "severity": str(rule.severity), "meaning": message, "fix": fix}


def _summary(files_: int, told: Mapping[str, int], lang: str) -> str:
    if lang == "en":
        return (
            f"{files_} files: {told['error']} errors, {told['warning']} warnings, "
            f"{told['hint']} hints."
        )
    return (
        f"파일 {files_}개: 오류 {told['error']}개, 경고 {told['warning']}개, 참고 {told['hint']}개."
    )


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"
