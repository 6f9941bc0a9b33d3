"""The tables of the content database as SQLAlchemy Core sees them; the migrations make them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, MetaData, Table, Text

__all__ = ["attempts", "audit", "imported", "metadata", "records", "revisions", "sessions", "shown", "users"]

metadata = MetaData()

records = Table(
    "records",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("layer", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("published", Integer),
    Column("deleted", Boolean, nullable=False),
)
"""One row a record: its newest revision, and the one that the public sees (null: none)."""

revisions = Table(
    "revisions",
    metadata,
    Column("record", Integer, ForeignKey("records.key"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("action", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("geometry", Text, nullable=False),
    Column("properties", Text, nullable=False),
)
"""Everything that was ever saved; triggers refuse to change or delete a row."""

shown = Table(
    "shown",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("record", Integer, ForeignKey("records.key"), nullable=False),
    Column("draft", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("layer", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("point", Boolean, nullable=False),
    Column("west", Float, nullable=False),
    Column("south", Float, nullable=False),
    Column("east", Float, nullable=False),
    Column("north", Float, nullable=False),
)
"""What is listed and found: for each record the newest revision (draft) and the published one.

Derived from the tables above; its key is also the key in the R*Tree `shown_place` and in `sought`.
"""

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("digest", Text, nullable=False),
)
"""Who did what and when; append-only, each digest covers its row and the digest before."""

users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("password", Text, nullable=False),
    Column("created", Text, nullable=False),
)
"""Accounts; the password as an argon2id hash."""

sessions = Table(
    "sessions",
    metadata,
    Column("token", Text, primary_key=True),
    Column("user", Text, ForeignKey("users.name"), nullable=False),
    Column("started", Float, nullable=False),
    Column("seen", Float, nullable=False),
)
"""Signed-in users; the token as its SHA-256, times in seconds since 1970 UTC."""

attempts = Table(
    "attempts",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("at", Float, nullable=False),
)
"""Logins that failed or are being checked, in seconds since 1970 UTC."""

imported = Table(
    "imported",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("record", Integer, ForeignKey("records.key"), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("before", Integer),
    Column("published_before", Integer),
    Column("undone", Integer),
)
"""What each import changed; `number` is its line of the audit log.

`revision`: what stood after it; `before` and `published_before`: the newest and the published revision before
it (null: none); `undone`: the revision that took it back (null: it stands).
"""
