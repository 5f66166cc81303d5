"""What is told of templates: one list of words, and the two ways an event is written."""

from collections.abc import Iterable, Mapping

from app.db.models import Template, TemplateRegistration, TemplateVersion
from app.db.session import Tx

# event is template.WORD → what has happened; docs/templates.md shows the same list
WORDS: Mapping[str, str] = {
    "created": "it was stored for the first time",
    "changed": "a draft got another wording",
    "version_added": "a new version was stored; the ones before stay as they are",
    "submitted": "a version was submitted and never changes again",
    "registered": "the provider has it",
    "in_review": "it is being reviewed",
    "approved": "it may be sent",
    "rejected": "it was rejected; the comments say why",
    "commented": "somebody said something in the review",
    "withdrawn": "its review was taken back",
    "stopped": "it may not be sent: stopped by you, or at the provider",
    "resumed": "it may be sent again",
    "blocked": "the messenger blocked it",
    "unblocked": "the block is over",
    "dormant": "long unused, the messenger put it to sleep",
    "released": "it is awake again",
    "deleted": "it is gone",
    "trouble": "the provider refused what was asked, or did not answer",
}


def tell(
    tx: Tx, word: str, template: Template, version: TemplateVersion, modes: Iterable[str]
) -> None:
    """Something happened to a template as a whole, seen in these modes. Raises KeyError."""
    WORDS[word]
    tx.emit(
        template.workspace_id,
        f"template.{word}",
        template.id,
        code=template.code,
        version=version.number,
        modes=sorted(modes),
    )


def tell_of(
    tx: Tx,
    word: str,
    template: Template,
    version: TemplateVersion,
    registration: TemplateRegistration,
    **data: str,
) -> None:
    """Something happened to a version at one account. Raises KeyError for a strange word."""
    WORDS[word]
    tx.emit(
        template.workspace_id,
        f"template.{word}",
        template.id,
        code=template.code,
        version=version.number,
        account_id=str(registration.account_id),
        registration_id=str(registration.id),
        registered_as=registration.code,
        **data,
    )
