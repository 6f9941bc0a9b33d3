"""Means under outlines: against sums over many small cells, and where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from smap.ground.footprint import centroids, fans, integrals, lowest_along
from smap.ground.surface import TileSurface
from tests.formats.test_quantized_mesh import grid_mesh

SURFACE = TileSurface.of(grid_mesh(6, seed=2))
L_SHAPE = np.array([[0.2, 0.2], [0.8, 0.25], [0.78, 0.4], [0.45, 0.38], [0.4, 0.9], [0.22, 0.88]])
HOLE = np.array([[0.25, 0.5], [0.25, 0.7], [0.35, 0.7], [0.35, 0.5]])
LONLAT = np.vstack([L_SHAPE, HOLE])
RINGS = np.array([0, 6, 10])


def test_the_mean_is_that_of_half_a_million_points() -> None:
    triangles, _, _ = fans(LONLAT, RINGS, np.array([0, 1]))
    area, volume = integrals(SURFACE, triangles)
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0.2, 0.9, (2, 500_000))
    held = _inside(L_SHAPE, x, y) & ~_inside(HOLE, x, y)
    x, y = x[held], y[held]
    heights = SURFACE.height_in(SURFACE.locate(x, y), x, y)
    # heights scatter by 30 m, 150,000 points: 0.08 m for one standard deviation of the mean
    assert volume.sum() / area.sum() == pytest.approx(heights.mean(), abs=0.35)
    assert area.sum() == pytest.approx(0.49 * held.mean(), rel=0.01)


def _inside(ring: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    inside = np.zeros(len(x), bool)
    for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        if y0 != y1:
            inside ^= ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return inside


def test_areas_add_up_whatever_lies_below() -> None:
    triangles, _, _ = fans(LONLAT, RINGS, np.array([0, 1]))
    area, _ = integrals(SURFACE, triangles)
    (x, y), (x1, y1) = triangles[:, 1].T, triangles[:, 2].T
    x0, y0 = triangles[:, 0].T
    np.testing.assert_allclose(area, ((x - x0) * (y1 - y0) - (x1 - x0) * (y - y0)) / 2, atol=1e-12)


def test_the_whole_tile_has_the_mean_of_its_triangles() -> None:
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    area, volume = integrals(SURFACE, fans(square, np.array([0, 4]), np.array([0]))[0])
    assert area.sum() == pytest.approx(1.0)
    middles = SURFACE.corners.mean(axis=1)
    of_each = SURFACE.height_in(np.arange(len(middles)), middles[:, 0], middles[:, 1])
    (x0, y0), (x1, y1), (x2, y2) = SURFACE.corners.transpose(1, 2, 0)
    size = ((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) / 2
    assert volume.sum() == pytest.approx((of_each * size).sum(), abs=1e-6)


def test_the_lowest_along_a_side_is_met_where_it_crosses_a_border() -> None:
    sides = np.random.default_rng(3).uniform(0.01, 0.99, (40, 2, 2))
    found = lowest_along(SURFACE, sides)
    t = np.linspace(0, 1, 4001)[:, None, None]
    along = sides[None, :, 0] + t * (sides[:, 1] - sides[:, 0])[None]
    x, y = along[..., 0].ravel(), along[..., 1].ravel()
    sampled = SURFACE.height_in(SURFACE.locate(x, y), x, y).reshape(4001, 40).min(axis=0)
    assert (found <= sampled + 1e-9).all()
    np.testing.assert_allclose(found, sampled, atol=0.2)  # slopes up to 750 m a side, sampled 4,000 times


def test_centroids_heed_holes_and_far_origins() -> None:
    square = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]])
    hole = np.array([[2.0, 1.0], [2.0, 3.0], [4.0, 3.0], [4.0, 1.0]])
    outline = np.vstack([square, hole]) * 1e-7 + (2.2, 0.65)
    found = centroids(outline, np.array([0, 4, 8]), np.array([0, 0]), 1)
    np.testing.assert_allclose((found[0] - (2.2, 0.65)) * 1e7, (5 / 3, 2.0), atol=1e-6)


def test_an_outline_without_area_has_the_mean_of_its_corners() -> None:
    line = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    np.testing.assert_allclose(centroids(line, np.array([0, 3]), np.array([0]), 1), [[1.0, 1.0]])
