"""One notice by a form: choose a template, fill it, see it as the phone will, send it once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.console import statuses
from app.console.deps import RuntimeDep, visit
from app.console.forms import PageRoute, read_form, see
from app.console.problem_words import explained
from app.console.render import language_of, page
from app.console.words import mark
from app.db.models.fields import now as clock
from app.errors import GatewayError
from app.ids import new_token
from app.services import choices, drafts
from app.services import preview as previews
from app.services.accept import Acceptor
from app.services.catalogue import Catalogue
from app.services.drafts import Draft
from app.services.idempotency import Asked
from app.services.logins import Visit
from app.services.messages import ENDPOINT, NewMessage, prepare
from app.services.runtime import Runtime

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)
Writer = Annotated[Visit, Depends(visit("messages:write"))]
VALUE = "v:"  # before the name of a variable, in the form
NAME = re.compile(r"#\{([^{}\n]+)\}")
LONGEST_REFERENCE = 100
KEPT = ("template", "to", "reference", "priority", "key")
# words in a variable's name → an example of its value, the first that fits
SAMPLES: tuple[tuple[str, str], ...] = (
    ("송장", "6012345678901"),
    ("택배", mark("우체국택배")),
    ("번호", "20261127-0042"),
    ("금액", "32,000"),
    ("시각", "14:30"),
    ("시간", "14:30"),
    ("날", mark("12월 1일")),
    ("일", mark("12월 1일")),
    ("상품", mark("들기름 외 1건")),
    ("이름", mark("김나루")),
    ("고객", mark("김나루")),
)


@dataclass(frozen=True, slots=True)
class Form:
    """What the form holds; ``values`` by a variable's name."""

    fields: Mapping[str, str]
    values: Mapping[str, str]

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Form":
        """What a browser sent."""
        values = {
            name.removeprefix(VALUE): text.replace("\r\n", "\n")
            for name, text in given.items()
            if name.startswith(VALUE)
        }
        return cls({name: given.get(name, "") for name in KEPT}, values)

    def message(self) -> NewMessage:
        """As a message to accept; a value left empty is no value."""
        return NewMessage(
            template=self.fields["template"],
            to=self.fields["to"].strip(),
            variables={name: text for name, text in self.values.items() if text.strip()},
            reference=self.fields["reference"].strip()[:LONGEST_REFERENCE] or None,
            priority="high" if self.fields["priority"] == "high" else "normal",
        )

    def draft(self, names: list[str]) -> NewMessage:
        """To look at: what is not filled in stands for itself, and nobody gets it."""
        filled = {name: self.values.get(name) or f"#{{{name}}}" for name in names}
        return NewMessage(template=self.fields["template"], to="", variables=filled)


@router.get("/send")
async def show_form(request: Request, runtime: RuntimeDep, who: Writer) -> Response:
    """The templates in use; with ``?template=`` the form of one."""
    code = request.query_params.get("template", "")
    if not code:
        words = request.query_params.get("q", "")
        async with runtime.database.read() as session:
            offered = await choices.find(session, who.caller, words)
        values = {"here": "messages", "offered": offered, "words": words}
        return await page(request, who, "send_pick.html", values)
    return await _form(request, runtime, who, Form.of({"template": code, "key": _key()}))


@router.post("/send")
async def send(request: Request, runtime: RuntimeDep, who: Writer) -> Response:
    """Send it, then show it; or only look (``do=preview``), for browsers without script."""
    given = await read_form(request)
    form = Form.of(given)
    if given.get("do") == "preview":
        return await _form(request, runtime, who, form)
    new, key = form.message(), form.fields["key"][:200] or _key()
    asked = Asked(who.workspace_id, ENDPOINT, key, new.digest())
    preparing = prepare(runtime, _catalogue(request), who.caller, new, clock(), key=key)
    acceptor: Acceptor = request.app.state.acceptor
    try:
        accepted = await acceptor.accept_once(asked, preparing)
    except GatewayError as error:
        if error.code == "idempotency_key_reused":  # sent, then gone back to and changed
            form = Form({**form.fields, "key": _key()}, form.values)
        return await _form(request, runtime, who, form, error)
    return see(f"/console/messages/{accepted.response['id']}")


@router.post("/send/preview")
async def show_preview(request: Request, runtime: RuntimeDep, who: Writer) -> Response:
    """The phone beside the form, as far as it is filled in."""
    form = Form.of(await read_form(request))
    draft = await _draft(request, runtime, who, form)
    values = await _look(request, runtime, who, draft, form)
    return await page(request, who, "send_look.html", values)


async def _form(
    request: Request,
    runtime: Runtime,
    who: Visit,
    form: Form,
    error: GatewayError | None = None,
) -> Response:
    draft = await _draft(request, runtime, who, form)
    language = language_of(request, who)
    names = names_of(draft)
    known = {"to", "reference", *(f"variables.{name}" for name in names)}
    field = error.field if error and error.field in known else ""
    values: dict[str, Any] = {
        "here": "messages",
        "form": form.fields,
        "values": form.values,
        "names": names,
        "samples": {name: sample_of(name) for name in names},
        "error": error,
        "why": explained(error, language) if error else "",
        "wrong": field or "",
        **await _look(request, runtime, who, draft, form),
    }
    return await page(request, who, "send.html", values, error.status if error else 200)


async def _draft(request: Request, runtime: Runtime, who: Visit, form: Form) -> Draft:
    """Raises Invalid ``unknown_template``."""
    code = form.fields["template"]
    return await drafts.find(runtime, _catalogue(request), who.caller, code)


async def _look(
    request: Request, runtime: Runtime, who: Visit, draft: Draft, form: Form
) -> dict[str, Any]:
    """How it would leave now."""
    language = language_of(request, who)
    names = names_of(draft)
    made = await previews.preview(
        runtime, _catalogue(request), who.caller, form.draft(names), draft, clock()
    )
    shown = previews.show(made, language)
    problems = [made.problem(one) for one in made.branches]
    return {
        "template": draft.template,
        "steps": shown["steps"],
        "problems": [explained(one, language) if one else "" for one in problems],
        "refusal": explained(draft.refusal, language) if draft.refusal else "",
        "missing": [name for name in names if not form.values.get(name, "").strip()],
        "route": statuses.route,
    }


def names_of(draft: Draft) -> list[str]:
    """The variables of a wording, as they come in it."""
    texts = "\n".join(text for _, text in draft.template.texts())
    found = dict.fromkeys(NAME.findall(texts))
    needed = draft.sending.compiled.names
    return [*(name for name in found if name in needed), *sorted(needed - set(found))]


def sample_of(name: str) -> str:
    """An example of a value, to be translated; empty where the name says nothing."""
    return next((sample for word, sample in SAMPLES if word in name), "")


def _catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue


def _key() -> str:
    return f"console-{new_token()}"
