from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import Engine, text

from smap.content import migrations
from smap.content.database import open_database, reading, writing
from smap.content.exchange.importing import import_features
from smap.content.search import search
from smap.content.search.index import rebuild
from smap.content.service import create_record, delete_record
from tests.content.samples import ADMIN, EDITOR, NOW, place


def state(engine: Engine) -> tuple[list[object], list[object]]:
    with reading(engine) as connection:
        rows = connection.execute(text("SELECT * FROM sought ORDER BY place")).all()
        connection.execute(
            text("CREATE VIRTUAL TABLE temp.held USING fts5vocab(main, sought_public, instance)")
        )
        words = connection.execute(text('SELECT term, doc, "offset" FROM held ORDER BY doc, "offset"')).all()
        connection.execute(text("DROP TABLE temp.held"))
    return list(rows), list(words)


def test_a_rebuilt_index_is_the_one_that_the_writes_made(engine: Engine) -> None:
    import_features(
        engine, ADMIN, "heritage", [place(), place("b", name_ko="남산", name_en="Namsan")], now=NOW
    )
    create_record(engine, EDITOR, "heritage", place("c", name_ko="초안", name_en="Draft"), now=NOW)
    delete_record(engine, ADMIN, "heritage", "b", expected_revision=1, now=NOW)
    before = state(engine)
    with writing(engine) as connection:
        rebuild(connection)
    assert state(engine) == before
    assert len(before[0]) == 3


def test_a_database_of_before_is_brought_to_the_new_index(tmp_path: Path) -> None:
    path = tmp_path / "content.db"
    first_form(path)
    engine = open_database(path)
    assert [hit.record.id for hit in search(engine, "ㅈㅁ")] == ["jongmyo"]
    assert [hit.record.id for hit in search(engine, "종묘", drafts=True)] == ["jongmyo"]
    with reading(engine) as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE name LIKE 'name_%'")).all()
    assert tables == []
    engine.dispose()


def first_form(path: Path) -> None:
    """A database of migration 0001 with one published record, as that form wrote it."""
    engine = open_database(path, create=True)
    import_features(engine, ADMIN, "heritage", [place()], now=NOW)
    kept = ("records", "revisions")
    with reading(engine) as connection:
        rows = {table: connection.execute(text(f"SELECT * FROM {table}")).mappings().all() for table in kept}
        shown = connection.execute(text("SELECT * FROM shown")).mappings().all()
    engine.dispose()
    for part in path.parent.glob("content.db*"):
        part.unlink()
    path.touch()
    engine = engine_at_first(path)
    with writing(engine) as connection:
        for table, records in rows.items():
            for row in records:
                columns = ", ".join(map(str, row))
                marks = ", ".join(f":{name}" for name in row)
                connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({marks})"), dict(row))
        for row in shown:
            told = {**row, "names": "종묘\n\njongmyo shrine"}
            marks = ", ".join(f":{name}" for name in told)
            connection.execute(text(f"INSERT INTO shown ({', '.join(told)}) VALUES ({marks})"), told)
    engine.dispose()


def engine_at_first(path: Path) -> Engine:
    from smap.content.database import _engine
    from smap.content.model import LAYERS

    engine = _engine(path, LAYERS)
    with writing(engine) as connection:
        config = migrations._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    return engine
