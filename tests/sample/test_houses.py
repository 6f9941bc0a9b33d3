"""The sample's ordinary houses, in both eras: apart from each other and off all that is kept free."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from smap.sample.facts import ERAS
from smap.sample.houses import make_houses
from smap.sample.streams import reach
from smap.sample.write import City

eras = pytest.mark.parametrize("era", ERAS)


@eras
def test_no_two_houses_overlap(city: City, era: str) -> None:
    houses = city.houses[era].polygons
    one, other = shapely.STRtree(houses).query(houses, predicate="intersects")
    assert (one == other).all()


@eras
def test_every_house_is_a_sound_polygon(city: City, era: str) -> None:
    houses = city.houses[era].polygons
    assert shapely.is_valid(houses).all()
    assert (shapely.area(houses) > 10.0).all()


@eras
def test_a_timber_house_about_a_yard_has_right_angles_and_a_roof_where_its_kind_has_one(
    city: City, era: str
) -> None:
    """ㅡ, ㄱ, ㄷ and the ranges across: four, six or eight corners, no wedge."""
    kinds = {k.label: k for k in dict(city.facts.kinds).values() if k.plan == "court" and k.height_m[1] <= 8}
    houses = city.houses[era]
    mine = np.isin(houses.fabric, list(kinds))
    assert mine.sum() > 5_000
    assert set((shapely.get_num_coordinates(houses.polygons[mine]) - 1).tolist()) == {4, 6, 8}
    wanted = np.array([kinds[label].roof for label in houses.fabric[mine]])
    assert (houses.roof[mine] == wanted).all()
    for house in houses.polygons[mine]:
        edge = np.diff(shapely.get_coordinates(house), axis=0)
        edge /= np.linalg.norm(edge, axis=1, keepdims=True)
        assert np.abs((edge * np.roll(edge, 1, axis=0)).sum(axis=1)).max() < 1e-6


@eras
def test_no_house_stands_on_a_street(city: City, era: str) -> None:
    streets = [s for s in city.facts.streets if era in s.eras]
    assert streets
    free = [shapely.buffer(shapely.linestrings(s.xy), s.width_m / 2) for s in streets]
    assert touched(city, era, free) == 0


@eras
def test_no_house_stands_on_a_stream_or_in_the_river(city: City, era: str) -> None:
    streams = [s for s in city.facts.streams if era in s.open]
    free = [reach(s, era, 0.0) for s in streams]
    assert touched(city, era, [*free, *(shapely.polygons(w.outline) for w in city.facts.waters)]) == 0


@eras
def test_no_house_stands_in_a_court(city: City, era: str) -> None:
    courts = [shapely.polygons(c.outline) for c in city.facts.courts if era in c.eras]
    assert touched(city, era, courts) == 0


@eras
def test_no_house_stands_on_the_wall(city: City, era: str) -> None:
    wall = city.course.lines(standing=era == "today")
    assert touched(city, era, list(shapely.buffer(wall, 5.0))) == 0


@eras
def test_nobody_builds_on_the_mountains(city: City, era: str) -> None:
    middles = shapely.get_coordinates(shapely.centroid(city.houses[era].polygons))
    assert city.ground.heights_at(middles).max() < 135.0
    assert np.percentile(city.ground.slopes_at(middles), 99.9) < 0.35


def test_each_era_has_a_city_s_worth_of_houses(city: City) -> None:
    for era in ERAS:
        assert 15_000 < len(city.houses[era].polygons) < 40_000


def test_hanyang_has_no_storeys_and_today_has_towers(city: City) -> None:
    assert city.houses["hanyang"].height_m.max() < 8.0
    assert (city.houses["hanyang"].floors == 1).all()
    assert city.houses["today"].height_m.max() > 80.0


def test_today_no_house_rises_above_27_degrees_from_the_edge_of_a_palace_shrine_or_gate(city: City) -> None:
    grounds = [shapely.polygons(c.outline) for c in city.facts.courts if "today" in c.eras]
    kept = [
        g
        for g, c in zip(grounds, (c for c in city.facts.courts if "today" in c.eras), strict=True)
        if c.kind in {"palace", "shrine", "gate"}
    ]
    houses = city.houses["today"]
    far = shapely.distance(shapely.union_all(kept), houses.polygons)
    near = (far < 100.0) & (houses.height_m > 9.05)
    assert (houses.height_m[near] <= far[near] * np.tan(np.radians(27.0)) + 0.06).all()


def test_from_afar_nothing_hides_the_two_great_gates(city: City) -> None:
    """From 120 m in each direction, 40 m up, the eye sees the middle of the gate's roof."""
    houses = city.houses["today"]
    tree = shapely.STRtree(houses.polygons)
    for lon, lat in ((126.97531, 37.55998), (127.00966, 37.57113)):
        gate = city.facts.plane.to_plane(np.array([lon]), np.array([lat]))[0]
        for turn in np.arange(0.0, 2 * np.pi, np.pi / 8):
            eye = gate + 120.0 * np.array([np.cos(turn), np.sin(turn)])
            sight = shapely.linestrings([gate, eye])
            met = tree.query(sight, predicate="intersects")
            far = shapely.distance(shapely.points(gate), houses.polygons[met])
            assert (houses.height_m[met] < 15.0 + (40.0 - 15.0) * far / 120.0).all()


def test_shop_houses_line_jongno_before_1900(city: City) -> None:
    jongno = next(s for s in city.facts.streets if s.name.startswith("종로(운종가)"))
    houses = city.houses["hanyang"]
    shops = houses.polygons[np.char.startswith(houses.fabric, "shop houses")]
    beside = shapely.buffer(shapely.linestrings(jongno.xy), jongno.width_m / 2 + 6.0)
    assert shapely.intersects(beside, shops).sum() > 150


def test_no_house_stands_beneath_a_landmark(city: City) -> None:
    houses = city.houses["today"]
    middle = shapely.get_coordinates(shapely.centroid(houses.polygons[:: len(houses.polygons) // 40]))
    outlines = shapely.box(*(middle - 30.0).T, *(middle + 30.0).T)
    inside = shapely.polygons(city.course.loop())
    others = make_houses(city.facts, city.ground, "today", inside, outlines).polygons
    assert shapely.intersects(shapely.union_all(outlines), houses.polygons).any()
    assert not shapely.intersects(shapely.union_all(outlines), others).any()


def touched(city: City, era: str, free: list[shapely.Geometry]) -> int:
    whole = shapely.union_all(free)
    shapely.prepare(whole)
    return int(shapely.intersects(whole, city.houses[era].polygons).sum())
