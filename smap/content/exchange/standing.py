"""Which revision says what stands of a record, when imports were undone."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from smap.content.tables import imported

__all__ = ["standing"]

_RESTORED = select(imported.c.before).where(
    imported.c.record == bindparam("key"),
    imported.c.undone == bindparam("revision"),
    imported.c.undone > imported.c.revision,  # else only what the public sees was taken back
)


def standing(connection: Connection, key: int, newest: int) -> int | None:
    """Give the newest revision of a record, or the one that it restored; None where nothing stood before."""
    revision: int | None = newest
    while revision is not None:
        restored = connection.execute(_RESTORED, {"key": key, "revision": revision}).first()
        if restored is None:
            return revision
        revision = restored.before
    return None
