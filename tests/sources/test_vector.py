from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smap.errors import InputError
from smap.scene.footprint import Footprints
from smap.sources.vector import FeatureChunk, VectorSpec, read_features
from tests.sources.files import (
    CITY_HALL,
    copy_parts,
    feature,
    geojson,
    gzipped,
    korean_table,
    squares,
    write,
    zipped,
)

NAMED = {"id": "id", "height": "height", "floors": "floors", "name": "name"}
RING = [[126.978, 37.566], [126.979, 37.566], [126.979, 37.567], [126.978, 37.567], [126.978, 37.566]]


def read(path: Path | str, chunk: int = 65536, **options: object) -> FeatureChunk:
    """All chunks of a source as one."""
    options.setdefault("fields", NAMED)
    parts = list(read_features(VectorSpec(path, **options), chunk=chunk))  # type: ignore[arg-type]
    dropped: Counter[str] = Counter()
    for part in parts:
        dropped.update(part.dropped)
    return FeatureChunk(
        Footprints.concatenate([p.footprints for p in parts]),
        {k: np.concatenate([p.columns[k] for p in parts]) for k in parts[0].columns},
        sum(p.read for p in parts),
        dict(dropped),
        sum(p.repaired for p in parts),
        dict(Counter({k: v for p in parts for k, v in p.unreadable.items()})),
        np.concatenate([p.ordinal for p in parts]),
    )


def ring_areas(footprints: Footprints) -> np.ndarray:
    """Signed area of each ring, counter-clockwise positive, in square radians."""
    areas = []
    for start, end in zip(footprints.rings[:-1], footprints.rings[1:], strict=True):
        x, y = (footprints.lonlat[start:end] - footprints.lonlat[start]).T
        areas.append(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2)
    return np.array(areas)


@pytest.fixture(
    params=["a.geojson", "a.geojsonl", "a.gpkg", "a.fgb", "a.shp", "a.geojson.gz", "a.geojsonl.gz", "a.zip"]
)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    name: str = request.param
    if name.endswith(".gz"):
        return gzipped(write(tmp_path / name.removesuffix(".gz")))
    if name == "a.zip":
        write(tmp_path / "a.shp", encoding="CP949")
        return zipped(tmp_path / name, "a")
    return write(tmp_path / name, encoding="CP949" if name == "a.shp" else None)


def test_every_format_gives_the_same_buildings(source: Path) -> None:
    found = read(source)
    assert (found.read, len(found.footprints), found.dropped, found.repaired) == (12, 12, {}, 0)
    assert found.columns["id"][:2].tolist() == ["100", "101"]
    assert found.columns["name"][:2].tolist() == ["경복궁 근정전", "plain"]
    assert found.columns["height"][0] == 3.5
    assert found.ordinal.tolist() == list(range(12))
    corner = np.degrees(found.footprints.lonlat).min(axis=0)
    # GDAL writes GeoJSON with 7 decimals: 1 cm
    np.testing.assert_allclose(corner, CITY_HALL, atol=1e-7)


def test_reading_leaves_nothing_beside_the_file(source: Path) -> None:
    before = sorted(source.parent.iterdir())
    read(source)
    assert sorted(source.parent.iterdir()) == before


@pytest.mark.parametrize("code", ["EPSG:5186", "EPSG:5174", "EPSG:5179", "EPSG:5181"])
def test_a_korean_grid_lands_where_the_degrees_do(code: str, tmp_path: Path) -> None:
    theirs = read(write(tmp_path / "a.shp", crs=code, encoding="UTF-8")).footprints.lonlat
    ours = read(write(tmp_path / "a.fgb")).footprints.lonlat
    # 2e-9 rad is 1.3 cm: the round trip through the Korean 1985 datum is off by 5 mm
    np.testing.assert_allclose(sorted(theirs.tolist()), sorted(ours.tolist()), rtol=0, atol=2e-9)


def test_chunks_together_are_the_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "a.fgb")
    whole, pieces = read(path), read(path, chunk=5)
    np.testing.assert_array_equal(whole.footprints.lonlat, pieces.footprints.lonlat)
    assert whole.columns["name"].tolist() == pieces.columns["name"].tolist()
    assert pieces.ordinal.tolist() == list(range(12))


