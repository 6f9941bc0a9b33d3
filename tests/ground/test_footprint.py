"""Means under outlines: against shapely's intersections, random points, and where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from smap.ground.footprint import Outlines, centroids, following, inside_cell, over_surface
from smap.ground.surface import TileSurface
from tests.formats.test_quantized_mesh import grid_mesh

SURFACE = TileSurface.of(grid_mesh(6, seed=2))
L_SHAPE = np.array([[0.2, 0.2], [0.8, 0.25], [0.78, 0.4], [0.45, 0.38], [0.4, 0.9], [0.22, 0.88]])
HOLE = np.array([[0.25, 0.5], [0.25, 0.7], [0.35, 0.7], [0.35, 0.5]])

Ring = NDArray[np.float64]


def outlines(*shapes: list[Ring]) -> Outlines:
    """One outline for each list of rings."""
    rings = [ring for shape in shapes for ring in shape]
    ends = np.cumsum([0, *(len(ring) for ring in rings)])
    counts = [sum(len(ring) for ring in shape) for shape in shapes]
    return Outlines(np.concatenate(rings), np.cumsum([0, *counts]), following(ends, int(ends[-1])))


def star(seed: int, corners: int, middle: tuple[float, float], radius: float) -> Ring:
    """A ring with arms, counter-clockwise, that does not cross itself."""
    rng = np.random.default_rng(seed)
    turn = np.sort(rng.uniform(0.0, 2.0 * np.pi, corners))
    arms = radius * rng.uniform(0.2, 1.0, (corners, 1))
    return np.asarray(middle + arms * np.column_stack([np.cos(turn), np.sin(turn)]))


def by_shapely(surface: TileSurface, shell: Ring, *holes: Ring) -> tuple[float, float]:
    """Area and integral of the height, triangle by triangle."""
    outline = shapely.Polygon(shell, holes)
    area = volume = 0.0
    for corners, plane in zip(surface.corners, surface.plane, strict=True):
        common = shapely.Polygon(corners).intersection(outline)
        x, y = (common.centroid.x, common.centroid.y) if common.area else (0.0, 0.0)
        area += common.area
        volume += common.area * (plane[0] + plane[1] * x + plane[2] * y)
    return area, volume


@given(st.integers(0, 10_000), st.integers(3, 24), st.floats(0.02, 0.3), st.integers(1, 9))
def test_means_are_those_of_an_independent_slow_intersection(
    seed: int, corners: int, radius: float, cells: int
) -> None:
    surface = TileSurface.of(grid_mesh(cells, seed=seed % 7))
    ring = star(seed, corners, (0.5, 0.45), radius)
    if not shapely.Polygon(ring).is_valid or shapely.Polygon(ring).area < 1e-6:
        return
    turned = ring if shapely.LinearRing(ring).is_ccw else ring[::-1]
    (area,), (volume,), _ = over_surface(surface, outlines([turned]))
    slow_area, slow_volume = by_shapely(surface, turned)
    assert area == pytest.approx(slow_area, rel=1e-8)
    assert volume / area == pytest.approx(slow_volume / slow_area, abs=1e-6)


def test_holes_are_no_ground_and_outlines_do_not_touch_each_other() -> None:
    square = np.array([[0.1, 0.1], [0.3, 0.1], [0.3, 0.3], [0.1, 0.3]])
    area, volume, _ = over_surface(SURFACE, outlines([L_SHAPE, HOLE], [square]))
    for found, shape in zip(zip(area, volume, strict=True), ([L_SHAPE, HOLE], [square]), strict=True):
        assert found == pytest.approx(by_shapely(SURFACE, *shape), rel=1e-9)


def test_sides_that_run_along_the_mesh_and_corners_on_its_vertices_are_counted_once() -> None:
    x0, y0 = SURFACE.corners[:, :, 0], SURFACE.corners[:, :, 1]
    grid = np.unique(np.concatenate([x0.ravel(), y0.ravel()]))
    a, b, c = grid[1], grid[3], grid[4]
    shapes = [
        np.array([[a, a], [b, a], [b, b], [a, b]]),
        np.array([[a, a], [c, a], [c, b], [b, b], [b, c], [a, c]]),
        *(np.array(corners) for corners in SURFACE.corners[:5]),
    ]
    area, volume, _ = over_surface(SURFACE, outlines(*([shape] for shape in shapes)))
    for one_area, one_volume, shape in zip(area, volume, shapes, strict=True):
        assert (one_area, one_volume) == pytest.approx(by_shapely(SURFACE, shape), rel=1e-9)


def test_the_whole_tile_has_the_mean_of_its_triangles() -> None:
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    (area,), (volume,), _ = over_surface(SURFACE, outlines([square]))
    assert area == pytest.approx(1.0)
    middles = SURFACE.corners.mean(axis=1)
    of_each = SURFACE.height_in(np.arange(len(middles)), middles[:, 0], middles[:, 1])
    assert volume == pytest.approx((of_each * SURFACE.twice_area / 2.0).sum(), abs=1e-6)


def test_what_lies_beyond_the_tile_is_not_its_ground() -> None:
    square = np.array([[0.5, 0.5], [1.5, 0.5], [1.5, 1.5], [0.5, 1.5]])
    (area,), _, _ = over_surface(SURFACE, outlines([square]))
    assert area == pytest.approx(0.25)
    away = square + 3.0
    (area,), (volume,), (lowest,) = over_surface(SURFACE, outlines([away]))
    assert (area, volume, lowest) == (0.0, 0.0, np.inf)


def test_the_lowest_along_a_side_is_met_where_it_crosses_a_border() -> None:
    sides = np.random.default_rng(3).uniform(0.01, 0.99, (40, 2, 2))
    _, _, found = over_surface(SURFACE, outlines(*([side] for side in sides)))
    t = np.linspace(0, 1, 4001)[:, None, None]
    along = sides[None, :, 0] + t * (sides[:, 1] - sides[:, 0])[None]
    x, y = along[..., 0].ravel(), along[..., 1].ravel()
    sampled = SURFACE.height_in(SURFACE.locate(x, y), x, y).reshape(4001, 40).min(axis=0)
    assert (found <= sampled + 1e-9).all()
    np.testing.assert_allclose(found, sampled, atol=0.2)  # slopes up to 750 m a side, sampled 4,000 times


def test_many_corners_at_once_are_worked_in_portions() -> None:
    ring = np.column_stack(
        [f(np.linspace(0.0, 2.0 * np.pi, 30_000, endpoint=False)) for f in (np.cos, np.sin)]
    )
    (area,), _, _ = over_surface(SURFACE, outlines([0.5 + 0.4 * ring]))
    assert area == pytest.approx(np.pi * 0.16, rel=1e-6)


def test_an_outline_is_cut_at_a_cell() -> None:
    low, high = (0.25, 0.25), (0.5, 0.75)
    given_shapes = [[L_SHAPE, HOLE], [L_SHAPE * 0.1]]
    cut = inside_cell(outlines(*given_shapes), low, high)
    area, volume, _ = over_surface(SURFACE, cut)
    inner = shapely.Polygon(L_SHAPE, [HOLE]).intersection(shapely.box(*low, *high))
    assert area[0] == pytest.approx(inner.area, rel=1e-9)
    assert (area[1], volume[1]) == (0.0, 0.0)
    assert (np.diff(cut.offsets) > 0).all()


def test_centroids_heed_holes_and_far_origins() -> None:
    square = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]])
    hole = np.array([[2.0, 1.0], [2.0, 3.0], [4.0, 3.0], [4.0, 1.0]])
    outline = np.vstack([square, hole]) * 1e-7 + (2.2, 0.65)
    found = centroids(outline, np.array([0, 4, 8]), np.array([0, 0]), 1)
    np.testing.assert_allclose((found[0] - (2.2, 0.65)) * 1e7, (5 / 3, 2.0), atol=1e-6)


def test_an_outline_without_area_has_the_mean_of_its_corners() -> None:
    line = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    np.testing.assert_allclose(centroids(line, np.array([0, 3]), np.array([0]), 1), [[1.0, 1.0]])
