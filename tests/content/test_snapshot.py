from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from smap.content.exchange.importing import import_features
from smap.content.service import create_record, save_record
from smap.content.snapshot import take_snapshot
from smap.errors import StorageError
from tests.content.samples import ADMIN, EDITOR, NOW, place


def test_the_same_content_has_the_same_id_and_other_content_another(engine: Engine, tmp_path: Path) -> None:
    import_features(engine, ADMIN, "heritage", [place()], now=NOW)
    first = take_snapshot(engine, tmp_path)
    save_record(engine, EDITOR, "heritage", "jongmyo", place(built="1395"), expected_revision=1, now=NOW)
    create_record(engine, EDITOR, "heritage", place("draft"), now=NOW)
    assert take_snapshot(engine, tmp_path) == first  # drafts are not in it
    import_features(engine, ADMIN, "heritage", [place("other")], now=NOW)
    assert take_snapshot(engine, tmp_path).id != first.id


def test_a_snapshot_holds_each_layer_with_its_schema(engine: Engine, tmp_path: Path) -> None:
    import_features(engine, ADMIN, "heritage", [place()], now=NOW)
    snapshot = take_snapshot(engine, tmp_path)
    assert snapshot.folder == tmp_path / "content" / snapshot.id
    assert snapshot.counts == {"heritage": 1, "tourism": 0, "wall": 0, "alleys": 0}
    frozen = json.loads((snapshot.folder / "heritage.geojson").read_text("utf-8"))
    schema = json.loads((snapshot.folder / "heritage.schema.json").read_text("utf-8"))
    (feature,) = frozen["features"]
    assert feature["id"] == "jongmyo"
    assert set(feature["properties"]) <= set(schema["properties"])
    assert set(schema["required"]) <= set(feature["properties"])
    assert len(list(snapshot.folder.iterdir())) == 8
    assert len(list(snapshot.folder.parent.iterdir())) == 1  # nothing unfinished is left


def test_a_folder_that_cannot_be_written_is_named(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "content").write_text("in the way")
    with pytest.raises(StorageError, match="cannot write the snapshot"):
        take_snapshot(engine, tmp_path)
