from __future__ import annotations

from pathlib import Path

import pytest

from smap.content.exchange.mapping import FORMATS, FieldMapping, check_fields, read_mapping
from smap.content.model import LAYERS
from smap.errors import RecipeError

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = sorted((ROOT / "content" / "mappings").glob("*.toml"))
WHOLE = 'format = "csv"\nencoding = "cp949"\ncrs = "EPSG:5186"\n[fields]\nlon = "X"\nlat = "Y"\n'


def read(tmp_path: Path, text: str) -> FieldMapping:
    path = tmp_path / "m.toml"
    path.write_text(text)
    return read_mapping(path)


def test_a_mapping_is_read_whole(tmp_path: Path) -> None:
    place = {"lon": "X", "lat": "Y"}
    expected = FieldMapping("csv", place, {"position_accuracy_m": 50}, "cp949", "EPSG:5186")
    assert read(tmp_path, WHOLE + "[values]\nposition_accuracy_m = 50\n") == expected


def test_what_a_mapping_can_say_more_is_read_too(tmp_path: Path) -> None:
    more = 'key = ["khs_id"]\nmatch_m = 150\nclip = [126, 37, 127, 38]\nmend_swapped = true\nprefix = "a"\n'
    tables = '[map.movable]\n"유물" = true\n[group]\nby = "position"\nname_ko = "{name_ko} 외"\n'
    mapping = read(tmp_path, more + 'table = "T"\n' + WHOLE + tables)
    assert (mapping.key, mapping.match_m, mapping.clip) == (["khs_id"], 150, (126, 37, 127, 38))
    assert (mapping.mend_swapped, mapping.prefix, mapping.table) == (True, "a", "T")
    assert mapping.maps == {"movable": {"유물": True}}
    assert mapping.group == {"by": "position", "name_ko": "{name_ko} 외"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("format = ", "is no TOML"),
        ('format = "xls"', "give one of csv, xlsx, geojson"),
        ('format = "csv"', "a csv needs lon and lat"),
        ('format = "gpx"\n[fields]\nlon = "X"', "lon and lat come together"),
        (WHOLE.replace("crs", "srs"), "unknown key 'srs'; known are format, encoding, crs"),
        (WHOLE + "name_ko = 5", "must be texts"),
        (WHOLE + "name_ko = []", "must be texts"),
        ("fields = 5", "must be a table"),
        ("map = 5", "must be a table"),
        ("encoding = 5", "encoding must be a text"),
        ("key = []", "key must be a list of our fields"),
        ("match_m = 0", "match_m must be a number of metres"),
        ("clip = [127, 37, 126, 38]", "clip must be west, south, east, north"),
        ('mend_swapped = "yes"', "mend_swapped must be true or false"),
        (WHOLE + "[map]\nmovable = 1", "must hold a table for each field"),
        (WHOLE + "[group]\nname_ko = 'a'", 'must say  by = "position"'),
        (WHOLE + "[group]\nby = 'position'\ncolour = 'a'", "unknown key 'colour'"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(RecipeError, match=said) as caught:
        read(tmp_path, text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fields": {"colour": "C"}}, "unknown field 'colour'; known are id, lon, lat, name_ko"),
        ({"fields": {"masonry": "M"}}, "unknown field 'masonry'"),
        ({"values": {"id": "a"}}, "unknown field 'id'"),
        ({"values": {"facts": []}}, "unknown field 'facts'"),
        ({"maps": {"colour": {}}}, "unknown field 'colour'"),
        ({"key": ["colour"]}, "unknown field 'colour'"),
    ],
)
def test_fields_that_the_layer_has_not_are_named(given: dict[str, dict[str, str]], said: str) -> None:
    mapping = FieldMapping("geojson", **({"fields": {}} | given))  # type: ignore[arg-type]
    with pytest.raises(RecipeError, match=said):
        check_fields(mapping, LAYERS["heritage"])


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_comes_with_us_can_be_read(path: Path) -> None:
    mapping = read_mapping(path)
    assert mapping.format in FORMATS
    assert mapping.values["licence"] == "not stated"
