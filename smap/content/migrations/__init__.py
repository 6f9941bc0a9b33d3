"""The migrations of the content database, in order; Alembic runs them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from smap.errors import StorageError

__all__ = ["is_current", "migrate"]


def is_current(connection: Connection) -> bool:
    """Tell whether the database is at this code's newest migration. Errors: StorageError if it is newer."""
    script = ScriptDirectory.from_config(_config())
    revision = MigrationContext.configure(connection).get_current_revision()
    known = {step.revision for step in script.walk_revisions()}
    if revision is not None and revision not in known:
        newest = script.get_current_head()
        raise StorageError(
            f"{connection.engine.url.database} was written by a newer S-Map (migration {revision}, this one "
            f"knows up to {newest}): update S-Map, or restore a backup of before"
        )
    return revision == script.get_current_head()


def migrate(connection: Connection) -> None:
    """Run the missing migrations inside the caller's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
