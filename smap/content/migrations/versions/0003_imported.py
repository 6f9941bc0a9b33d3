"""What each import changed, so that it can be taken back."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

_STATEMENTS = (
    """CREATE TABLE imported (
        number INTEGER NOT NULL REFERENCES audit (number) DEFERRABLE INITIALLY DEFERRED,
        record INTEGER NOT NULL REFERENCES records (key),
        revision INTEGER NOT NULL CHECK (revision >= 1),
        before INTEGER CHECK (before BETWEEN 1 AND revision),
        published_before INTEGER CHECK (published_before BETWEEN 1 AND revision),
        undone INTEGER CHECK (undone >= revision),
        PRIMARY KEY (number, record)
    ) WITHOUT ROWID""",
    "CREATE INDEX imported_undone ON imported (record, undone) WHERE undone IS NOT NULL",
)


def upgrade() -> None:
    """Make the table of what imports changed."""
    for statement in _STATEMENTS:
        op.execute(statement)
