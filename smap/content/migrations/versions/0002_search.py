"""The search index in its present form: `sought` and its full-text tables, filled anew from the revisions."""

from __future__ import annotations

from alembic import op

from smap.content.search.index import TABLES, rebuild

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Put the new index in the place of the name tables of 0001."""
    for table in ("name_trigrams", "name_bigrams"):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE shown DROP COLUMN names")
    for statement in TABLES:
        op.execute(statement)
    rebuild(op.get_bind())
