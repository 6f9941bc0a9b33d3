from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from smap.content.search import Asked, build_index, index_beside, open_index, search_buildings
from smap.errors import StorageError


def building(id: str, name: str, lon: float, lat: float, height: float, **more: str) -> dict[str, Any]:
    return {"smap_id": id, "name": name, "lon": lon, "lat": lat, "height": height, **more}


NAMES = [
    building("osm:1", "세종문화회관", 126.9756, 37.5725, 28.0, name_en="Sejong Center"),
    building("osm:2", "세종빌딩", 127.03, 37.5, 40.5),
    building("osm:3", "N Tower", 126.98, 37.55, 12.0),
]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    lines = "".join(f"{json.dumps(name, ensure_ascii=False)}\n" for name in NAMES)
    (tmp_path / "names.ndjson").write_text(lines, encoding="utf-8")
    return tmp_path / "city.3tz"


def test_buildings_are_found_by_name_as_records_are(archive: Path) -> None:
    index = index_beside(archive)
    assert index is not None
    engine = open_index(index)
    for q, found in {
        "ㅅㅈㅁㅎ": ["osm:1"],
        "세종": ["osm:2", "osm:1"],
        "sejong centre": ["osm:1"],
        "tower": ["osm:3"],
    }.items():
        hits, matched = search_buildings(engine, Asked(q), most=5)
        assert [hit.smap_id for hit in hits] == found, q
        assert matched == len(found)
    hits, _ = search_buildings(engine, Asked("세종", near=(126.9756, 37.5725)), most=1)
    assert (hits[0].smap_id, hits[0].height, hits[0].distance_m) == ("osm:1", 28.0, 0.0)
    assert (hits[0].match.field, hits[0].match.ranges) == ("name", ((0, 2),))
    engine.dispose()


def test_the_index_is_made_once(archive: Path) -> None:
    index = index_beside(archive)
    assert index is not None
    before = index.stat().st_mtime_ns
    assert index_beside(archive) == index
    assert index.stat().st_mtime_ns == before
    assert sorted(path.name for path in archive.parent.iterdir()) == ["names.1.db", "names.ndjson"]


def test_a_build_without_names_has_no_index(tmp_path: Path) -> None:
    assert index_beside(tmp_path / "city.3tz") is None
    (tmp_path / "names.ndjson").touch()
    assert index_beside(tmp_path / "city.3tz") is None


def test_names_that_cannot_be_read_leave_nothing_behind(archive: Path) -> None:
    (archive.parent / "names.ndjson").write_text('{"smap_id": "osm:1"\n')
    with pytest.raises(StorageError, match="cannot be made an index"):
        build_index(archive.parent / "names.ndjson", archive.parent / "names.1.db")
    assert [path.name for path in archive.parent.iterdir()] == ["names.ndjson"]
