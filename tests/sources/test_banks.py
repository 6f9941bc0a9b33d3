"""Outlines of water of which some are banks closed by a straight line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from smap.build.terrain_plan import read_water
from smap.sources.banks import water_areas
from smap.sources.vector import VectorSpec

# Metres in a degree at 37.5 N, on the sphere of the equator's radius
SCALE = np.array([111_319.49 * np.cos(np.radians(37.5)), 111_319.49])
HERE = np.array([127.0, 37.5])


def outline(*metres: tuple[float, float]) -> shapely.Polygon:
    """A ring by metres east and north of a place in Seoul."""
    return shapely.Polygon(HERE + np.array(metres) / SCALE)


def bank(
    start: tuple[float, float], end: tuple[float, float], bend: float = 0.0, steps: int = 40
) -> list[tuple[float, float]]:
    """A bank that swings out to the north by `bend` half-way."""
    t = np.linspace(0.0, 1.0, steps + 1)
    x = start[0] + (end[0] - start[0]) * t
    y = start[1] + (end[1] - start[1]) * t + bend * np.sin(np.pi * t)
    return list(zip(x.tolist(), y.tolist(), strict=True))


def found(*outlines: shapely.Polygon) -> shapely.Geometry:
    return shapely.union_all(water_areas(np.array(outlines, object)).polygons)


def square_m(area: shapely.Geometry) -> float:
    return float(shapely.area(area) * SCALE.prod())


def is_water(area: shapely.Geometry, east: float, north: float) -> bool:
    return bool(shapely.intersects(area, shapely.Point(HERE + np.array([east, north]) / SCALE)))


NORTH = outline(*bank((0, 900), (8_000, 900), 1_500))
SOUTH = outline(*bank((0, 0), (8_000, 0), 1_500))


def test_two_banks_are_the_river_between_them() -> None:
    areas = water_areas(np.array([NORTH, SOUTH], object))
    river = shapely.union_all(areas.polygons)
    assert square_m(river) == pytest.approx(8_000 * 900, rel=1e-3)  # a parallelogram of sines
    assert is_water(river, 4_000, 1_950)
    assert not is_water(river, 4_000, 1_000)  # south of both banks, north of their chords: land
    assert areas.warnings() == (
        "2 outlines of water were banks closed by a straight line: 2 rejoined, 0 left out",
    )


def test_a_bank_in_pieces_is_joined_end_to_end() -> None:
    whole = bank((0, 0), (8_000, 0), 1_500)
    pieces = outline(*whole[:16]), outline(*whole[15:28]), outline(*whole[28:])
    assert square_m(found(NORTH, *pieces)) == pytest.approx(8_000 * 900, rel=5e-3)


def test_an_island_between_two_channels_is_land() -> None:
    island = outline(*bank((3_000, 400), (6_000, 400), 400)), outline(*bank((3_000, 400), (6_000, 400), -350))
    straight = outline(*bank((0, 900), (9_000, 900), 50)), outline(*bank((0, 0), (9_000, 0), -50))
    area = found(*straight, *island)
    assert not is_water(area, 4_500, 450)
    assert is_water(area, 1_500, 450)
    assert is_water(area, 4_500, 20)


def test_what_stands_there_twice_counts_once() -> None:
    again = shapely.Polygon(np.roll(shapely.get_coordinates(NORTH)[:-1], 7, axis=0)[::-1])
    areas = water_areas(np.array([NORTH, SOUTH, again, NORTH], object))
    assert areas.repeats == 2
    assert areas.banks == 2
    assert square_m(shapely.union_all(areas.polygons)) == pytest.approx(8_000 * 900, rel=1e-3)


def test_a_bank_that_stands_there_twice_with_a_vertex_moved_counts_once() -> None:
    nearly = shapely.get_coordinates(NORTH)[:-1]
    nearly[20] += np.array([2.0, 1.0]) / SCALE
    assert square_m(found(NORTH, shapely.Polygon(nearly), SOUTH)) == pytest.approx(8_000 * 900, rel=1e-3)


def shore(length: float, depth: float) -> shapely.Polygon:
    """A lake behind a straight dam."""
    return outline(*[(length * (0.5 + x), depth * y) for x, y in _around()])


def _around() -> list[tuple[float, float]]:
    angle = np.linspace(-0.2, np.pi + 0.2, 60)
    x = np.cos(angle) / (2 * np.cos(0.2))
    return list(zip(x.tolist(), np.sin(angle).tolist(), strict=True))


@pytest.mark.parametrize(
    "lake",
    [
        outline((0, 0), (3_000, 0), (3_000, 60), (0, 60)),
        outline((0, 0), (3_000, 0), *bank((3_000, 60), (0, 60), 5, 12)),
        shore(2_500, 3_000),
        outline((0, 0), (1_150, 0), *bank((1_150, 300), (0, 300), 90, 12)),
    ],
    ids=["canal", "canal with one side in pieces", "lake behind a dam", "basin with a long side"],
)
def test_water_with_a_straight_side_stays(lake: shapely.Polygon) -> None:
    areas = water_areas(np.array([lake], object))
    assert square_m(shapely.union_all(areas.polygons)) == pytest.approx(square_m(lake), rel=1e-9)


def test_a_bank_without_another_is_left_out() -> None:
    areas = water_areas(np.array([SOUTH, shore(400, 300)], object))
    assert len(areas.polygons) == 1
    assert areas.warnings() == (
        "1 outlines of water were banks closed by a straight line: 0 rejoined, 1 left out",
    )


def gapped(width: float) -> tuple[shapely.Polygon, ...]:
    """A north bank, and a south bank at this distance whose middle is missing."""
    return (
        outline(*bank((0, width), (12_000, width), 300)),
        outline(*bank((0, 0), (4_000, 0), 150, 30)),
        outline(*bank((7_000, 0), (12_000, 0), 150, 30)),
    )


def test_a_straight_line_stands_for_a_missing_bank_across_the_river() -> None:
    areas = water_areas(np.array(gapped(700), object))
    assert areas.bridged == 1
    assert is_water(shapely.union_all(areas.polygons), 5_500, 350)
    assert not is_water(shapely.union_all(areas.polygons), 5_500, -50)
    assert "(1 missing banks are straight lines)" in areas.warnings()[0]


def test_no_line_stands_for_a_bank_where_the_other_is_far() -> None:
    areas = water_areas(np.array(gapped(1_190), object))  # 1,490 m in the middle
    assert (areas.bridged, areas.rejoined, areas.banks) == (0, 0, 3)
    assert not len(areas.polygons)


@given(st.permutations(range(4)), st.lists(st.integers(0, 30), min_size=4, max_size=4))
def test_neither_order_nor_first_vertex_matters(order: list[int], turns: list[int]) -> None:
    whole = [*gapped(700), shore(400, 300)]
    turned = [
        shapely.Polygon(np.roll(shapely.get_coordinates(one)[:-1], turn, axis=0)[:: -1 if turn % 2 else 1])
        for one, turn in zip(whole, turns, strict=True)
    ]
    apart = shapely.symmetric_difference(found(*whole), found(*(turned[i] for i in order)))
    assert square_m(apart) < 1.0  # chords of one length, of which another comes first, differ by slivers


def test_nothing_gives_nothing() -> None:
    areas = water_areas(np.array([], object))
    assert len(areas.polygons) == 0
    assert areas.warnings() == ()


# Points in mid-stream, at bridges and between (from a map of Seoul, within 100 m)
IN_THE_HAN = {
    "Haengju": (126.8120, 37.5990),
    "Gayang": (126.8620, 37.5700),
    "Seongsan": (126.8920, 37.5520),
    "Yanghwa": (126.9025, 37.5435),
    "Mapo": (126.9385, 37.5335),
    "Hangang": (126.9588, 37.5178),
    "Banpo": (126.9960, 37.5155),
    "Dongho": (127.0200, 37.5345),
    "Seongsu": (127.0350, 37.5375),
    "Yeongdong": (127.0570, 37.5290),
    "Jamsil": (127.0930, 37.5245),
    "Cheonho": (127.1095, 37.5415),
}


@pytest.fixture(scope="module")
def seoul_water(seoul_data: Path) -> tuple[NDArray[np.object_], tuple[str, ...]]:
    spec = VectorSpec(seoul_data / "transport" / "seoul_osm_nature.json.gz", where="k = 'water'")
    water = read_water(spec)
    return np.array([shapely.geometry.shape(one) for one in water.shapes], object), water.warnings


@pytest.mark.real
def test_the_han_is_water_from_haengju_to_cheonho(
    seoul_water: tuple[NDArray[np.object_], tuple[str, ...]],
) -> None:
    areas, warnings = seoul_water
    points = shapely.points(np.array(list(IN_THE_HAN.values())))
    wet = shapely.intersects(areas[:, None], points).any(axis=0)
    assert [name for name, one in zip(IN_THE_HAN, wet, strict=True) if not one] == []
    assert warnings == (
        "15 outlines of water were banks closed by a straight line: "
        "15 rejoined (2 missing banks are straight lines), 0 left out",
    )


@pytest.mark.real
def test_hardly_a_house_of_seoul_stands_in_water(
    seoul_data: Path, seoul_water: tuple[NDArray[np.object_], tuple[str, ...]]
) -> None:
    path = seoul_data / "buildings" / "seoul_osm_buildings.geojsonl.gz"
    buildings = pyogrio.raw.read(f"/vsigzip/{path}", columns=[])[2]
    middle = shapely.centroid(shapely.from_wkb(buildings, on_invalid="ignore"))
    wet = np.unique(shapely.STRtree(seoul_water[0]).query(middle, predicate="within")[0])
    # With the banks as they stood there it was 3,927. Left are floating restaurants, pavilions in palace
    # ponds, an amusement park in its lake and the Han's islands, which the file does not have
    assert len(middle) > 160_000
    assert len(wet) <= 80
