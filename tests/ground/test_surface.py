"""One tile's surface: the triangle under a position, and its height."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from smap.formats.quantized_mesh import FULL
from smap.ground.surface import TileSurface, ragged
from tests.formats.test_quantized_mesh import grid_mesh


@given(cells=st.integers(1, 20), seed=st.integers(0, 1000))
def test_the_triangle_found_holds_the_position(cells: int, seed: int) -> None:
    surface = TileSurface.of(grid_mesh(cells, seed=seed))
    x, y = np.random.default_rng(seed).uniform(0, 1, (2, 200))
    inside = surface.inside[surface.locate(x, y)]
    shares = inside[..., 0] + inside[..., 1] * x[:, None] + inside[..., 2] * y[:, None]
    assert shares.min() > -1e-9
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)


def test_vertices_have_their_own_heights() -> None:
    mesh = grid_mesh(8)
    surface = TileSurface.of(mesh)
    x, y = mesh.u / FULL, mesh.v / FULL
    np.testing.assert_allclose(surface.height_in(surface.locate(x, y), x, y), mesh.heights(), atol=1e-6)


def test_a_position_beyond_the_tile_takes_a_triangle_of_the_rim() -> None:
    surface = TileSurface.of(grid_mesh(8))
    found = surface.locate(np.array([-1e-9, 1.0 + 1e-9]), np.array([0.5, 1.0]))
    assert (found >= 0).all()


def test_rectangles_meet_each_triangle_once() -> None:
    surface = TileSurface.of(grid_mesh(10))
    low, high = np.array([[0.12, 0.33], [0.0, 0.0]]), np.array([[0.47, 0.41], [1.0, 1.0]])
    box, triangle = surface.meeting(low, high)
    assert len(np.unique(box * 1000 + triangle)) == len(box)
    assert (box == 1).sum() == len(surface.corners)
    meets = shapely.intersects(shapely.polygons(surface.corners), shapely.box(*low[0], *high[0]))
    np.testing.assert_array_equal(np.sort(triangle[box == 0]), np.flatnonzero(meets))


def test_ragged_groups_count_their_members() -> None:
    group, place = ragged(np.array([2, 0, 3]))
    assert group.tolist() == [0, 0, 2, 2, 2]
    assert place.tolist() == [0, 1, 0, 1, 2]
