from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from smap.content.exchange.importing import import_features
from smap.content.exchange.mapping import FieldMapping, read_mapped, read_mapping
from smap.errors import CrsError, InputError, RecipeError
from tests.content.samples import ADMIN, NOW

VALUES = {
    "name_en": "Culture space of Seoul",
    "text_en": "A place of culture in Seoul.",
    "category": "museum",
    "source": "Seoul open data",
    "source_date": "2023-06-01",
    "position_source": "Seoul open data",
    "position_date": "2023-06-01",
    "position_accuracy_m": 50,
    "position_means": "building_centre",
}
FIELDS = {"id": "no", "name_ko": "이름", "text_ko": "소개", "lon": "X", "lat": "Y"}
WHOLE = 'format = "csv"\nencoding = "cp949"\ncrs = "EPSG:5186"\n[fields]\nlon = "X"\nlat = "Y"\n'


def read(path: Path, text: str, mapping: FieldMapping) -> list[dict[str, Any]]:
    path.write_bytes(text.encode(mapping.encoding))
    return read_mapped(path, mapping, "tourism")


def test_a_korean_csv_becomes_features_of_ours(engine: Engine, tmp_path: Path) -> None:
    mapping = FieldMapping("csv", FIELDS, VALUES, "cp949")
    marked_up = "<p>가&nbsp;나</p><script>x</script>A &amp; B"
    rows = f"no,이름,소개,X,Y\n7,세종문화회관,{marked_up},126.9759,37.5726\n8,빈곳,글,,\n"
    features = read(tmp_path / "a.csv", rows, mapping)
    assert features[0]["id"] == "7"
    assert features[0]["geometry"] == {"type": "Point", "coordinates": [126.9759, 37.5726]}
    assert features[0]["properties"]["text_ko"] == "가 나\nA & B"
    report = import_features(engine, ADMIN, "tourism", features, now=NOW)
    assert (report.written, report.refused) == (1, {"geometry": 1})


def test_positions_of_a_korean_grid_are_turned_into_lon_lat(tmp_path: Path) -> None:
    mapping = FieldMapping("csv", FIELDS, VALUES, "utf-8", "EPSG:5186")
    features = read(tmp_path / "a.csv", "no,이름,소개,X,Y\na,가,나,200000,600000\n", mapping)
    assert features[0]["geometry"]["coordinates"] == pytest.approx([127.0, 38.0], abs=1e-7)


def test_geojson_in_a_korean_grid_is_read_with_its_crs(tmp_path: Path) -> None:
    ring = [[200000, 600000], [200100, 600000], [200100, 600100], [200000, 600000]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    document = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5186"}},
        "features": [{"type": "Feature", "geometry": geometry, "properties": {"이름": "가"}}],
    }
    mapping = FieldMapping("geojson", {"name_ko": "이름"}, VALUES, "utf-8", "EPSG:5186")
    features = read(tmp_path / "a.geojson", json.dumps(document), mapping)
    assert features[0]["geometry"]["coordinates"][0][0] == pytest.approx([127.0, 38.0], abs=1e-7)


def test_a_record_without_an_id_gets_the_same_one_each_time(tmp_path: Path) -> None:
    fields = {ours: theirs for ours, theirs in FIELDS.items() if ours != "id"}
    mapping = FieldMapping("csv", fields, VALUES | {"name_en": "종묘"}, "utf-8")
    rows = "no,이름,소개,X,Y\na,가,나,127,38\nb,다,라,127,38\n"
    ids = [[feature["id"] for feature in read(tmp_path / "a.csv", rows, mapping)] for _ in range(2)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2
    assert ids[0][0].startswith("tourism-")


def test_a_mapping_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(WHOLE + "[values]\nposition_accuracy_m = 50\n")
    expected = FieldMapping(
        "csv", {"lon": "X", "lat": "Y"}, {"position_accuracy_m": 50}, "cp949", "EPSG:5186"
    )
    assert read_mapping(path) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("format = ", "is no TOML"),
        ('format = "xls"', "give one of csv, geojson"),
        ('format = "csv"', "a csv needs lon and lat"),
        (WHOLE.replace("crs", "srs"), "unknown key 'srs'; known are format, encoding, crs"),
        (WHOLE + 'colour = "C"', "unknown field 'colour'; known are id, lon, lat, name_ko"),
        (WHOLE + "name_ko = 5", "must be texts"),
        ("fields = 5", "must be a table"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=said):
        read_mapping(path)


def test_a_column_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no field '이름'; it has no, NAME, 소개, X, Y"):
        read(tmp_path / "a.csv", "no,NAME,소개,X,Y\n1,a,b,127,38\n", FieldMapping("csv", FIELDS))


def test_a_wrong_encoding_crs_or_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("no,이름,소개,X,Y\n1,a,b,127,38\n".encode("cp949"))
    with pytest.raises(InputError, match="is not utf-8"):
        read_mapped(path, FieldMapping("csv", FIELDS), "tourism")
    with pytest.raises(InputError, match="encoding 'klingon' is unknown"):
        read_mapped(path, FieldMapping("csv", FIELDS, {}, "klingon"), "tourism")
    with pytest.raises(CrsError):
        read_mapped(path, FieldMapping("csv", FIELDS, {}, "cp949", "EPSG:1"), "tourism")
    path.write_text("")
    with pytest.raises(InputError, match="holds no records"):
        read_mapped(path, FieldMapping("csv", FIELDS), "tourism")


@pytest.mark.real
def test_the_citys_own_list_of_culture_spaces_is_imported_twice(engine: Engine, seoul_data: Path) -> None:
    fields = {"id": "번호", "name_ko": "문화시설명", "text_ko": "시설소개", "lon": "경도", "lat": "위도"}
    path = seoul_data / "tourism" / "seoul_culture_spaces_cp949.csv.gz"
    features = read_mapped(path, FieldMapping("csv", fields, VALUES, "cp949"), "tourism")
    first = import_features(engine, ADMIN, "tourism", features, now=NOW)
    again = import_features(engine, ADMIN, "tourism", features, now=NOW)
    assert (first.read, first.written, first.refused) == (973, 961, {"geometry": 1, "missing": 11})
    assert (again.written, again.updated, again.skipped) == (0, 0, 961)
