"""The words of templates: each is documented, and a strange one is a mistake of ours."""

from pathlib import Path
from uuid import uuid4

import pytest

from app.db.models import Template, TemplateVersion
from app.services.runtime import Runtime
from app.services.template_events import WORDS, tell

ROOT = Path(__file__).parents[3]


def test_every_word_is_documented() -> None:
    page = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    assert [word for word in WORDS if f"`template.{word}`" not in page] == []


async def test_a_strange_word_is_not_told(runtime: Runtime) -> None:
    template = Template(workspace_id=uuid4(), code="c", name="n")
    version = TemplateVersion(workspace_id=template.workspace_id, template_id=template.id)
    async with runtime.database.write() as tx:
        with pytest.raises(KeyError):
            tell(tx, "improved", template, version, ("live",))
