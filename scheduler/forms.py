"""The approved wording behind what is sent, compiled once per version and process."""

from collections.abc import Collection, Mapping
from functools import partial
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.db.models import TemplateVersion
from app.log import logger
from templates.compiled import CompiledTemplate, Version, compiled
from templates.findings import TemplateProblem
from templates.reading import read_template

MOST = 1_024

log = logger("forms")
_kept: dict[UUID, CompiledTemplate] = {}  # a version never changes: nothing here grows old


async def forms(
    session: AsyncSession, version_ids: Collection[UUID]
) -> Mapping[UUID, CompiledTemplate]:
    """The compiled form of each version; one that cannot be read is left out.

    One small read for those not met before, none where all are known.
    """
    if len(_kept) > MOST:
        _kept.clear()
    if missing := set(version_ids) - _kept.keys():
        rows = await session.exec(
            select(TemplateVersion.id, TemplateVersion.number, TemplateVersion.body).where(
                col(TemplateVersion.id).in_(missing)
            )
        )
        for id_, number, body in rows:
            try:
                _kept[id_] = compiled(Version(str(id_), number, partial(read_template, body)))
            except TemplateProblem as problem:
                log.error("version unreadable", version=str(id_), field=problem.findings[0].field)
    return {id_: _kept[id_] for id_ in version_ids if id_ in _kept}
