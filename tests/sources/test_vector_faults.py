"""One broken file for each fault: every one is a single line that names the file and says what to do."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from smap.errors import CrsError, InputError, RecipeError, SmapError
from smap.sources.vector import VectorSpec, read_features
from tests.sources.files import (
    copy_parts,
    cut,
    feature,
    geojson,
    gzipped,
    korean_table,
    squares,
    write,
    zipped,
)


def refusal(
    capfd: pytest.CaptureFixture[str], error: type[SmapError], path: Path | str, **options: object
) -> str:
    """The one line with which reading ends; nothing else is said anywhere."""
    with pytest.raises(error) as caught:
        list(read_features(VectorSpec(path, **options)))  # type: ignore[arg-type]
    line = str(caught.value)
    assert "\n" not in line
    assert Path(str(path)).name.split("*")[0].removesuffix(".shp") in line
    assert capfd.readouterr() == ("", "")
    return line


NAME = {"name": "name"}
Capture = pytest.CaptureFixture[str]


def test_a_missing_file_is_named(tmp_path: Path, capfd: Capture) -> None:
    assert "no such file" in refusal(capfd, InputError, tmp_path / "nowhere.gpkg")


def test_a_glob_without_a_match_is_named(tmp_path: Path, capfd: Capture) -> None:
    assert "no file matches" in refusal(capfd, InputError, str(tmp_path / "AL_D010*.shp"))


def test_a_glob_that_matches_only_other_formats_says_so(tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "a.txt").write_text("x")
    assert "1 files of other formats" in refusal(capfd, InputError, str(tmp_path / "a*"))


def test_a_folder_is_answered_with_the_glob_to_write(tmp_path: Path, capfd: Capture) -> None:
    assert "*.shp" in refusal(capfd, InputError, tmp_path)


@pytest.mark.parametrize("name", ["a.dwg", "a", "a.csv.gz", "a.gpkg.gz"])
def test_an_unknown_format_names_those_that_are_known(name: str, tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / name).write_bytes(b"x" * 200)
    assert ".gpkg" in refusal(capfd, InputError, tmp_path / name)


@pytest.mark.parametrize(
    "name", ["a.geojson", "a.geojsonl", "a.gpkg", "a.fgb", "a.shp", "a.zip", "a.geojson.gz"]
)
def test_an_empty_file_is_called_empty(name: str, tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / name).touch()
    assert "empty (0 bytes)" in refusal(capfd, InputError, tmp_path / name)


def test_a_wrong_field_is_answered_with_those_that_exist(tmp_path: Path, capfd: Capture) -> None:
    line = refusal(capfd, RecipeError, write(tmp_path / "a.fgb"), fields={"height": "HGHT"})
    assert "no field 'HGHT' (for height); the file has: id, height, floors, name" in line


def test_a_kept_field_must_exist_too(tmp_path: Path, capfd: Capture) -> None:
    assert "no field 'gu'" in refusal(capfd, RecipeError, write(tmp_path / "a.fgb"), keep=("gu",))


def test_a_preset_without_any_of_its_fields_is_refused(tmp_path: Path, capfd: Capture) -> None:
    line = refusal(capfd, RecipeError, write(tmp_path / "a.fgb"), preset="tl_spbd_buld")
    assert "none of the fields of preset tl_spbd_buld" in line


def test_an_unknown_preset_names_those_that_exist(tmp_path: Path, capfd: Capture) -> None:
    assert "al_d010" in refusal(capfd, RecipeError, write(tmp_path / "a.fgb"), preset="AL")


def test_a_condition_that_is_no_sql_is_refused(tmp_path: Path, capfd: Capture) -> None:
    line = refusal(capfd, RecipeError, write(tmp_path / "a.gpkg"), where="floors >>> 'x")
    assert "cannot be understood" in line


def test_a_condition_that_holds_nowhere_is_an_error(tmp_path: Path, capfd: Capture) -> None:
    line = refusal(capfd, InputError, write(tmp_path / "a.fgb"), where="floors > 99")
    assert 'holds no features for which where = "floors > 99" holds' in line


def test_an_unknown_system_is_refused(tmp_path: Path, capfd: Capture) -> None:
    path = write(tmp_path / "a.fgb", crs=None, shapes=squares(3), columns={"id": [1, 2, 3]})
    assert "unknown CRS 'EPSG:99999'" in refusal(capfd, CrsError, path, crs="EPSG:99999")


def test_a_system_that_contradicts_the_file_is_refused_with_the_distance(
    tmp_path: Path, capfd: Capture
) -> None:
    path = write(tmp_path / "a.gpkg", crs="EPSG:5186")
    line = refusal(capfd, CrsError, path, crs="EPSG:5181")
    assert "crs = EPSG:5181 (KGD2002 / Central Belt) contradicts the file's own EPSG:5186" in line
    assert "positions differ by 99," in line or "positions differ by 100," in line


def test_degrees_said_to_be_metres_are_a_contradiction_too(tmp_path: Path, capfd: Capture) -> None:
    assert "contradicts" in refusal(capfd, CrsError, write(tmp_path / "a.geojson"), crs="EPSG:5186")


def test_a_system_that_says_the_same_in_other_words_is_no_contradiction(tmp_path: Path) -> None:
    spec = VectorSpec(write(tmp_path / "a.gpkg", crs="EPSG:4737"), crs="EPSG:4326")
    assert sum(chunk.read for chunk in read_features(spec)) == 12


def test_data_outside_its_area_are_answered_with_the_code_that_fits(tmp_path: Path, capfd: Capture) -> None:
    path = write(
        tmp_path / "a.gpkg", crs="EPSG:5186", shapes=squares(5, "EPSG:5179"), columns={"id": [1] * 5}
    )
    line = refusal(capfd, CrsError, path)
    assert "outside its area" in line
    assert "EPSG:5179 would put it at 126.97" in line


def test_geojson_in_metres_without_a_system_is_answered_with_the_code_that_fits(
    tmp_path: Path, capfd: Capture
) -> None:
    rings = [shapely.get_coordinates(s).tolist() for s in squares(3, "EPSG:5186")]
    path = geojson(tmp_path / "a.geojson", [feature(r) for r in rings])
    assert "EPSG:5186 would put it at" in refusal(capfd, CrsError, path)


def test_a_file_mostly_outside_korea_is_refused_at_its_end(tmp_path: Path, capfd: Capture) -> None:
    berlin = [[13.37, 52.51], [13.38, 52.51], [13.38, 52.52], [13.37, 52.51]]
    seoul = shapely.get_coordinates(squares(1)[0]).tolist()
    path = geojson(tmp_path / "a.geojson", [feature(seoul), feature(berlin), feature(berlin)])
    assert "outside Korea (124-132 E, 33-39 N)" in refusal(capfd, CrsError, path)


def test_a_clip_that_holds_nothing_is_an_error(tmp_path: Path, capfd: Capture) -> None:
    line = refusal(capfd, CrsError, write(tmp_path / "a.fgb"), clip=(129.0, 35.0, 129.1, 35.1))
    assert "none of 12 features lies in clip" in line


def test_a_shapefile_without_a_prj_wants_a_system_and_gets_suggestions(
    tmp_path: Path, capfd: Capture
) -> None:
    path = write(tmp_path / "a.shp", crs="EPSG:5186", encoding="UTF-8")
    path.with_suffix(".prj").unlink()
    line = refusal(capfd, CrsError, path)
    assert "names no CRS (no readable .prj); set crs =: EPSG:5186 would put it at 126.98" in line
    assert sum(c.read for c in read_features(VectorSpec(path, crs="EPSG:5186"))) == 12


@pytest.mark.parametrize("part", [".dbf", ".shx"])
def test_a_shapefile_without_one_of_its_parts_is_refused(part: str, tmp_path: Path, capfd: Capture) -> None:
    path = write(tmp_path / "a.shp", encoding="UTF-8")
    path.with_suffix(part).unlink()
    assert f"the {part} beside it is missing" in refusal(capfd, InputError, path)


@pytest.mark.parametrize("part", [".shp", ".dbf", ".shx"])
def test_a_truncated_part_of_a_shapefile_is_named(part: str, tmp_path: Path, capfd: Capture) -> None:
    path = write(tmp_path / "a.shp", encoding="UTF-8")
    cut(path.with_suffix(part))
    line = refusal(capfd, InputError, path)
    assert "truncated Shapefile" in line
    assert part in line


def test_a_text_file_called_shp_is_no_shapefile(tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "a.shp").write_text("hello " * 50)
    assert "not a Shapefile" in refusal(capfd, InputError, tmp_path / "a.shp")


def test_a_layer_is_to_be_named_where_there_are_several(tmp_path: Path, capfd: Capture) -> None:
    path = write(tmp_path / "a.gpkg", layer="old")
    write(path, layer="new", append=True)
    assert "set layer = to one of: old, new" in refusal(capfd, RecipeError, path)


def test_a_missing_layer_is_answered_with_those_there_are(tmp_path: Path, capfd: Capture) -> None:
    path = write(tmp_path / "a.gpkg", layer="buildings")
    assert "no layer 'houses'; the file has: buildings" in refusal(capfd, RecipeError, path, layer="houses")


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.fgb", "a.shp"])
def test_an_empty_layer_is_an_error(name: str, tmp_path: Path, capfd: Capture) -> None:
    path = write(tmp_path / name, shapes=np.empty(0, object), columns={"id": np.empty(0, np.int64)})
    assert "holds no features" in refusal(capfd, InputError, path)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.97])
@pytest.mark.parametrize("name", ["a.geojson", "a.geojsonl", "a.gpkg", "a.fgb"])
def test_a_truncated_file_is_refused(name: str, share: float, tmp_path: Path, capfd: Capture) -> None:
    line = refusal(
        capfd, InputError, cut(write(tmp_path / name, shapes=squares(500), columns=_wide(500)), share)
    )
    assert "truncated" in line or "damaged" in line


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
@pytest.mark.parametrize("name", ["a.geojson", "a.geojsonl"])
def test_a_truncated_gz_is_refused(name: str, share: float, tmp_path: Path, capfd: Capture) -> None:
    path = cut(gzipped(write(tmp_path / name, shapes=squares(500), columns=_wide(500))), share)
    assert "truncated or damaged .gz" in refusal(capfd, InputError, path)


def test_a_gz_that_is_none_is_refused(tmp_path: Path, capfd: Capture) -> None:
    path = tmp_path / "a.geojson.gz"
    path.write_text('{"type": "FeatureCollection", "features": []}')
    assert "truncated or damaged .gz" in refusal(capfd, InputError, path)


def test_a_truncated_zip_is_refused(tmp_path: Path, capfd: Capture) -> None:
    write(tmp_path / "a.shp", encoding="UTF-8")
    assert "damaged .zip" in refusal(capfd, InputError, cut(zipped(tmp_path / "a.zip", "a")))


def test_a_zip_with_a_flipped_bit_is_refused(tmp_path: Path, capfd: Capture) -> None:
    write(tmp_path / "a.shp", encoding="UTF-8", shapes=squares(500), columns=_wide(500))
    path = zipped(tmp_path / "a.zip", "a")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)
    assert "damaged .zip" in refusal(capfd, InputError, path)


def test_a_zip_with_several_shapefiles_names_them(tmp_path: Path, capfd: Capture) -> None:
    copy_parts(write(tmp_path / "a.shp", encoding="UTF-8"), "b")
    line = refusal(capfd, InputError, zipped(tmp_path / "c.zip", "a", "b"))
    assert "2 Shapefiles (a.shp, b.shp)" in line


def test_a_zip_without_a_shapefile_is_refused(tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "a.txt").write_text("x")
    assert "no Shapefile" in refusal(capfd, InputError, zipped(tmp_path / "c.zip", "a"))


def test_a_zip_without_the_table_is_refused(tmp_path: Path, capfd: Capture) -> None:
    write(tmp_path / "a.shp", encoding="UTF-8").with_suffix(".dbf").unlink()
    assert "the .dbf of 'a.shp' is missing" in refusal(capfd, InputError, zipped(tmp_path / "c.zip", "a"))


@pytest.mark.parametrize("text", ['{"a": 1}', "[1, 2]", "hello", '"x"', "<xml/>"])
def test_json_that_is_not_geojson_is_refused(text: str, tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "a.json").write_text(text)
    assert "not GeoJSON" in refusal(capfd, InputError, tmp_path / "a.json")


def test_topojson_is_told_apart(tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "a.json").write_text('{"type": "Topology", "objects": {}, "arcs": []}')
    assert "TopoJSON" in refusal(capfd, InputError, tmp_path / "a.json")


def test_json_of_another_type_is_refused(tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "a.json").write_text('{"type": "Weather", "rain": true}')
    refusal(capfd, InputError, tmp_path / "a.json")


def test_a_broken_line_in_the_middle_is_named(tmp_path: Path, capfd: Capture) -> None:
    lines = [json.dumps(feature(shapely.get_coordinates(s).tolist())) for s in squares(9)]
    lines[4] = lines[4][:60]
    (tmp_path / "a.geojsonl").write_text("\n".join(lines) + "\n")
    assert "line 5 is no GeoJSON feature" in refusal(capfd, InputError, tmp_path / "a.geojsonl")


def test_geojson_in_another_encoding_is_refused(tmp_path: Path, capfd: Capture) -> None:
    text = json.dumps(
        {"type": "FeatureCollection", "features": [feature(None, name="경복궁")]}, ensure_ascii=False
    )
    (tmp_path / "a.geojson").write_bytes(text.encode("cp949"))
    assert "not UTF-8" in refusal(capfd, InputError, tmp_path / "a.geojson")


@pytest.mark.parametrize(
    ("written", "cpg", "given", "advice"),
    [
        ("CP949", "UTF-8", None, 'set encoding = "cp949"'),
        ("CP949", None, "utf-8", 'set encoding = "cp949"'),
        ("UTF-8", "CP949", None, 'set encoding = "utf-8"'),
        ("UTF-8", None, "euc-kr", 'set encoding = "utf-8"'),
        ("CP949", "CP949", "iso-8859-1", 'set encoding = "cp949"'),
    ],
)
def test_a_table_in_another_encoding_is_refused_with_field_row_and_encoding(
    written: str, cpg: str | None, given: str | None, advice: str, tmp_path: Path, capfd: Capture
) -> None:
    line = refusal(
        capfd, InputError, korean_table(tmp_path / "a.shp", written, cpg), encoding=given, fields=NAME
    )
    assert "field 'name', row 1:" in line
    assert advice in line


@pytest.mark.parametrize("written", ["CP949", "UTF-8"])
def test_a_table_that_does_not_say_its_encoding_is_read_as_its_bytes_allow(
    written: str, tmp_path: Path
) -> None:
    spec = VectorSpec(korean_table(tmp_path / "a.shp", written, None), fields={"name": "name"})
    assert next(read_features(spec)).columns["name"][0] == "경복궁 근정전"


def test_an_unknown_encoding_is_refused(tmp_path: Path, capfd: Capture) -> None:
    path = korean_table(tmp_path / "a.shp", "CP949", None)
    assert "unknown encoding 'hangul'" in refusal(capfd, RecipeError, path, encoding="hangul")


def test_an_encoding_for_a_file_that_is_always_utf8_is_refused(tmp_path: Path, capfd: Capture) -> None:
    path = write(tmp_path / "a.gpkg")
    assert "is for Shapefiles" in refusal(capfd, RecipeError, path, encoding="cp949")


def test_a_layer_that_a_format_without_layers_lacks_is_refused(tmp_path: Path, capfd: Capture) -> None:
    path = write(tmp_path / "a.fgb")
    assert "no layer 'houses'; the file has: a" in refusal(capfd, RecipeError, path, layer="houses")


def test_a_shapefile_with_overwritten_records_is_refused(tmp_path: Path, capfd: Capture) -> None:
    path = write(tmp_path / "a.shp", encoding="UTF-8")
    data = bytearray(path.read_bytes())
    data[400:700] = b"\x5a" * 300
    path.write_bytes(data)
    assert "damaged Shapefile" in refusal(capfd, InputError, path)


def test_a_table_with_fewer_records_than_the_shapes_is_refused(tmp_path: Path, capfd: Capture) -> None:
    path = write(tmp_path / "a.shp", encoding="UTF-8")
    short = write(tmp_path / "short.shp", shapes=squares(5), columns={"id": [1] * 5}, encoding="UTF-8")
    short.with_suffix(".dbf").replace(path.with_suffix(".dbf"))
    assert "truncated: 5 features of 12" in refusal(capfd, InputError, path)


@pytest.mark.parametrize("name", ["a.gpkg", "a.fgb"])
def test_a_damaged_middle_is_refused(name: str, tmp_path: Path, capfd: Capture) -> None:
    path = write(tmp_path / name, shapes=squares(2000))
    data = bytearray(path.read_bytes())
    third = len(data) // 3
    data[third : 2 * third] = b"\xa5" * third
    path.write_bytes(data)
    assert "truncated" in (line := refusal(capfd, InputError, path)) or "damaged" in line


def test_a_zip_with_korean_names_is_read(tmp_path: Path) -> None:
    write(tmp_path / "건물.shp", encoding="CP949")
    spec = VectorSpec(zipped(tmp_path / "가.zip", "건물"), fields=NAME)
    assert next(read_features(spec)).columns["name"][0] == "경복궁 근정전"


def test_an_unreadable_file_is_refused(
    tmp_path: Path, capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.gpkg")

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    assert "cannot be read: Permission denied" in refusal(capfd, InputError, path)


def _wide(count: int) -> dict[str, list[str]]:
    return {"name": [f"건물 {i} {'가나다라' * 10}" for i in range(count)]}


def test_curves_are_refused_with_the_way_to_straighten_them(tmp_path: Path, capfd: Capture) -> None:
    plain = shapely.to_wkb(shapely.multipolygons([[box] for box in squares(2)]), byte_order=1)
    curved = [b"\x01" + (12).to_bytes(4, "little") + wkb[5:] for wkb in plain]
    path = tmp_path / "a.gpkg"
    ids = [np.arange(2)]
    pyogrio.raw.write(
        str(path), np.array(curved, object), ids, ["id"], crs="EPSG:4326", geometry_type="Unknown"
    )
    assert "-nlt CONVERT_TO_LINEAR" in refusal(capfd, InputError, path)
