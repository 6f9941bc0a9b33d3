from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from smap.cli.main import main
from smap.content.exchange.importing import import_features
from smap.content.exchange.vector import VectorFormat, vector_of
from smap.content.model import FIELDS
from smap.content.repository import list_records
from smap.errors import MissingExtraError
from tests.content.samples import ADMIN, NOW, alley, place

ROOT = Path(__file__).resolve().parents[3]
ODD = 'Gate & "wall" < 5 m\n한 줄 더'


def exported(engine: Engine, layer: str, form: VectorFormat, folder: Path) -> Path:
    path = folder / f"{layer}.{form}"
    path.write_bytes(vector_of(list_records(engine, layer, limit=None).records, layer, form))
    return path


def read_back(path: Path) -> list[dict[str, Any]]:
    """The features as another GDAL than ours reads them (Debian's), else as ours does."""
    if shutil.which("ogr2ogr"):
        command = ["ogr2ogr", "-f", "GeoJSON", "/vsistdout/", str(path)]
        told = subprocess.run(command, check=True, capture_output=True, text=True)
        assert told.stderr == ""
        features: list[dict[str, Any]] = json.loads(told.stdout)["features"]
        return features
    import shapely
    from pyogrio import raw

    meta, _, shapes, columns = raw.read(path)
    return [
        {
            "geometry": json.loads(shapely.to_geojson(shapely.from_wkb(shape))),
            "properties": {name: column[row] for name, column in zip(meta["fields"], columns, strict=True)},
        }
        for row, shape in enumerate(shapes)
    ]


@pytest.mark.parametrize("form", ["gpkg", "kml"])
def test_every_field_comes_back_from_another_reader(
    engine: Engine, tmp_path: Path, form: VectorFormat
) -> None:
    full = place(text_en=ODD, built="1395", length_m=12.5, position_accuracy_m=150, khs_id="11-1-11")
    import_features(engine, ADMIN, "heritage", [full, place("b", 127.0, 37.5)], now=NOW)
    first, second = read_back(exported(engine, "heritage", form, tmp_path))[::-1]
    for name, value in full["properties"].items():
        assert first["properties"][name] == value, name
    assert first["properties"]["id"] == "jongmyo"
    assert first["properties"]["revision"] == 1
    assert first["properties"]["position_approximate"] in (True, 1)
    assert first["geometry"]["coordinates"][:2] == [126.9941, 37.5748]
    for name in ("built", "length_m", "position_approximate", "vertices"):
        assert second["properties"].get(name) is None


@pytest.mark.parametrize("form", ["gpkg", "kml"])
def test_lines_and_points_share_a_layer_and_vertices_are_json(
    engine: Engine, tmp_path: Path, form: VectorFormat
) -> None:
    line = alley()
    import_features(engine, ADMIN, "alleys", [line, place("x", category="alley_area")], now=NOW)
    drawn, point = read_back(exported(engine, "alleys", form, tmp_path))
    assert (drawn["geometry"]["type"], point["geometry"]["type"]) == ("LineString", "Point")
    assert [position[:2] for position in drawn["geometry"]["coordinates"]] == line["geometry"]["coordinates"]
    vertices = drawn["properties"]["vertices"]
    told = json.loads(vertices) if isinstance(vertices, str) else vertices
    assert told == line["properties"]["vertices"]


def test_a_globe_shows_the_korean_name_and_text(engine: Engine, tmp_path: Path) -> None:
    import_features(engine, ADMIN, "heritage", [place()], now=NOW)
    text = exported(engine, "heritage", "kml", tmp_path).read_text(encoding="utf-8")
    assert "<name>종묘</name>" in text
    assert "<description>조선 왕실의 사당이다.</description>" in text


@pytest.mark.parametrize("form", ["gpkg", "kml"])
def test_an_empty_layer_is_an_empty_file_with_all_its_fields(
    engine: Engine, tmp_path: Path, form: VectorFormat
) -> None:
    from pyogrio import raw

    path = exported(engine, "wall", form, tmp_path)
    meta, _, shapes, _ = raw.read(path, encoding="utf-8")
    assert len(shapes) == 0
    if form == "gpkg":
        assert set(FIELDS) <= set(meta["fields"])


@pytest.mark.parametrize("form", ["gpkg", "kml"])
def test_the_command_writes_it(tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMAP_WORKSPACE", str(tmp_path / "var"))
    source = ROOT / "content" / "wall.geojson"
    assert main(["content", "import", str(source), "--layer", "wall"]) == 0
    out = tmp_path / f"wall.{form}"
    assert main(["content", "export", str(out), "--layer", "wall", "--format", form]) == 0
    wanted = {
        feature["id"]: feature for feature in json.loads(source.read_text(encoding="utf-8"))["features"]
    }
    found = {feature["properties"]["id"]: feature for feature in read_back(out)}
    assert found.keys() == wanted.keys()
    for id_, feature in found.items():
        assert feature["properties"]["name_ko"] == wanted[id_]["properties"]["name_ko"]
        assert feature["geometry"]["type"] == wanted[id_]["geometry"]["type"]


def test_without_gdal_the_message_names_the_extra(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyogrio", None)
    with pytest.raises(MissingExtraError, match="export as kml needs the extra 'build'"):
        vector_of([], "wall", "kml")
