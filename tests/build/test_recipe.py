"""Recipes."""

from __future__ import annotations

from pathlib import Path

import pytest

from smap.build.recipe import GroundRule, HeightRule, MaskRule, Recipe, Source, read_recipe
from smap.errors import InputError, RecipeError, SmapError

SMALL = """
[tileset]
name = "town"
kind = "buildings"
attribution = "us"
[[source]]
path = "town.geojson"
"""


def read(folder: Path, text: str) -> Recipe:
    path = folder / "town.toml"
    path.write_text(text, encoding="utf-8")
    return read_recipe(path)


def test_a_small_recipe_has_all_defaults(tmp_path: Path) -> None:
    recipe = read(tmp_path, SMALL)
    assert recipe.sources == (Source(str(tmp_path / "town.geojson"), fields={}),)
    assert recipe.heights == HeightRule(("height", "floors", "estimate", "default"), 3.0, 6.0)
    assert recipe.ground == GroundRule(None, "EPSG:5193", datum_given=False)
    assert (recipe.title, recipe.access) == ({"ko": "town", "en": "town"}, "public")
    assert recipe.warnings == ()


def test_every_key_arrives(tmp_path: Path) -> None:
    recipe = read(
        tmp_path,
        """
[tileset]
name = "seoul-buildings"
kind = "buildings"
title = { ko = "서울 건물", en = "Buildings of Seoul" }
attribution = "© us"
access = "staff"
[[source]]
path = "../a/*.shp"
name = "gis"
preset = "al_d010"
crs = "EPSG:5174"
layer = "x"
encoding = "cp949"
where = "A16 > 0"
priority = 2
clip = [126.8, 37.5, 127, 37.6]
keep = ["A9"]
[source.fields]
id = "A19"
[heights]
ladder = ["floors", "default"]
storey_m = 3.3
default_m = 5
[ground]
terrain = "ground.toml"
vertical_datum = "ellipsoid"
[[mask]]
path = "/m.geojson"
action = "block"
""",
    )
    assert recipe.title == {"ko": "서울 건물", "en": "Buildings of Seoul"}
    assert recipe.access == "staff"
    source = recipe.sources[0]
    assert source.path == str(tmp_path / "../a/*.shp")
    assert (source.name, source.preset, source.crs, source.layer) == ("gis", "al_d010", "EPSG:5174", "x")
    assert (source.encoding, source.where, source.priority, source.keep) == ("cp949", "A16 > 0", 2, ("A9",))
    assert source.clip == (126.8, 37.5, 127.0, 37.6)
    assert source.fields == {"id": "A19"}
    assert recipe.heights == HeightRule(("floors", "default"), 3.3, 5.0)
    assert recipe.ground == GroundRule(tmp_path / "ground.toml", "ellipsoid", datum_given=True)
    assert recipe.masks == (MaskRule("/m.geojson", "block"),)


def test_a_terrain_recipe_has_levels_and_nodata(tmp_path: Path) -> None:
    text = SMALL.replace("buildings", "terrain").replace(".geojson", ".tif")
    recipe = read(tmp_path, text + "nodata = -9999\n[levels]\nmax = 13\n")
    assert (recipe.sources[0].nodata, recipe.max_level) == (-9999.0, 13)


def test_missing_attribution_is_a_warning(tmp_path: Path) -> None:
    recipe = read(tmp_path, SMALL.replace('attribution = "us"\n', ""))
    assert recipe.attribution == ""
    assert "attribution" in recipe.warnings[0]


def test_a_list_of_paths_is_as_many_sources_that_say_the_same(tmp_path: Path) -> None:
    recipe = read(tmp_path, SMALL.replace('"town.geojson"', '["a.zip", "b.zip"]'))
    assert [Path(source.path).name for source in recipe.sources] == ["a.zip", "b.zip"]
    assert recipe.warnings == ()


