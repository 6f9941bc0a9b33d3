"""The search index filled anew: Latin names are kept in pieces of four letters."""

from __future__ import annotations

from alembic import op

from smap.content.search.index import rebuild

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Write the words of all names again."""
    rebuild(op.get_bind())
