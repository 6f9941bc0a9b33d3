from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from smap.content.exchange.importing import import_features
from smap.content.exchange.mapping import FieldMapping
from smap.errors import CrsError, InputError, RecipeError
from tests.content.exchange.files import FIELDS, VALUES, features, incoming
from tests.content.samples import ADMIN, NOW


def read(path: Path, text: str, mapping: FieldMapping) -> list[dict[str, Any]]:
    path.write_bytes(text.encode(mapping.encoding or "utf-8"))
    return features(path, mapping)


def geojson(path: Path, *given: dict[str, Any], **members: Any) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": given}))
    return path


def shape(kind: str, coordinates: Any, **fields: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": {"이름": "가"} | fields,
    }


def test_a_korean_csv_becomes_features_of_ours(engine: Engine, tmp_path: Path) -> None:
    mapping = FieldMapping("csv", FIELDS, VALUES, "cp949")
    marked_up = "<p>가&nbsp;나</p><script>x</script>A &amp; B"
    rows = f"no,이름,소개,X,Y\n7,세종문화회관,{marked_up},126.9759,37.5726\n8,빈곳,글,,\n"
    found = read(tmp_path / "a.csv", rows, mapping)
    assert found[0]["id"] == "7"
    assert found[0]["geometry"] == {"type": "Point", "coordinates": [126.9759, 37.5726]}
    assert found[0]["properties"]["text_ko"] == "가 나\nA & B"
    report = import_features(engine, ADMIN, "tourism", found, now=NOW)
    assert (report.written, report.refused) == (1, {"geometry": 1})


def test_positions_of_a_korean_grid_are_turned_into_lon_lat(tmp_path: Path) -> None:
    mapping = FieldMapping("csv", FIELDS, VALUES, "utf-8", "EPSG:5186")
    found = read(tmp_path / "a.csv", "no,이름,소개,X,Y\na,가,나,200000,600000\n", mapping)
    assert found[0]["geometry"]["coordinates"] == pytest.approx([127.0, 38.0], abs=1e-7)


def test_geojson_in_a_korean_grid_is_read_with_its_crs(tmp_path: Path) -> None:
    ring = [[200000, 600000], [200100, 600000], [200100, 600100], [200000, 600000]]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5186"}}
    path = geojson(tmp_path / "a.geojson", shape("Polygon", [ring]), crs=crs)
    mapping = FieldMapping("geojson", {"name_ko": "이름"}, VALUES, None, "EPSG:5186")
    assert features(path, mapping)[0]["geometry"]["coordinates"][0][0] == pytest.approx(
        [127.0, 38.0], abs=1e-7
    )
    with pytest.raises(InputError, match="EPSG::5186"):
        features(path, FieldMapping("geojson", {"name_ko": "이름"}, VALUES))


@pytest.mark.parametrize(
    ("kind", "coordinates", "settled"),
    [
        ("Point", [127, 37.5, 12.5], {"type": "Point", "coordinates": [127, 37.5]}),
        ("MultiPoint", [[127, 37.5, 3]], {"type": "Point", "coordinates": [127, 37.5]}),
        (
            "MultiLineString",
            [[[127, 37.5, 0], [127.1, 37.5, 0]]],
            {"type": "LineString", "coordinates": [[127, 37.5], [127.1, 37.5]]},
        ),
        ("MultiPolygon", [[[[127, 37]]]], {"type": "Polygon", "coordinates": [[[127, 37]]]}),
        (
            "MultiPolygon",
            [[[[127, 37]]], [[[127, 38]]]],
            {"type": "MultiPolygon", "coordinates": [[[[127, 37]]], [[[127, 38]]]]},
        ),
        ("Point", "x", {"type": "Point", "coordinates": "x"}),
    ],
)
def test_heights_go_and_a_collection_of_one_is_that_one(
    tmp_path: Path, kind: str, coordinates: Any, settled: dict[str, Any]
) -> None:
    path = geojson(tmp_path / "a.geojson", shape(kind, coordinates))
    assert features(path, FieldMapping("geojson", {"name_ko": "이름"}, VALUES))[0]["geometry"] == settled


