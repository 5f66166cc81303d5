"""A wording that is looked at before it is sent: approved, stored, or not stored at all."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from app.errors import GatewayError, Invalid, Refused
from app.services import templates
from app.services.callers import Caller
from app.services.catalogue import Catalogue, Sending, subject_of
from app.services.runtime import Runtime
from templates import plan as plans
from templates.compiled import compile_template
from templates.findings import Finding, TemplateProblem
from templates.lint.linter import lint
from templates.reading import read_template
from templates.template import Template

NOT_STORED = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Draft:
    """A wording as it would be sent; ``refusal``: why a message with it is not accepted now."""

    sending: Sending
    source: str  # approved | stored | given
    refusal: GatewayError | None = None

    @property
    def template(self) -> Template:
        """As its author wrote it."""
        return self.sending.compiled.template


async def find(runtime: Runtime, catalogue: Catalogue, caller: Caller, code: str) -> Draft:
    """The version that is sent now; where there is none, the newest, and why it is not sent.

    Raises Invalid ``unknown_template``.
    """
    try:
        return Draft(await catalogue.sending(caller.workspace_id, code, caller.mode), "approved")
    except Refused as refusal:
        async with runtime.database.read() as session:
            stored = await templates.get(session, caller.workspace_id, code)
        return Draft(_unapproved(read_template(stored.version.body)), "stored", refusal)


def read(body: Mapping[str, Any]) -> Draft:
    """One that is not stored. Raises Invalid ``template_invalid`` with all findings."""
    try:
        template = read_template(body)
    except TemplateProblem as problem:
        first = problem.findings[0]
        raise Invalid(
            "template_invalid",
            f"{first.message_en} All {len(problem.findings)} findings are in data.findings.",
            field=f"template_body.{first.field}".rstrip("."),
            data={"findings": [asdict(one) for one in problem.findings]},
        ) from None
    refusal = Refused(
        "template_not_approved",
        "This wording is not stored, so no messenger has approved it. Create it with "
        "POST /v1/templates and wait for its review.",
        field="template_body",
    )
    return Draft(_unapproved(template), "given", refusal)


def findings(draft: Draft, values: Mapping[str, str]) -> Sequence[Finding]:
    """What is worth knowing about a wording: the one place that asks for it."""
    return lint(draft.template.to_mapping(), sample=values)


def _unapproved(template: Template) -> Sending:
    return Sending(
        template_id=NOT_STORED,
        version_id=NOT_STORED,
        category=template.purpose,
        when_unknown=template.when_unknown,
        retention_class=template.retention_class,
        default_subject=subject_of(template.name),
        plan=template.plan or plans.DEFAULT,
        send_window=template.send_window,
        compiled=compile_template(template),
        reviewed=False,
    )
