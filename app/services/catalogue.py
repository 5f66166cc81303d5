"""What a workspace can send through right now, remembered for a second.

A flood of single messages would otherwise read the same few rows again and again. A change (a
template approved, an account paused) is seen at most a second later; dispatch checks again.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar, cast
from uuid import UUID

from app.services import templates
from app.services.runtime import Runtime
from app.services.ways import Need, Way, choose, ways
from channels.vocabulary import Level
from templates import plan as plans
from templates.limits import SUBJECT_BYTES
from templates.render import CompiledTemplate, Version, compiled
from templates.template import Template
from templates.text import byte_length
from templates.windows import Window

KEEP_S = 1.0
MOST = 10_000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sending:
    """An approved template, as it may be sent now."""

    template_id: UUID
    version_id: UUID
    category: str
    when_unknown: str
    retention_class: str
    default_subject: str
    plan: plans.Plan
    send_window: Window | None
    compiled: CompiledTemplate
    reviewed: bool  # registered for Alimtalk, not only for SMS


class Catalogue:
    """One per process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._kept: dict[object, tuple[float, object]] = {}

    async def sending(self, workspace_id: UUID, code: str, mode: str) -> Sending:
        """The approved version of a template. Raises what ``templates.approved`` raises."""

        async def read() -> Sending:
            async with self._runtime.database.read() as session:
                found = await templates.approved(session, workspace_id, code, mode)
            body = found.version.body
            version = Version(
                str(found.version.id), found.version.number, lambda: Template.from_mapping(body)
            )
            form = compiled(version)
            return Sending(
                template_id=found.template.id,
                version_id=found.version.id,
                category=found.template.category,
                when_unknown=found.template.when_unknown,
                retention_class=found.template.retention_class,
                default_subject=_fitting(form.template.name),
                plan=form.template.plan or plans.DEFAULT,
                send_window=form.template.send_window,
                compiled=form,
                reviewed=found.registration is not None,
            )

        return await self._keep(("sending", workspace_id, code, mode), read)

    async def way(
        self,
        workspace_id: UUID,
        mode: str,
        channel: str,
        sending: Sending,
        until: Level | None = None,
    ) -> Way | None:
        """Account and sender of one channel, chosen anew each time among those that can."""
        version_id = sending.version_id if channel == "alimtalk" else None
        need = Need(workspace_id, mode, channel, version_id)

        async def read() -> list[Way]:
            async with self._runtime.database.read() as session:
                return await ways(session, self._runtime, need)

        return choose(await self._keep(need, read), until)

    async def _keep(self, key: object, read: Callable[[], Awaitable[T]]) -> T:
        kept = self._kept.get(key)
        if kept is not None and kept[0] > time.monotonic():
            return cast("T", kept[1])
        value = await read()
        if len(self._kept) > MOST:
            self._kept.clear()
        self._kept[key] = (time.monotonic() + KEEP_S, value)
        return value


def _fitting(name: str) -> str:
    """The template's name as an LMS subject: whole characters, at most 40 bytes."""
    kept = ""
    for character in name:
        try:
            if byte_length(kept + character) > SUBJECT_BYTES:
                break
        except UnicodeEncodeError:
            continue
        kept += character
    return kept.strip()