@pytest.mark.parametrize(
    ("first", "second", "warned"),
    [
        ("", "", "2 [[source]] without a name share 'the name of the tileset' in smap_id"),
        ('preset = "osm"', 'preset = "osm"', "2 [[source]] without a name share 'osm'"),
        ('preset = "osm"', "", None),
        ('name = "a"', "", None),
    ],
)
def test_sources_that_share_their_half_of_the_id_are_warned_of(
    first: str, second: str, warned: str | None, tmp_path: Path
) -> None:
    text = f'{SMALL}{first}\n[[source]]\npath = "b.geojson"\n{second}\n'
    warnings = read(tmp_path, text).warnings
    assert [warned in line for line in warnings] == [True] if warned else warnings == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SMALL + "heigth = 3", r"\[source\] heigth: unknown key; known: path, crs"),
        ("hieghts = 3\n" + SMALL, r"toml: hieghts: unknown key; known: tileset, source, heights"),
        (SMALL + '[source.fields]\nheigt = "x"', r"\[source.fields\] heigt: unknown key; known: id, name"),
        (SMALL + "nodata = 3", r"\[source\] nodata: unknown key"),
        (SMALL.replace('name = "town"\n', ""), r"\[tileset\] name: missing"),
        (SMALL.replace('kind = "buildings"\n', ""), r"\[tileset\] kind: missing"),
        (SMALL.replace("buildings", "houses"), "'houses' is unknown; known: buildings, terrain"),
        (SMALL.replace('path = "town.geojson"', ""), r"\[source\] path: missing"),
        (SMALL.split("[[source]]", maxsplit=1)[0], "source: missing"),
        (SMALL.replace('"town"', '"../town"'), "'../town' is no name for a tileset"),
        (SMALL.replace('"town"', "7"), r"\[tileset\] name: 7 is not a text"),
        (SMALL + "clip = [1, 2, 3]", "is not a list of 4 numbers"),
        (SMALL + "clip = [127.0, 37.4, 126.0, 37.6]", "is no area"),
        (SMALL + "priority = 1.5", "1.5 is not a whole number"),
        (SMALL + 'keep = "gu"', "'gu' is not a list of texts"),
        (SMALL + 'keep = ["height"]', "'height' is a property of our own"),
        (SMALL + '[heights]\nladder = ["height"]', "must name each rung once and end with 'default'"),
        (SMALL + '[heights]\nladder = ["lidar", "default"]', "unknown rung 'lidar'"),
        (SMALL + "[heights]\nstorey_m = 0", "0.0 is not a number above 0"),
        (SMALL + '[[mask]]\npath = "m"\naction = "hide"', "'hide' is unknown; known: drop, block"),
        (SMALL + "[levels]\nmax = 3", "levels: unknown key"),
        (SMALL.replace("buildings", "terrain") + "[levels]\nmax = 99", "99 is no level"),
        (SMALL.replace("buildings", "terrain") + "[levels]\nmax = -1", "-1 is no level"),
        (SMALL.replace("buildings", "terrain") + "[levels]\nmax = 2.5", "2.5 is no level"),
        (
            SMALL.replace("buildings", "terrain") + "[levels]\nerror_m = 0",
            "error_m: 0.* is not a number from 0.05",
        ),
        (SMALL + '[ground]\nvertical_datum = "EPSG:9999"', "'EPSG:9999' is unknown; known: EPSG:5193"),
        (SMALL.replace('"town.geojson"', '["town.geojson", 3]'), "is not a text or a list of texts"),
        (SMALL + "ground = 3", r"\[source\] ground: unknown key"),
    ],
)
def test_what_cannot_be_built_is_refused_by_name(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(RecipeError, match=told) as refusal:
        read(tmp_path, text)
    assert "\n" not in str(refusal.value)


def test_what_is_not_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not TOML, .*line 2"):
        read(tmp_path, "[tileset]\nname = ?")


def test_unreadable_recipes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "korean.toml").write_bytes("# 서울".encode("cp949"))
    for path, told in [("none.toml", "no such recipe"), (".", "a folder"), ("korean.toml", "not UTF-8")]:
        with pytest.raises(SmapError, match=told):
            read_recipe(tmp_path / path)


def test_a_recipe_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    assert read(tmp_path, f"\ufeff{SMALL}").name == "town"


def test_a_last_resort_taller_than_any_building_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"default_m.*no building is above 600 m"):
        read(tmp_path, f"{SMALL}[heights]\ndefault_m = 1e9")
