"""What a provider said of a registration, noted: its axes, its comments, and the events."""

from app.db.models import Template, TemplateRegistration, TemplateVersion
from app.db.session import Tx
from app.services import versions
from app.services.credentials import MODES
from app.services.registrations import SUBMIT, New, free_code
from app.services.removal import purge
from app.services.reviews import dump
from app.services.standing import PICTURE
from app.services.template_events import tell_of
from channels.management import Review
from channels.vocabulary import Inspection, ReviewAction
from scheduler.asking import REFUSED, Due, End, Heard, Trouble
from templates.reading import read_template


class Notes:
    """One registration under lock, with its version and its template."""

    def __init__(
        self, tx: Tx, template: Template, version: TemplateVersion, row: TemplateRegistration
    ) -> None:
        self.tx, self.template, self.version, self.row = tx, template, version, row

    async def write(self, one: Due, heard: Heard) -> None:
        """Everything that was heard; ``one`` is what was asked, as it stood then."""
        row = self.row
        if heard.end is End.GONE:
            await self._gone()
            return
        if heard.review is not None:
            self._review(heard.review)
        if heard.trouble is not None:
            self._trouble(heard.trouble)
        asked = one.registration.action
        is_same = row.action == asked or (asked, row.action) == (SUBMIT, ReviewAction.EDIT)
        if heard.end is End.DONE and is_same:
            self._over(asked)
        elif heard.end is End.BACK:
            row.action = SUBMIT
        elif heard.end is End.ANEW:
            await self._anew(one)
        self.tx.session.add(row)

    async def _anew(self, one: Due) -> None:
        """It is registered under a code of its own, and the one it was to edit lives on."""
        row, session = self.row, self.tx.session
        edited = await session.get(TemplateRegistration, row.edits_id)
        new = New(self.template, self.version, read_template(self.version.body))
        row.code = await free_code(session, new, one.sender)
        row.edits_id, row.action = None, SUBMIT
        if edited is not None:
            edited.action, edited.due_at = "", self.tx.now
            session.add(edited)

    async def _gone(self) -> None:
        """The provider knows it no more; the template goes with its last registration."""
        session = self.tx.session
        self._tell("deleted")
        await session.delete(self.row)
        await session.flush()
        stored = (await versions.read(session, self.template.workspace_id, [self.template]))[0]
        if not any(one.registered for one in stored.versions):
            await purge(self.tx, self.template, stored.version, MODES)

    def _over(self, asked: str) -> None:
        """The action is done; what was to be said with a submission comes next."""
        row = self.row
        if asked in (SUBMIT, ReviewAction.EDIT) and row.action_text:
            row.action = str(ReviewAction.COMMENT)
        else:
            row.action = row.action_text = ""

    def _review(self, review: Review) -> None:
        row, tell = self.row, self._tell
        comments = dump(review.comments)
        if len(comments) > len(row.comments):
            tell("commented")
        for has_changed, word in (
            (row.inspection != review.inspection, self._word(review)),
            (row.blocked != review.blocked, "blocked" if review.blocked else "unblocked"),
            (row.dormant != review.dormant, "dormant" if review.dormant else "released"),
            (
                (row.usage == "stopped") != review.stopped,
                "stopped" if review.stopped else "resumed",
            ),
        ):
            if has_changed:
                tell(word)
        was_used = row.usage != "waiting" or review.inspection is Inspection.APPROVED
        row.usage = "stopped" if review.stopped else "normal" if was_used else "waiting"
        row.inspection = str(review.inspection)
        row.blocked, row.dormant, row.comments = review.blocked, review.dormant, comments
        row.provider_code = review.provider_code or row.provider_code
        row.code = review.code or row.code  # messages are sent under it
        if not row.error_code.endswith(REFUSED):  # until something else is asked
            row.error_code = row.error_text = ""

    def _word(self, review: Review) -> str:
        if self.row.inspection == "in_review" and review.inspection is Inspection.REGISTERED:
            return "withdrawn"
        return str(review.inspection)

    def _trouble(self, trouble: Trouble) -> None:
        row = self.row
        if (row.error_code, row.error_text) == (trouble.code, trouble.text):
            return
        row.error_code, row.error_text = trouble.code, trouble.text
        if trouble.code != PICTURE:
            self._tell("trouble", error=trouble.code)

    def _tell(self, word: str, **data: str) -> None:
        tell_of(self.tx, word, self.template, self.version, self.row, **data)