def test_a_glob_reads_its_files_in_order_and_counts_on(tmp_path: Path) -> None:
    first = korean_table(tmp_path / "b_1.shp", "CP949", "CP949")
    copy_parts(first, "b_2")
    found = read(str(tmp_path / "b_*"))
    assert found.read == 24
    assert found.ordinal.tolist() == list(range(24))


def test_files_of_a_glob_may_lack_a_field_that_a_preset_looks_for(tmp_path: Path) -> None:
    write(tmp_path / "1.fgb", columns={"osm_id": np.arange(12), "levels": np.arange(12)})
    write(tmp_path / "2.fgb", columns={"osm_id": np.arange(12), "height": np.arange(12.0)})
    found = read(str(tmp_path / "*.fgb"), preset="osm", fields={})
    assert np.isnan(found.columns["height"][:12]).all()
    assert found.columns["height"][12:].tolist() == list(range(12))
    assert np.isnan(found.columns["floors"][12:]).all()


def test_a_condition_chooses_features(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.gpkg"), where="floors > 10").columns["floors"].tolist() == [11, 12]


def test_a_layer_is_chosen_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gpkg", layer="old", shapes=squares(3))
    write(path, layer="new", shapes=squares(5), append=True)
    assert read(path, layer="new").read == 5


def test_explicit_fields_win_over_the_preset_and_kept_ones_stay_as_they_are(tmp_path: Path) -> None:
    columns = {"osm_id": [1, 2], "height": [3.0, 4.0], "real_h": [30.0, 40.0], "gu": ["종로구", "중구"]}
    path = write(tmp_path / "a.fgb", shapes=squares(2), columns=columns)
    found = read(path, preset="osm", fields={"height": "real_h"}, keep=("gu",))
    assert found.columns["height"].tolist() == [30.0, 40.0]
    assert found.columns["gu"].tolist() == ["종로구", "중구"]
    assert found.columns["id"].tolist() == ["1", "2"]


def test_heights_written_as_text_are_read_and_what_is_no_number_is_counted(tmp_path: Path) -> None:
    heights = ["12", " 12.5 m", "1,200", "tall", "", "3층", "12미터", "7.5 M"]
    path = geojson(tmp_path / "a.geojson", [feature(RING, height=h) for h in heights])
    found = read(path, fields={"height": "height"})
    np.testing.assert_array_equal(found.columns["height"], [12, 12.5, 1200, np.nan, np.nan, np.nan, 12, 7.5])
    assert found.unreadable == {"height": 2}


def test_floors_may_say_that_they_are_storeys_but_not_metres(tmp_path: Path) -> None:
    floors = ["3층", "3F", "3", "3 m", "지하 1층"]
    path = geojson(tmp_path / "a.geojson", [feature(RING, floors=f) for f in floors])
    found = read(path, fields={"floors": "floors"})
    np.testing.assert_array_equal(found.columns["floors"], [3, 3, 3, np.nan, np.nan])
    assert found.unreadable == {"floors": 2}


def test_heights_of_mixed_types_are_read_one_by_one(tmp_path: Path) -> None:
    heights = [5, "12미터", None, [3], {"v": 3}, True, "7.5 M"]
    path = geojson(tmp_path / "a.geojson", [feature(RING, height=h) for h in heights])
    found = read(path, fields={"height": "height"})
    np.testing.assert_array_equal(found.columns["height"], [5, 12, *[np.nan] * 4, 7.5])
    assert found.unreadable == {"height": 3}


def test_a_year_is_read_from_every_way_to_write_a_date(tmp_path: Path) -> None:
    dates = ["1998-05-12", "19980512", "1998", "199805", "0000-00-00", "98.5.12", ""]
    path = geojson(tmp_path / "a.geojson", [feature(RING, built=d) for d in dates])
    found = read(path, fields={"year_built": "built"})
    np.testing.assert_array_equal(found.columns["year_built"], [1998] * 4 + [np.nan] * 3)
    assert found.unreadable == {"year_built": 2}


def test_an_id_is_text_even_where_some_are_missing(tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "a.geojson", [feature(RING, id=i) for i in (1416455071, None, 9007199254740993)]
    )
    assert read(path, fields={"id": "id"}).columns["id"].tolist() == ["1416455071", None, "9007199254740993"]


def test_rings_are_open_and_outer_ones_run_counter_clockwise(tmp_path: Path) -> None:
    outer, hole = (
        shapely.box(126.978, 37.566, 126.979, 37.567),
        shapely.box(126.9783, 37.5663, 126.9786, 37.5666),
    )
    shape = outer.difference(hole)
    backwards = np.array([shapely.orient_polygons(shape, exterior_cw=True)])
    found = read(write(tmp_path / "a.gpkg", shapes=backwards, columns={"id": [1]}), fields={}).footprints
    assert np.diff(found.rings).tolist() == [4, 4]
    assert (np.sign(ring_areas(found)) == [1, -1]).all()


def test_a_multipolygon_is_one_feature(tmp_path: Path) -> None:
    parts = shapely.multipolygons(squares(3))
    path = write(
        tmp_path / "a.gpkg", shapes=np.array([parts]), columns={"id": [1]}, geometry_type="MultiPolygon"
    )
    found = read(path, fields={})
    assert (found.read, len(found.footprints), found.footprints.features.tolist()) == (1, 1, [0, 3])


def test_a_repeated_vertex_is_dropped(tmp_path: Path) -> None:
    found = read(geojson(tmp_path / "a.geojson", [feature([RING[0], *RING], id=1)]), fields={})
    assert len(found.footprints.lonlat) == 4


def test_an_invalid_ring_is_repaired_and_counted(tmp_path: Path) -> None:
    bow_tie = [RING[0], RING[2], RING[1], RING[3], RING[0]]
    found = read(geojson(tmp_path / "a.geojson", [feature(bow_tie, id=1), feature(RING, id=2)]), fields={})
    assert (len(found.footprints), found.repaired, found.dropped) == (2, 1, {})
    assert (ring_areas(found.footprints) > 0).all()


def test_heights_in_the_geometry_are_left_out(tmp_path: Path) -> None:
    raised = [[x, y, 25.0] for x, y in RING]
    assert len(read(geojson(tmp_path / "a.geojson", [feature(raised, id=1)]), fields={}).footprints) == 1


def test_every_feature_that_is_not_built_has_its_reason(tmp_path: Path) -> None:
    point = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": RING[0]}}
    berlin = [[13.37, 52.51], [13.38, 52.51], [13.38, 52.52], [13.37, 52.51]]
    flat = [RING[0], RING[1], RING[0], RING[0]]
    features = [feature(RING), feature(None), point, feature(berlin), feature(flat), feature(RING)]
    found = read(geojson(tmp_path / "a.geojson", features), fields={})
    assert found.dropped == {"no_geometry": 1, "not_a_polygon": 1, "outside_area": 1, "unusable_geometry": 1}
    assert found.read - len(found.footprints) == sum(found.dropped.values())
    assert found.ordinal.tolist() == [0, 5]


def test_a_clip_drops_what_lies_outside_it(tmp_path: Path) -> None:
    west, south = CITY_HALL
    found = read(write(tmp_path / "a.fgb"), clip=(west, south, west + 9e-4, south + 1e-3))
    assert found.dropped == {"outside_area": 9}
    assert len(found.footprints) == 3


def test_a_city_elsewhere_is_read_with_its_own_clip(tmp_path: Path) -> None:
    berlin = [[13.37, 52.51], [13.38, 52.51], [13.38, 52.52], [13.37, 52.51]]
    path = geojson(tmp_path / "a.geojson", [feature(berlin)])
    assert len(read(path, fields={}, clip=(13.0, 52.0, 14.0, 53.0)).footprints) == 1


def test_geojson_in_a_korean_grid_is_read_with_its_code_given(tmp_path: Path) -> None:
    rings = [shapely.get_coordinates(s).tolist() for s in squares(3, "EPSG:5186")]
    path = geojson(tmp_path / "a.geojson", [feature(r) for r in rings])
    found = read(path, fields={}, crs="EPSG:5186")
    np.testing.assert_allclose(np.degrees(found.footprints.lonlat).min(axis=0), CITY_HALL, atol=1e-7)


def test_lines_with_record_separators_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.geojsonl"
    path.write_text("".join(f"\x1e{json.dumps(feature(RING, id=i))}\n" for i in range(3)))
    assert read(path, fields={"id": "id"}).read == 3


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=3, max_size=9))
def test_whatever_the_ring_the_footprint_is_sound(tmp_path: Path, corners: list[tuple[int, int]]) -> None:
    ring = [[126.97 + x * 1e-4, 37.56 + y * 1e-4] for x, y in [*corners, corners[0]]]
    found = read(geojson(tmp_path / "a.geojson", [feature(ring), feature(RING)]), fields={})
    assert found.read - len(found.footprints) == sum(found.dropped.values())
    assert (np.diff(found.footprints.rings) >= 3).all()
    outer = found.footprints.polygons[:-1]
    assert (ring_areas(found.footprints)[outer] > 0).all()


