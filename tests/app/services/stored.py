"""Stored templates in tests: made, looked up, and moved along their axes."""

from typing import Any

from sqlmodel import col, update

from app.db.models import TemplateRegistration
from app.services import templates
from app.services.runtime import Runtime
from app.services.versions import Stored
from tests.app.api.shop import NOTICE, Shop


async def create(runtime: Runtime, shop: Shop, **given: Any) -> Stored:
    modes = given.pop("modes", ("live", "sandbox"))
    async with runtime.database.write() as tx:
        return await templates.create(tx, shop.workspace_id, NOTICE | given, modes)


async def approved(runtime: Runtime, shop: Shop, mode: str, code: str = "order_shipped") -> Any:
    async with runtime.database.read() as session:
        return await templates.approved(session, shop.workspace_id, code, mode)


async def change(runtime: Runtime, shop: Shop, **axes: Any) -> None:
    async with runtime.database.write() as tx:
        await tx.session.exec(
            update(TemplateRegistration)
            .where(col(TemplateRegistration.workspace_id) == shop.workspace_id)
            .values(axes)
        )
