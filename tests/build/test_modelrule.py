"""Recipes of models."""

from __future__ import annotations

from pathlib import Path

import pytest

from smap.build.modelrule import ModelRule, Place
from smap.build.recipe import Recipe, read_recipe
from smap.errors import RecipeError
from tests.build.hall import hall_recipe
from tests.build.town import recipe_text


def read(folder: Path, text: str) -> Recipe:
    path = folder / "halls.toml"
    path.write_text(text, encoding="utf-8")
    return read_recipe(path)


def test_every_key_of_a_model_arrives(tmp_path: Path) -> None:
    place = 'height = 60.5\nheight_mode = "orthometric"\nheading = -12.5\nscale = 100'
    facts = 'name_en = "Hall"\nheight = 24.5\ncontent = "heritage/hall"\nstanding = true\nbays = 5'
    recipe = read(tmp_path, hall_recipe({"place": place, "facts": facts, "lon": 127.0, "lat": 37.5}))
    assert recipe.models == (
        ModelRule(
            paths=tuple(str(tmp_path / name) for name in ("hall.glb", "hall.1.glb", "hall.2.glb")),
            source="halls",
            id="hall",
            place=Place(127.0, 37.5, 60.5, "orthometric", -12.5, 100.0),
            facts={
                "id": "hall",
                "name": "근정전",
                "name_en": "Hall",
                "height": 24.5,
                "content": "heritage/hall",
                "standing": True,
                "bays": 5,
            },
        ),
    )
    assert (recipe.kind, recipe.sources, recipe.era) == ("models", (), None)
    assert recipe.models[0].smap_id == "halls:hall"


def test_a_small_source_stands_on_the_ground_unturned_under_its_files_name(tmp_path: Path) -> None:
    text = hall_recipe().split("[source.properties]", maxsplit=1)[0]
    model = read(tmp_path, text.replace('coarser = ["hall.1.glb", "hall.2.glb"]', 'name = "khs"')).models[0]
    assert model.place == Place(126.9768, 37.5759)
    assert (model.smap_id, len(model.paths), model.facts) == ("khs:hall", 1, {})


def test_the_ground_may_be_said_in_words(tmp_path: Path) -> None:
    assert read(tmp_path, hall_recipe({"place": 'height = "ground"'})).models[0].place.height is None


@pytest.mark.parametrize("kind", ["models", "buildings"])
def test_an_era_belongs_to_any_kind(tmp_path: Path, kind: str) -> None:
    text = hall_recipe() if kind == "models" else recipe_text()
    era = text.replace("[tileset]", '[tileset]\nera = "hanyang"')
    assert read(tmp_path, era).era == "hanyang"


def test_buildings_depict_no_layer(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="depicts: unknown key"):
        read(tmp_path, recipe_text().replace("[tileset]", '[tileset]\ndepicts = "wall"'))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (hall_recipe().replace("[source.place]", "[source.spot]"), r"\[source\] place of hall\.glb: missing"),
        (hall_recipe().replace("lon = ", "long = "), r"\[source\.place\] lon of hall\.glb: missing"),
        (
            hall_recipe({"place": "height_m = 3"}),
            r"\[source\.place\] height_m of hall\.glb: unknown key; .*height",
        ),
        (hall_recipe({"lon": '"126"'}), "'126' is not a number"),
        (hall_recipe({"lon": 37.5, "lat": 126.9}), "37.5, 126.9 is not in Korea: lon and lat are swapped"),
        (hall_recipe({"lon": 2.35, "lat": 48.85}), "2.35, 48.85 is not in Korea: give lon 124 to 132"),
        (hall_recipe({"place": 'heading = "north"'}), r"heading of hall\.glb: 'north' is not a number"),
        (hall_recipe({"place": "heading = 720"}), "720.0 is not a number from -360 to 360"),
        (hall_recipe({"place": "heading = nan"}), "nan is not a number"),
        (hall_recipe({"place": "scale = 0"}), "0.0 is not a number above 0"),
        (hall_recipe({"place": "scale = -1"}), "-1.0 is not a number above 0"),
        (hall_recipe({"place": 'height = "roof"'}), "'roof' is not \"ground\" or a number"),
        (hall_recipe({"place": "height = 3"}), "height_mode of hall.glb: missing"),
        (
            hall_recipe({"place": 'height = 3\nheight_mode = "sea"'}),
            "known: orthometric, ellipsoid, above_ground",
        ),
        (hall_recipe({"place": 'height_mode = "ellipsoid"'}), "'ellipsoid' without metres"),
        (hall_recipe({"place": 'height = 1e5\nheight_mode = "ellipsoid"'}), "no height on this earth"),
        (hall_recipe({"facts": 'smap_id = "x"'}), "smap_id of hall.glb: S-Map gives this property itself"),
        (hall_recipe({"facts": "height = 0"}), "0 is not a number of metres above 0"),
        (hall_recipe({"facts": 'height = "24 m"'}), "'24 m' is not a number of metres above 0"),
        (hall_recipe({"facts": "name_en = 3"}), "name_en of hall.glb: 3 is not a text"),
        (
            hall_recipe({"facts": "bays = [1, 2]"}),
            "bays of hall.glb: .* is not a text, a number, true or false",
        ),
        (hall_recipe({"facts": 'content = "gwanghwamun"'}), "names no record: give layer/id"),
        (hall_recipe({}, {}), "'hall' is the id of hall.glb and of hall.glb; give each an id of its own"),
        (hall_recipe().replace("coarser = [", "coarser = [3, "), "is not a list of texts"),
        (
            hall_recipe().replace("coarser", "finer"),
            r"\[source\] finer of hall\.glb: unknown key; known: path, coarser",
        ),
        (hall_recipe(more="[heights]\nstorey_m = 3"), "heights: unknown key; known: tileset, source, ground"),
        (hall_recipe(tileset='era = "Joseon dynasty"'), "era: 'Joseon dynasty' is no name for this"),
        (hall_recipe(tileset='depicts = "The Wall"'), "depicts: 'The Wall' is no name for this"),
    ],
)
def test_what_cannot_be_placed_is_refused_with_its_reason(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(RecipeError, match=told) as refusal:
        read(tmp_path, text)
    assert str(refusal.value).startswith(str(tmp_path))
    assert "\n" not in str(refusal.value)