def test_a_record_without_an_id_gets_the_same_one_each_time(tmp_path: Path) -> None:
    fields = {ours: theirs for ours, theirs in FIELDS.items() if ours != "id"}
    mapping = FieldMapping("csv", fields, VALUES | {"name_en": "종묘"})
    rows = "no,이름,소개,X,Y\na,가,나,127,38\nb,다,라,127,38\n"
    ids = [[found["id"] for found in read(tmp_path / "a.csv", rows, mapping)] for _ in range(2)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2
    assert ids[0][0].startswith("tourism-")
    apart = read(tmp_path / "b.csv", unicodedata.normalize("NFD", rows), mapping)
    assert [found["id"] for found in apart] == ids[0]


def test_ids_are_of_the_column_the_key_or_the_english_name(tmp_path: Path) -> None:
    rows = "no,이름,소개,X,Y,영문\nARI 1,가,나,127,38,Gate A\n나-7,다,라,127,38,Gate B\n"

    def ids(fields: dict[str, str], **more: Any) -> list[str]:
        place = {"name_ko": "이름", "text_ko": "소개", "lon": "X", "lat": "Y"}
        mapping = FieldMapping("csv", place | fields, VALUES, **more)
        return [found["id"] for found in read(tmp_path / "a.csv", rows, mapping)]

    first, second = ids({"id": "no"}, prefix="wifi")
    assert first == "wifi-ari-1"
    assert second.startswith("wifi-7-")
    assert ids({"tour_id": "no"}, key=["tour_id"])[0] == "tourism-ari-1"
    assert ids({"tour_id": "no"}, key=["tour_id"], prefix="t")[0] == "t-ari-1"
    assert ids({"name_en": "영문"}) == ["gate-a", "gate-b"]
    assert ids({"name_en": "영문"}, prefix="x") == ["x-gate-a", "x-gate-b"]


def test_the_first_column_that_says_something_is_taken_and_a_table_turns_it(tmp_path: Path) -> None:
    fields = {
        "name_ko": "이름",
        "fee_ko": ["요금", "구분"],
        "category": ["갈래", "구분"],
        "lon": "X",
        "lat": "Y",
    }
    maps = {"category": {"박물관": "museum", "무료": "park", "*": "landmark"}, "tour_type": {"*": ""}}
    mapping = FieldMapping("csv", fields | {"tour_type": "갈래"}, VALUES, maps=maps)
    rows = "이름,요금,구분,갈래,X,Y\n가,,무료,기타,127,38\n나,9원,유료,박물관,127,38\n다,,,,127,38\n"
    found = [item["properties"] for item in read(tmp_path / "a.csv", rows, mapping)]
    assert [item["category"] for item in found] == ["park", "museum", "landmark"]
    assert [item.get("fee_ko") for item in found] == ["무료", "9원", None]
    assert not any("tour_type" in item for item in found)


def test_a_value_that_no_table_knows_is_kept_to_be_refused(tmp_path: Path, engine: Engine) -> None:
    mapping = FieldMapping("csv", FIELDS | {"category": "갈래"}, VALUES, maps={"category": {"가": "park"}})
    found = read(tmp_path / "a.csv", "no,이름,소개,X,Y,갈래\n1,가,나,127,38,나\n", mapping)
    report = import_features(engine, ADMIN, "tourism", found, now=NOW)
    assert "category '나' is not one of the layer tourism" in str(report.refusals[0])


def test_values_stand_where_no_column_says_anything_and_name_other_fields(tmp_path: Path) -> None:
    values = VALUES | {"text_ko": "{name_ko}에 관한 글은 없다.", "text_en": "No text on {name_hanja}."}
    mapping = FieldMapping("csv", FIELDS, values)
    found = read(tmp_path / "a.csv", "no,이름,소개,X,Y\n1,종묘,,127,38\n2,나,글,127,38\n", mapping)
    assert [item["properties"]["text_ko"] for item in found] == ["종묘에 관한 글은 없다.", "글"]
    assert "text_en" not in found[0]["properties"]


@pytest.mark.parametrize(
    ("kind", "coordinates", "code"),
    [
        ("Point", [126.7, 37.5], "outside_clip"),
        ("LineString", [[127.0, 37.5], [127.3, 37.5]], "outside_clip"),
        ("Point", [127.19, 37.70], None),
        ("Point", [37.5, 127.0], None),  # swapped: for the check to name
        ("Point", [0, 0], None),
        ("Point", "x", None),
    ],
)
def test_what_lies_outside_the_clip_is_refused(
    tmp_path: Path, kind: str, coordinates: Any, code: str | None
) -> None:
    path = geojson(tmp_path / "a.geojson", shape(kind, coordinates))
    clip = (126.76, 37.42, 127.19, 37.70)
    fault = incoming(path, FieldMapping("geojson", {"name_ko": "이름"}, VALUES, clip=clip))[0].fault
    assert (fault.code if fault else None) == code


@pytest.mark.parametrize(
    ("given", "mended"),
    [
        (shape("Point", [37.5, 127.0]), [127.0, 37.5]),
        (shape("LineString", [[37.5, 127.0], [37.6, 127.1]]), [[127.0, 37.5], [127.1, 37.6]]),
        (shape("LineString", [[37.5, 127.0], [127.1, 37.6]]), None),
        (shape("Point", [0, 0]), None),
    ],
)
def test_swapped_positions_are_set_right_where_the_mapping_says_so(
    tmp_path: Path, given: dict[str, Any], mended: Any
) -> None:
    path = geojson(tmp_path / "a.geojson", given)
    fields = {"name_ko": "이름"}
    item = incoming(path, FieldMapping("geojson", fields, VALUES, mend_swapped=True))[0]
    assert isinstance(item.feature, dict)
    whole = given["geometry"]["coordinates"]
    assert item.feature["geometry"]["coordinates"] == (whole if mended is None else mended)
    assert list(item.notes) == ([] if mended is None else ["swapped_coordinates"])
    as_given = features(path, FieldMapping("geojson", fields, VALUES))[0]
    assert as_given["geometry"]["coordinates"] == whole


def test_a_column_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no field '이름'; it has no, NAME, 소개, X, Y"):
        read(tmp_path / "a.csv", "no,NAME,소개,X,Y\n1,a,b,127,38\n", FieldMapping("csv", FIELDS))


def test_a_column_in_decomposed_hangul_is_found(tmp_path: Path) -> None:
    given = shape("Point", [127, 37.5])
    given["properties"] = {unicodedata.normalize("NFD", "이름"): unicodedata.normalize("NFD", "종묘")}
    path = geojson(tmp_path / "a.geojson", given)
    found = features(path, FieldMapping("geojson", {"name_ko": "이름"}, VALUES))
    assert found[0]["properties"]["name_ko"] == "종묘"


def test_a_wrong_encoding_crs_or_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("no,이름,소개,X,Y\n1,a,b,127,38\n".encode("cp949"))
    with pytest.raises(InputError, match="is not utf-8"):
        features(path, FieldMapping("csv", FIELDS, {}, "utf-8"))
    with pytest.raises(InputError, match="encoding 'klingon' is unknown"):
        features(path, FieldMapping("csv", FIELDS, {}, "klingon"))
    with pytest.raises(CrsError):
        features(path, FieldMapping("csv", FIELDS, {}, "cp949", "EPSG:1"))
    path.write_text("")
    with pytest.raises(InputError, match="holds no records"):
        features(path, FieldMapping("csv", FIELDS))


def test_items_at_one_point_are_one_place_with_a_list(engine: Engine, tmp_path: Path) -> None:
    names = [("가", 127.0), ("나", 127.1), ("다", 127.0), ("라", 127.0)]
    path = geojson(tmp_path / "a.geojson", *(shape("Point", [lon, 37.5], 이름=name) for name, lon in names))
    values = VALUES | {"name_en": "{name_ko}", "text_ko": "{name_ko}의 글", "category": "site"}
    group = {"by": "position", "name_ko": "{name_ko} 외 {more}건"}
    mapping = FieldMapping("geojson", {"name_ko": "이름"}, values, group=group, prefix="khs")
    found = incoming(path, mapping, "heritage")
    assert [tuple(item.ordinals) for item in found] == [(1, 3, 4), (2,)]
    place, single = (item.feature for item in found)
    assert isinstance(place, dict)
    assert isinstance(single, dict)
    assert place["properties"]["name_ko"] == "가 외 2건"
    assert place["properties"]["name_en"] == "가 and 2 more"
    assert place["properties"]["text_ko"] == "가 외 2건의 글"
    assert [fact["ko"] for fact in place["properties"]["facts"]] == ["가", "다", "라"]
    assert single["properties"]["name_ko"] == "나"
    assert "facts" not in single["properties"]
    report = import_features(engine, ADMIN, "heritage", found, now=NOW)
    assert (report.read, report.written, report.records, report.refused) == (4, 4, 2, {})
    again = import_features(engine, ADMIN, "heritage", incoming(path, mapping, "heritage"), now=NOW)
    assert (again.read, again.written, again.updated, again.skipped) == (4, 0, 0, 4)
    more = geojson(
        tmp_path / "b.geojson", *(shape("Point", [x, 37.5], 이름=n) for n, x in [*names, ("마", 127.1)])
    )
    third = import_features(engine, ADMIN, "heritage", incoming(more, mapping, "heritage"), now=NOW)
    assert (third.written, third.updated, third.skipped) == (0, 2, 3)


def test_of_several_items_only_what_all_say_stays(tmp_path: Path) -> None:
    items = [
        shape("Point", [127, 37.5], 이름="가", 코드="11", era="조선"),
        shape("Point", [127, 37.5], 이름="나", 코드="12", era="조선"),
    ]
    path = geojson(tmp_path / "a.geojson", *items)
    fields = {"name_ko": "이름", "khs_kind": "코드", "era_ko": "era", "movable": "코드"}
    maps = {"movable": {"11": True, "*": ""}}
    mapping = FieldMapping("geojson", fields, VALUES, maps=maps, group={"by": "position"})
    properties = features(path, mapping, "heritage")[0]["properties"]
    assert properties["era_ko"] == "조선"
    assert "khs_kind" not in properties
    assert "movable" not in properties
