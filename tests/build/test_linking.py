"""Links between records and buildings, over a town that is surveyed again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smap.build.linking import Buildings, Link, links_of, read_buildings, resolve
from smap.build.pipeline import build
from smap.build.progress import SilentProgress
from tests.build.town import FEATURES, recipe_text, write_town

METRE = 1.0 / 6_378_137.0


def built(folder: Path, features: list[dict[str, Any]]) -> Buildings:
    """The buildings of a town as its tiles draw them."""
    write_town(folder, features)
    (folder / "town.toml").write_text(recipe_text(), encoding="utf-8")
    report = build(folder / "town.toml", workspace=folder, progress=SilentProgress())
    return read_buildings([Path(report.out) / "town.3tz"])


def without_id(feature: dict[str, Any]) -> dict[str, Any]:
    """A house whose `smap_id` is made of its place."""
    return feature | {"properties": feature["properties"] | {"key": None}}


def moved(feature: dict[str, Any], east: float) -> dict[str, Any]:
    """The same house, metres farther east."""
    ring = feature["geometry"]["coordinates"][0]
    step = np.degrees(east * METRE) / np.cos(np.radians(37.56))
    geometry = {"type": "Polygon", "coordinates": [[[x + step, y] for x, y in ring]]}
    return feature | {"geometry": geometry}


def links_to(buildings: Buildings) -> list[Link]:
    """A record on every building."""
    told = zip(buildings.ids.tolist(), buildings.lonlat.tolist(), buildings.area.tolist(), strict=True)
    return [Link(f"heritage/{n}", name, lon, lat, area) for n, (name, (lon, lat), area) in enumerate(told)]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Buildings:
    return built(tmp_path_factory.mktemp("before"), [without_id(f) for f in FEATURES])


def test_every_building_is_found_once_with_its_place_and_area(town: Buildings) -> None:
    assert len(set(town.ids.tolist())) == 60
    south_west = np.argmin(town.lonlat.sum(axis=1))
    middle = np.degrees(town.lonlat[south_west]) - [126.97 + 0.000075, 37.56 + 0.00005]
    assert np.abs(middle).max() * 111_000 < 0.02
    wide, deep = 0.00015 * 111_320 * np.cos(np.radians(37.56)), 0.0001 * 110_990
    assert town.area[south_west] == pytest.approx(wide * deep, rel=0.01)


def test_links_hold_when_rows_are_shuffled(town: Buildings, tmp_path: Path) -> None:
    order = np.random.default_rng(5).permutation(60).tolist()
    after = built(tmp_path, [without_id(FEATURES[i]) for i in order])
    assert resolve(links_to(town), after).kept == 60


def test_a_house_that_moves_a_little_is_found_again_and_one_that_is_gone_is_listed(
    town: Buildings, tmp_path: Path
) -> None:
    features = [without_id(f) for f in FEATURES]
    after = built(tmp_path, [moved(features[0], 0.3), *features[1:7], *features[8:]])
    links = links_to(town)
    found = resolve(links, after)
    assert found.kept == 58
    [(link, now)] = found.found
    assert now in after.ids.tolist()
    assert np.abs(np.array([link.lon, link.lat]) - np.radians([126.970075, 37.56005])).max() < METRE
    [gone] = found.broken
    assert gone.smap_id not in after.ids.tolist()


def test_a_house_of_another_size_or_one_that_another_record_means_is_not_taken_for_the_lost_one() -> None:
    one = Buildings(np.array(["town:new"], object), np.array([[2.2, 0.6]]), np.array([100.0]))
    lost = Link("heritage/a", "town:old", 2.2, 0.6, 100.0)
    assert resolve([lost], one).found == ((lost, "town:new"),)
    other = Link("heritage/b", "town:new", 2.2, 0.6)
    assert resolve([lost, other], one).broken == (lost,)
    small = Link("heritage/a", "town:old", 2.2, 0.6, 80.0)
    assert resolve([small], one).broken == (small,)
    far = Link("heritage/a", "town:old", 2.2, 0.6 + 6.0 * METRE, 100.0)
    assert resolve([far], one).broken == (far,)


def test_of_two_houses_at_one_place_none_is_taken() -> None:
    names, places = np.array(["town:1", "town:2"], object), np.array([[2.2, 0.6], [2.2, 0.6 + METRE]])
    lost = Link("heritage/a", "town:old", 2.2, 0.6)
    assert resolve([lost], Buildings(names, places, np.array([50.0, 50.0]))).broken == (lost,)


def test_where_there_are_no_buildings_every_link_is_broken() -> None:
    lost = Link("heritage/a", "town:old", 2.2, 0.6)
    assert resolve([lost], read_buildings([])).broken == (lost,)


def test_the_links_of_a_snapshot_are_those_of_its_records_that_name_a_building(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [127.0, 37.5]}
    line = {"type": "LineString", "coordinates": [[127.0, 37.5], [127.2, 37.5]]}
    features = [
        {"id": "a", "geometry": point, "properties": {"building": "town:1", "building_area_m2": 90.0}},
        {"id": "b", "geometry": point, "properties": {}},
        {"id": "c", "geometry": line, "properties": {"building": "town:2"}},
    ]
    (tmp_path / "heritage.geojson").write_text(json.dumps({"features": features}), encoding="utf-8")
    first, second = links_of(tmp_path)
    assert first == Link("heritage/a", "town:1", float(np.radians(127.0)), float(np.radians(37.5)), 90.0)
    assert (second.record, second.area) == ("heritage/c", None)
    assert np.degrees(second.lon) == pytest.approx(127.1)
