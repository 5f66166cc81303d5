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
from templates.compiled import CompiledTemplate, Version, compiled
from templates.limits import SUBJECT_BYTES
from templates.reading import read_template
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

    def route(self, channel: str) -> str:
        """The one route a channel must leave by; empty where the filled text decides."""
        return "mms" if channel == "sms" and self.compiled.template.sms_picture else ""


class Catalogue:
    """One per process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._kept: dict[object, tuple[float, object]] = {}

    async def sending(
        self, workspace_id: UUID, code: str, mode: str, version_id: UUID | None = None
    ) -> Sending:
        """The version in use, or the given one while it may still be sent.

        Raises what ``templates.approved`` raises.
        """

        async def read() -> Sending:
            async with self._runtime.database.read() as session:
                found = await templates.approved(session, workspace_id, code, mode, version_id)
            body = found.version.body
            version = Version(
                str(found.version.id), found.version.number, lambda: read_template(body)
            )
            form = compiled(version)
            template = form.template  # what is kept beside it is the newest version's
            return Sending(
                template_id=found.template.id,
                version_id=found.version.id,
                category=template.purpose,
                when_unknown=template.when_unknown,
                retention_class=template.retention_class,
                default_subject=subject_of(template.name),
                plan=template.plan or plans.DEFAULT,
                send_window=template.send_window,
                compiled=form,
                reviewed=found.registration is not None,
            )

        return await self._keep(("sending", workspace_id, code, mode, version_id), read)

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
        need = Need(workspace_id, mode, channel, version_id, sending.route(channel))
        return choose(await self._ways(need), until)

    async def carriers(self, workspace_id: UUID, mode: str, channel: str) -> list[str]:
        """The names of the accounts that carry a channel by any of its routes."""
        return [way.name for way in await self._ways(Need(workspace_id, mode, channel))]

    async def _ways(self, need: Need) -> list[Way]:
        async def read() -> list[Way]:
            async with self._runtime.database.read() as session:
                return await ways(session, self._runtime, need)

        return await self._keep(need, read)

    async def _keep(self, key: object, read: Callable[[], Awaitable[T]]) -> T:
        kept = self._kept.get(key)
        if kept is not None and kept[0] > time.monotonic():
            return cast("T", kept[1])
        value = await read()
        if len(self._kept) > MOST:
            self._kept.clear()
        self._kept[key] = (time.monotonic() + KEEP_S, value)
        return value


def subject_of(name: str) -> str:
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