@pytest.mark.real
def test_the_real_city_is_read_whole_with_its_three_invalid_rings_repaired(seoul_data: Path) -> None:
    found = read(seoul_data / "buildings/seoul_osm_buildings.geojsonl.gz", preset="osm", fields={})
    assert (found.read, len(found.footprints), found.dropped, found.repaired) == (162_005, 162_005, {}, 3)
    assert int(np.isfinite(found.columns["height"].astype(float)).sum()) == 26_138
    assert int(np.isfinite(found.columns["floors"].astype(float)).sum()) == 40_073


def test_coordinates_that_no_map_has_are_unusable(tmp_path: Path) -> None:
    mad = [[127.0, 37.0], [1e200, 37.0], [127.0, 1e200], [127.0, 37.0]]
    found = read(geojson(tmp_path / "a.geojson", [feature(mad), feature(RING)]), fields={})
    assert found.dropped == {"unusable_geometry": 1}


def test_a_comma_before_other_than_three_digits_is_a_decimal_one(tmp_path: Path) -> None:
    heights = ["12,5", "1,200", "1,234,567.5", "3,25 m", "1,2,3"]
    path = geojson(tmp_path / "a.geojson", [feature(RING, height=h) for h in heights])
    found = read(path, fields={"height": "height"})
    np.testing.assert_array_equal(found.columns["height"], [12.5, 1200, 1234567.5, 3.25, np.nan])
    assert found.unreadable == {"height": 1}


