"""The city: doubles, masks, heights and names of what the sources gave."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from smap.build import city, stock
from smap.build.executors import SerialExecutor
from smap.build.progress import SilentProgress
from smap.build.recipe import read_recipe
from smap.build.work import Clock, Work
from smap.errors import InputError
from smap.scene.measure import areas, local_plane
from tests.build.town import FEATURES, Feature, house, recipe_text, write_town


def settled(folder: Path, features: list[Feature], more: str = "") -> city.City:
    write_town(folder, features)
    (folder / "town.toml").write_text(recipe_text(more))
    recipe = read_recipe(folder / "town.toml")
    work = Work(folder, folder, SerialExecutor(), SilentProgress(), Clock(), lambda other: other.path)
    return city.settle_city(stock.read_stock(recipe, work), recipe)


def write_mask(folder: Path, numbers: list[int]) -> None:
    areas = [house(number) | {"properties": {"secret": "name of a barracks"}} for number in numbers]
    (folder / "mask.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": areas}))


def test_of_doubles_the_smallest_id_stays_whatever_the_order(tmp_path: Path) -> None:
    twins = [house(0, key=key, tall=9.0) for key in ("b", "a", "c")]
    for order in (twins, twins[::-1]):
        found = settled(tmp_path, [*order, house(1)])
        assert sorted(found.properties["smap_id"]) == ["town:a", "town:h1"]
        assert (found.read, found.dropped) == (4, {"duplicate": 2})


def test_what_a_mask_drops_is_counted_and_never_named(tmp_path: Path) -> None:
    write_mask(tmp_path, [3, 4])
    found = settled(tmp_path, FEATURES, '[[mask]]\npath = "mask.geojson"\naction = "drop"')
    assert found.dropped == {"masked": 2}
    assert not {"town:h3", "town:h4"} & set(found.properties["smap_id"])
    assert "barracks" not in str(found.figures)


def test_a_mask_over_everything_is_refused(tmp_path: Path) -> None:
    write_mask(tmp_path, [0])
    with pytest.raises(InputError, match="all 1 buildings lie in masks"):
        settled(tmp_path, [house(0)], '[[mask]]\npath = "mask.geojson"')


def test_what_a_mask_blocks_is_drawn_as_a_rectangle_without_a_name(tmp_path: Path) -> None:
    write_mask(tmp_path, [3])
    found = settled(tmp_path, FEATURES, '[[mask]]\npath = "mask.geojson"\naction = "block"')
    at = found.properties["smap_id"].tolist().index("town:h3")
    assert not found.named[at]
    assert found.named.sum() == len(FEATURES) - 1
    corners = found.footprints.feature_vertices
    assert corners[at + 1] - corners[at] == 4
    area = areas(found.footprints, local_plane(found.footprints))
    assert area[at] == pytest.approx(area[1], rel=1e-3)
    assert found.figures["blocked"] == 1


def test_unusable_heights_go_up_the_ladder_and_are_counted(tmp_path: Path) -> None:
    wrong = [house(0, tall=0.0, levels=4), house(1, tall=-2.0), house(2, tall=900.0)]
    found = settled(tmp_path, wrong)
    assert found.properties["height_source"].tolist() == ["floors", "default", "default"]
    assert found.height.tolist() == [12.0, 6.0, 6.0]
    assert found.figures["heights_not_usable"] == {"zero": 1, "negative": 1, "above_600_m": 1}


def test_estimates_carry_their_error_in_metres_and_nothing_else_does(tmp_path: Path) -> None:
    found = settled(tmp_path, FEATURES)
    has_error = ~np.isnan(found.numbers("height_error_m"))
    assert has_error.tolist() == [source == "estimate" for source in found.properties["height_source"]]
    assert has_error.any()
    assert "height_error_m" not in settled(tmp_path, [house(0, tall=9.0)]).properties


def test_what_a_mask_drops_tells_nothing_of_its_neighbours_heights(tmp_path: Path) -> None:
    towers = [house(i, tall=99.0) for i in range(9)]
    asking = house(9)
    (tmp_path / "mask.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [one | {"properties": {}} for one in towers]})
    )
    found = settled(tmp_path, [*towers, asking], '[[mask]]\npath = "mask.geojson"')
    assert found.height.tolist() == [6.0]


def test_a_source_may_name_itself(tmp_path: Path) -> None:
    write_town(tmp_path, [house(0)])
    text = recipe_text(source='path = "town.geojson"\nname = "survey"')
    (tmp_path / "town.toml").write_text(text)
    recipe = read_recipe(tmp_path / "town.toml")
    work = Work(tmp_path, tmp_path, SerialExecutor(), SilentProgress(), Clock(), lambda other: other.path)
    found = city.settle_city(stock.read_stock(recipe, work), recipe)
    assert found.properties["smap_id"].tolist() == ["survey:h0"]


def test_sources_without_any_building_are_refused_with_the_reasons(tmp_path: Path) -> None:
    nothing = [house(0) | {"geometry": None}]
    with pytest.raises(InputError, match="no building can be built of 1 features read: no_geometry 1"):
        settled(tmp_path, nothing)


def test_columns_that_only_one_source_has_are_unknown_in_the_other(tmp_path: Path) -> None:
    write_town(tmp_path, [house(0)], name="a.geojson")
    write_town(tmp_path, [house(1, storeys="two")], name="b.geojson")
    further = '[[source]]\npath = "b.geojson"\nkeep = ["storeys"]'
    (tmp_path / "town.toml").write_text(recipe_text(further, source='path = "a.geojson"'))
    recipe = read_recipe(tmp_path / "town.toml")
    work = Work(tmp_path, tmp_path, SerialExecutor(), SilentProgress(), Clock(), lambda other: other.path)
    found = stock.read_stock(recipe, work)
    assert found.further["storeys"].tolist() == [None, "two"]


def test_blank_and_double_ids_are_counted(tmp_path: Path) -> None:
    features = [house(0, key="a"), house(1, key="a"), house(2, key=None), house(3, key="d")]
    assert settled(tmp_path, features).figures["ids_blank_or_double"] == 3
