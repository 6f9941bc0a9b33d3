"""Lines as they are read: by their own or an operator's names, with what is known of them and no more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from smap.errors import InputError
from smap.sources.lines import Lines, read_lines
from smap.sources.mapfile import MapSpec

WANTED = ("id", "name", "height_m", "vertices")
LINE = [[126.97, 37.56], [126.98, 37.57], [126.99, 37.56]]


def read(
    folder: Path, *features: tuple[str, Any, dict[str, Any]], fields: dict[str, str] | None = None
) -> Lines:
    body = [
        {"type": "Feature", "properties": told, "geometry": {"type": kind, "coordinates": at} if at else None}
        for kind, at, told in features
    ]
    path = folder / "lines.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": body}), encoding="utf-8")
    spec = MapSpec(str(path), layer=None, encoding=None, crs=None, where=None, fields=fields or {})
    return read_lines(spec, WANTED)


def test_a_line_has_the_facts_that_are_wanted_and_known(tmp_path: Path) -> None:
    told = {"id": "a", "name": "성벽", "height_m": None, "colour": "grey"}
    found = read(tmp_path, ("LineString", LINE, told))
    assert [line.id for line in found.lines] == ["a"]
    assert dict(found.lines[0].facts) == {"name": "성벽"}
    assert found.lines[0].parts[0].round(9).tolist() == LINE


def test_parts_of_a_line_stay_apart_and_a_line_without_an_id_has_its_number(tmp_path: Path) -> None:
    found = read(tmp_path, ("LineString", LINE, {}), ("MultiLineString", [LINE[:2], LINE[1:]], {}))
    assert [line.id for line in found.lines] == ["1", "2"]
    assert [part.round(9).tolist() for part in found.lines[1].parts] == [LINE[:2], LINE[1:]]


def test_an_operators_own_names_are_taken(tmp_path: Path) -> None:
    found = read(tmp_path, ("LineString", LINE, {"NAME": "성벽"}), fields={"name": "NAME"})
    assert found.lines[0].facts["name"] == "성벽"


def test_a_list_of_what_is_known_of_each_point_arrives_whole(tmp_path: Path) -> None:
    vertices = [{"name_ko": "곳", "position_accuracy_m": metres} for metres in (10, 100, 10)]
    found = read(tmp_path, ("LineString", LINE, {"vertices": vertices}))
    assert json.loads(found.lines[0].facts["vertices"]) == vertices


def test_what_is_no_line_is_counted_by_reason(tmp_path: Path) -> None:
    found = read(tmp_path, ("LineString", LINE, {}), ("Point", LINE[0], {}), ("LineString", None, {}))
    assert (found.read, dict(found.dropped)) == (3, {"not_a_line": 1, "no_geometry": 1})
    assert len(found.lines) == 1


def test_a_file_without_a_line_says_what_it_holds(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lines\.geojson: holds no lines \(1 not_a_line\)"):
        read(tmp_path, ("Point", LINE[0], {}))
