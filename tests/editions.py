"""A second version of the engine's template, approved under a code of its own."""

from uuid import UUID

from sqlmodel import col, select

from app.db.models import Template, TemplateRegistration, TemplateVersion
from app.db.models.fields import now as clock
from tests.engine import FORM, Engine

SECOND = "[나루상점] 주문번호 #{주문번호} 상품을 오늘 보냈습니다."
CODE = f"{FORM['code']}-2"


async def second_version(eng: Engine, content: str = SECOND) -> UUID:
    """Its id; from now on it is in use."""
    async with eng.runtime.database.write() as tx:
        old = await tx.session.get_one(TemplateVersion, eng.version_id)
        first = (
            await tx.session.exec(
                select(TemplateRegistration).where(
                    col(TemplateRegistration.version_id) == eng.version_id
                )
            )
        ).one()
        new = TemplateVersion(
            workspace_id=old.workspace_id,
            template_id=old.template_id,
            number=2,
            body=old.body | {"content": content},
            submitted_at=clock(),
        )
        tx.session.add(new)
        await tx.session.flush()
        tx.session.add(
            TemplateRegistration(
                workspace_id=old.workspace_id,
                account_id=first.account_id,
                sender_id=first.sender_id,
                version_id=new.id,
                code=CODE,
                inspection="approved",
                usage="normal",
            )
        )
        return new.id


async def stop(eng: Engine) -> None:
    """We stop the template ourselves."""
    async with eng.runtime.database.write() as tx:
        row = (await tx.session.exec(select(Template))).one()
        row.stopped_at = tx.now
