"""Records, revisions, what is shown of them, accounts, sessions, audit."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

_STATEMENTS = (
    """CREATE TABLE records (
        key INTEGER PRIMARY KEY,
        layer TEXT NOT NULL,
        id TEXT NOT NULL,
        revision INTEGER NOT NULL CHECK (revision >= 1),
        published INTEGER CHECK (published BETWEEN 1 AND revision),
        deleted BOOLEAN NOT NULL CHECK (deleted IN (0, 1)),
        UNIQUE (layer, id)
    )""",
    """CREATE TABLE revisions (
        record INTEGER NOT NULL REFERENCES records (key),
        revision INTEGER NOT NULL,
        action TEXT NOT NULL,
        author TEXT NOT NULL,
        at TEXT NOT NULL,
        geometry TEXT NOT NULL,
        properties TEXT NOT NULL,
        PRIMARY KEY (record, revision)
    )""",
    """CREATE TRIGGER revisions_stay BEFORE UPDATE ON revisions
        BEGIN SELECT RAISE(ABORT, 'revisions are never overwritten'); END""",
    """CREATE TRIGGER revisions_remain BEFORE DELETE ON revisions
        BEGIN SELECT RAISE(ABORT, 'revisions are never deleted'); END""",
    """CREATE TABLE shown (
        key INTEGER PRIMARY KEY,
        record INTEGER NOT NULL REFERENCES records (key),
        draft BOOLEAN NOT NULL CHECK (draft IN (0, 1)),
        revision INTEGER NOT NULL,
        layer TEXT NOT NULL,
        id TEXT NOT NULL,
        names TEXT NOT NULL,
        point BOOLEAN NOT NULL,
        west REAL NOT NULL,
        south REAL NOT NULL,
        east REAL NOT NULL,
        north REAL NOT NULL,
        UNIQUE (record, draft),
        UNIQUE (layer, draft, id)
    )""",
    "CREATE VIRTUAL TABLE shown_place USING rtree(key, west, east, south, north)",
    "CREATE VIRTUAL TABLE name_trigrams USING fts5(names, tokenize = 'trigram', detail = 'full')",
    "CREATE VIRTUAL TABLE name_bigrams USING fts5(names, tokenize = 'unicode61', detail = 'full')",
    """CREATE TABLE audit (
        number INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        subject TEXT NOT NULL,
        detail TEXT NOT NULL,
        digest TEXT NOT NULL
    )""",
    """CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is never overwritten'); END""",
    """CREATE TRIGGER audit_remains BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit log is never cut'); END""",
    """CREATE TABLE users (
        name TEXT PRIMARY KEY,
        role TEXT NOT NULL CHECK (role IN ('editor', 'reviewer', 'admin')),
        password TEXT NOT NULL,
        created TEXT NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE sessions (
        token TEXT PRIMARY KEY,
        user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
        started REAL NOT NULL,
        seen REAL NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE attempts (
        key INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        client TEXT NOT NULL,
        at REAL NOT NULL
    )""",
    "CREATE INDEX attempts_at ON attempts (at)",
)


def upgrade() -> None:
    """Make every table of the first form."""
    for statement in _STATEMENTS:
        op.execute(statement)
