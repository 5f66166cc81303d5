"""The schema's revision, told without the migration tool."""

import subprocess
import sys

from alembic.config import Config
from alembic.script import ScriptDirectory

from app.db import revision, schema


def test_the_newest_file_is_the_newest_revision() -> None:
    """File names and the tool agree."""
    config = Config()
    config.set_main_option("script_location", str(schema.FOLDER))
    assert revision.head() == ScriptDirectory.from_config(config).get_current_head()


def test_the_scheduler_starts_without_the_migration_tool_and_the_web_framework() -> None:
    """It must be back soon after a kill."""
    code = (
        "import sys, scheduler.__main__; "
        "print([m for m in ('alembic', 'fastapi', 'jinja2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
