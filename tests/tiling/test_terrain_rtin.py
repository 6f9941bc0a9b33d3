"""Right-angled triangles: they cover the square once, leave no crack, and keep their promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from smap.tiling.terrain_rtin import errors_of, forced, simplified, triangles_of

N = 16
CORNERS = np.array([[0, 0], [0, N], [N, 0], [N, N]])


def rough(seed: int, sharpness: float) -> NDArray[np.float64]:
    """Heights of 2 x 2 tiles, between smooth and wild."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0 : 2 * N + 1, 0 : 2 * N + 1] / N
    waves = 40 * np.sin(3 * x + rng.uniform(0, 6)) * np.cos(2 * y + rng.uniform(0, 6))
    return np.asarray(waves + sharpness * rng.normal(size=x.shape))


def twice_areas(triangles: NDArray[np.int64]) -> NDArray[np.int64]:
    """Signed, counter-clockwise positive; positions are (row, column)."""
    (y0, x0), (y1, x1), (y2, x2) = triangles.transpose(1, 2, 0)
    return np.asarray((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0))


def made(keep: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Triangles as (t, 3, 2) rows and columns, and their owners."""
    triangles, owner = triangles_of(keep, N, CORNERS)
    return np.stack(np.divmod(triangles, keep.shape[1]), axis=-1), owner


@given(seed=st.integers(0, 10_000), sharpness=st.floats(0, 20), tolerance=st.floats(0.1, 50))
def test_triangles_cover_each_tile_once_and_none_is_degenerate(
    seed: int, sharpness: float, tolerance: float
) -> None:
    keep = errors_of(rough(seed, sharpness), N, (0.0, 0.0)) > tolerance
    triangles, owner = made(keep)
    areas = twice_areas(triangles)
    assert (areas > 0).all()
    np.testing.assert_array_equal(np.bincount(owner, areas), np.full(4, 2 * N * N))


@given(seed=st.integers(0, 10_000), sharpness=st.floats(0, 20), tolerance=st.floats(0.1, 50))
def test_no_vertex_lies_on_the_side_of_a_triangle(seed: int, sharpness: float, tolerance: float) -> None:
    keep = errors_of(rough(seed, sharpness), N, (0.0, 0.0)) > tolerance
    triangles, _ = made(keep)
    corners = {tuple(corner) for corner in triangles.reshape(-1, 2).tolist()}
    middles = (triangles + np.roll(triangles, 1, axis=1)) / 2
    whole = middles[(middles == middles.round()).all(axis=2)]
    assert corners.isdisjoint(tuple(middle) for middle in whole.astype(int).tolist())


@given(seed=st.integers(0, 10_000), sharpness=st.floats(0, 20), tolerance=st.floats(0.1, 50))
def test_the_drawn_surface_stays_within_the_tolerance(seed: int, sharpness: float, tolerance: float) -> None:
    heights = rough(seed, sharpness)
    keep = errors_of(heights, N, (0.0, 0.0)) > tolerance
    assert np.abs(simplified(heights, keep, N) - heights).max() <= tolerance + 1e-9


def test_a_kept_vertex_keeps_all_that_lead_to_it() -> None:
    errors = errors_of(rough(4, 5.0), N, (0.0, 0.0))
    inner = errors[1::2, 1::2]
    sides = np.minimum(errors[::2, 1::2][:-1], errors[::2, 1::2][1:])
    assert inner.shape == sides.shape
    centers = errors[N // 2 :: N, N // 2 :: N]
    assert centers.min() >= errors[N // 2 :: N, N // 4 :: N // 2].reshape(2, -1, 2).max(axis=2).max() - 1e9
    assert (centers >= inner.reshape(2, N // 2, 2, N // 2).max(axis=(1, 3))).all()


def test_a_plane_needs_two_triangles_and_the_forced_ones_more() -> None:
    y, x = np.mgrid[0 : 2 * N + 1, 0 : 2 * N + 1]
    keep = errors_of(3.0 * x - 2.0 * y, N, (0.0, 0.0)) > 1e-6
    assert len(triangles_of(keep, N, CORNERS)[0]) == 8
    assert len(triangles_of(keep | forced(keep.shape, N, 4), N, CORNERS)[0]) == 4 * 2 * 16


@pytest.mark.parametrize("sag", [0.0, 0.5])
def test_the_bend_of_the_globe_splits_what_is_flat(sag: float) -> None:
    keep = errors_of(np.zeros((N + 1, N + 1)), N, (sag, sag)) > 4.0
    assert keep.any() == (sag > 0)