def test_of_several_files_one_may_lack_what_a_condition_asks_for(tmp_path: Path) -> None:
    write(tmp_path / "part_0.fgb", shapes=squares(3))
    write(tmp_path / "part_1.fgb", shapes=squares(12))
    assert read(tmp_path / "part_*.fgb", where="floors > 5").read == 7


@pytest.mark.parametrize("name", ["a.shp", "a.fgb", "a.gpkg", "a.geojson"])
def test_a_condition_may_speak_of_fields_that_are_not_published(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / name)
    assert read(path, fields={"id": "id"}, where="HEIGHT > 20").read == 5
    assert read(path, fields={"id": "id"}, where="floors IS NOT NULL").read == 12


def test_lines_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = write(tmp_path / "a.geojsonl")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read(path).read == read(gzipped(path)).read == 12


def test_a_member_of_features_that_is_none_is_named_by_its_place(tmp_path: Path) -> None:
    features = [feature(RING, id=i) for i in range(5)]
    features[3]["type"] = "Featur"
    with pytest.raises(InputError, match='member 4 of "features" is no feature: its type is "Featur"'):
        read(geojson(tmp_path / "a.geojson", features), fields={"id": "id"})


def test_a_field_named_geometry_is_a_field(tmp_path: Path) -> None:
    features = [feature(RING, id=i, geometry="flat") for i in range(5)]
    assert read(geojson(tmp_path / "a.geojson", features), fields={"id": "id"}).read == 5


def test_lists_as_text_and_as_height_and_ids_beyond_counting_are_read(tmp_path: Path) -> None:
    features = [feature(RING, id=10**25, height=[1, 2], name=["a", "나"]) for _ in range(2)]
    found = read(geojson(tmp_path / "a.geojson", features), fields={k: k for k in ("id", "height", "name")})
    assert found.columns["name"][0] == '["a", "나"]'
    assert np.isnan(found.columns["height"]).all()
    assert found.unreadable == {"height": 2}
