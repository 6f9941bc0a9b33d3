"""The course of a sketch: on the crest, within what its places are unsure by, and never back on itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from smap.geo.crs import from_lonlat, parse_crs
from smap.scene.ridge import BULGE, MOST_TURN, SURE_M, sharpest_turn, way_along
from tests.conftest import ROOT

Floats = NDArray[np.float64]
CELL_M = 90.0
"""Of the coarse model of Seoul; the made grounds have it too."""


class Hills:
    """A ground by a function of x and y, metres."""

    def __init__(self, height: Callable[[Floats, Floats], Floats]) -> None:
        self._height = height

    def heights_at(self, xy: Floats) -> Floats:
        return np.asarray(self._height(xy[..., 0], xy[..., 1]), np.float64)


def cells(heights: Floats) -> Hills:
    """A raster of CELL_M with its middle at 0, 0, between whose cells the ground is even."""
    middle = (np.array(heights.shape) - 1) / 2
    return Hills(
        lambda x, y: map_coordinates(heights, [y / CELL_M + middle[0], x / CELL_M + middle[1]], order=1)
    )


def crest_at(east: Floats | float) -> Callable[[Floats, Floats], Floats]:
    """A ridge 100 m wide and 60 m high over a plain at 100 m, to the north."""
    return lambda x, y: 100.0 + 60.0 * np.exp(-(((x - east) / 50.0) ** 2))


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_over_coarse_ground_the_way_turns_back_nowhere(seed: int) -> None:
    """Whatever the cells are, and wherever within 100 m the places really lie."""
    chance = np.random.default_rng(seed)
    ground = cells(150.0 + 60.0 * chance.standard_normal((40, 40)))
    east = np.linspace(-1200.0, 1200.0, 7)
    sketch = np.column_stack([east, 80.0 * chance.standard_normal(7)])
    unsure = np.where(np.arange(7) % 3 == 0, 10.0, 100.0)
    way = way_along(ground, sketch, unsure, CELL_M)
    assert sharpest_turn(way) <= MOST_TURN
    assert shapely.is_simple(shapely.linestrings(way))
    line = shapely.linestrings(sketch)
    assert shapely.length(shapely.linestrings(way)) <= 1.5 * shapely.length(line)
    reach = 100.0 + BULGE * np.linalg.norm(np.diff(sketch, axis=0), axis=1).max()
    assert shapely.distance(line, shapely.points(way)).max() <= reach
    at = shapely.distance(shapely.linestrings(way), shapely.points(sketch[unsure <= SURE_M]))
    assert at.max() < 1e-6


def test_a_place_that_lies_off_the_crest_by_what_it_is_unsure_leaves_the_way_on_the_crest() -> None:
    sketch = np.array([[0.0, -600.0], [80.0, 0.0], [0.0, 600.0]])
    for unsure, beside in ((100.0, 40.0), (SURE_M, 80.0)):
        way = way_along(Hills(crest_at(0.0)), sketch, np.array([10.0, unsure, 10.0]))
        assert way[:, 0].max() <= beside + 1e-6
        assert sharpest_turn(way) <= MOST_TURN
    assert way[:, 0].max() == pytest.approx(80.0)


def test_without_a_crest_the_way_is_the_sketch() -> None:
    sketch = np.array([[0.0, 0.0], [300.0, 40.0], [600.0, 0.0], [900.0, 60.0]])
    flat = Hills(lambda x, y: np.full(np.shape(x), 30.0))
    way = way_along(flat, sketch, np.array([10.0, 60.0, 60.0, 10.0]))
    assert shapely.distance(shapely.linestrings(sketch), shapely.points(way)).max() < 15.0
    assert shapely.length(shapely.linestrings(way)) < 1.03 * shapely.length(shapely.linestrings(sketch))


def test_facets_narrower_than_the_cells_are_no_crest() -> None:
    """A saw-tooth of the cells' own width: the way does not run along its edges."""
    ground = Hills(lambda x, y: 120.0 + 6.0 * np.abs((y + 2.0 * x) / CELL_M % 2.0 - 1.0))
    sketch = np.array([[-600.0, 0.0], [600.0, 0.0]])
    unsure = np.full(2, 10.0)
    longer = [
        shapely.length(shapely.linestrings(way_along(ground, sketch, unsure, cell))) for cell in (0.0, CELL_M)
    ]
    assert longer[1] < longer[0]
    assert longer[1] < 1.05 * 1200.0


def test_a_sharp_corner_is_measured_whatever_the_points() -> None:
    corner = np.array([[0.0, 0.0], [200.0, 0.0], [200.0, 200.0]])
    assert sharpest_turn(corner) == pytest.approx(90.0, abs=1.0)
    assert sharpest_turn(np.array([[0.0, 0.0], [100.0, 0.0]])) == 0.0


@pytest.mark.real
def test_the_real_wall_keeps_to_the_ridges_of_the_coarse_model_without_a_hairpin(seoul_data: Path) -> None:
    ground = real_ground(seoul_data / "terrain" / "seoul_dem_90m_epsg5186.tif")
    plane = parse_crs("EPSG:5186")
    ways = []
    for section in sections():
        line = np.array(section["geometry"]["coordinates"])
        sketch = np.column_stack(from_lonlat(plane, *np.radians(line.T)))
        vertices = section["properties"]["vertices"]
        unsure = np.array([one["position_accuracy_m"] for one in vertices], np.float64)
        ways.append(way_along(ground, sketch, unsure, CELL_M))
        assert sharpest_turn(ways[-1]) <= MOST_TURN, section["id"]
    for way, following in zip(ways, [*ways[1:], ways[0]], strict=True):
        assert sharpest_turn(np.concatenate([way[-8:], following[1:8]])) <= MOST_TURN
    assert shapely.is_simple(shapely.linearrings(np.concatenate(ways)))
    assert (np.concatenate([over_sides(ground, way) for way in ways]) > 0.0).mean() >= 0.9


def over_sides(ground: Hills, way: Floats) -> Floats:
    """Metres by which the ground under a way stands above that a cell to both sides, where it is a hill."""
    run = np.diff(way, axis=0)
    across = np.stack([-run[:, 1], run[:, 0]], axis=1) / np.linalg.norm(run, axis=1)[:, None]
    middle = way[:-1] + run / 2
    sides = np.mean([ground.heights_at(middle + far * across) for far in (-CELL_M, CELL_M)], axis=0)
    here = ground.heights_at(middle)
    return np.asarray((here - sides)[here > 90.0])


def real_ground(path: Path) -> Hills:
    import rasterio

    with rasterio.open(path) as raster:
        heights, inverse = raster.read(1).astype(np.float64), ~raster.transform

    def at(x: Floats, y: Floats) -> Floats:
        column, row = inverse @ (x, y)
        return np.asarray(map_coordinates(heights, [row - 0.5, column - 0.5], order=1))

    return Hills(at)


def sections() -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = json.loads(
        (ROOT / "content" / "wall.geojson").read_text(encoding="utf-8")
    )["features"]
    return [one for one in features if one["properties"]["category"] == "section"]
