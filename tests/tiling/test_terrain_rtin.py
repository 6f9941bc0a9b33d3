"""Right-angled triangles: they cover the square once, leave no crack, and keep their promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from smap.tiling.terrain_rtin import (
    Board,
    cells_of,
    drawn_heights,
    kept_vertices,
    middles_of,
    sides_of,
    squares_of,
    triangles_of,
)

M, SIDE = 8, 3
RISING = np.indices((SIDE, SIDE)).sum(axis=0) % 2 == 0


def board(heights: NDArray[Any], middles: NDArray[Any] | None = None) -> Board:
    """Of SIDE x SIDE squares; middles lie between the nodes unless they are given."""
    if middles is None:
        middles = (heights[:-1, :-1] + heights[1:, 1:] + heights[:-1, 1:] + heights[1:, :-1]) / 4
    return Board(squares_of(heights.astype(np.float32), M), cells_of(middles.astype(np.float32), M), RISING)


def rough(seed: int, sharpness: float) -> Board:
    """Heights between smooth and wild, in whole steps."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0 : SIDE * M + 1, 0 : SIDE * M + 1] / M
    waves = 40 * np.sin(3 * x + rng.uniform(0, 6)) * np.cos(2 * y + rng.uniform(0, 6))
    return board(np.rint(waves + sharpness * rng.normal(size=x.shape)))


def as_grid(by_squares: NDArray[Any]) -> NDArray[Any]:
    """By squares as one grid; who shares a node must agree on it."""
    m = len(by_squares) - 1
    rows, columns = by_squares.shape[2:]
    grid = np.empty((rows * m + 1, columns * m + 1), by_squares.dtype)
    for r, c in np.ndindex(rows, columns):
        grid[r * m : r * m + m + 1, c * m : c * m + m + 1] = by_squares[:, :, r, c]
    np.testing.assert_array_equal(squares_of(grid, m), by_squares)
    return grid


def made(keep: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Triangles as (t, 3, 2) rows and columns in the whole grid, and their squares."""
    square, nodes = triangles_of(keep.reshape(len(keep) ** 2, -1), RISING.ravel(), M + 1)
    at = np.stack(np.divmod(nodes.astype(np.int64), M + 1), axis=-1)
    return at + np.stack(np.divmod(square, SIDE), axis=-1)[:, None] * M, square.astype(np.int64)


def twice_areas(triangles: NDArray[np.int64]) -> NDArray[np.int64]:
    """Signed, counter-clockwise positive; positions are (row, column)."""
    (y0, x0), (y1, x1), (y2, x2) = triangles.transpose(1, 2, 0)
    return np.asarray((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0))


some_ground = given(seed=st.integers(0, 10_000), sharpness=st.floats(0, 20), tolerance=st.floats(0.1, 50))


@some_ground
def test_triangles_cover_each_square_once_and_none_is_degenerate(
    seed: int, sharpness: float, tolerance: float
) -> None:
    triangles, square = made(kept_vertices(rough(seed, sharpness), tolerance, (0.0, 0.0)))
    areas = twice_areas(triangles)
    assert (areas > 0).all()
    np.testing.assert_array_equal(np.bincount(square, areas), np.full(SIDE**2, 2 * M * M))


@some_ground
def test_no_vertex_lies_on_the_side_of_a_triangle(seed: int, sharpness: float, tolerance: float) -> None:
    triangles, _ = made(kept_vertices(rough(seed, sharpness), tolerance, (0.0, 0.0)))
    corners = {tuple(corner) for corner in triangles.reshape(-1, 2).tolist()}
    middles = (triangles + np.roll(triangles, 1, axis=1)) / 2
    whole = middles[(middles == middles.round()).all(axis=2)]
    assert corners.isdisjoint(tuple(middle) for middle in whole.astype(int).tolist())


@some_ground
def test_the_vertices_of_triangles_are_those_kept(seed: int, sharpness: float, tolerance: float) -> None:
    keep = kept_vertices(rough(seed, sharpness), tolerance, (0.0, 0.0))
    triangles, _ = made(keep)
    found = np.zeros((SIDE * M + 1, SIDE * M + 1), bool)
    found[triangles[..., 0], triangles[..., 1]] = True
    np.testing.assert_array_equal(found, as_grid(keep))


@some_ground
def test_the_drawn_surface_stays_within_the_tolerance(seed: int, sharpness: float, tolerance: float) -> None:
    ground = rough(seed, sharpness)
    drawn = drawn_heights(ground, kept_vertices(ground, tolerance, (0.0, 0.0)))
    assert np.abs(as_grid(drawn) - as_grid(ground.nodes)).max() <= tolerance


@some_ground
def test_a_middle_is_off_by_more_only_in_the_finest_triangles(
    seed: int, sharpness: float, tolerance: float
) -> None:
    ground = rough(seed, sharpness)
    keep = kept_vertices(ground, tolerance, (0.0, 0.0))
    off = np.abs(middles_of(drawn_heights(ground, keep)) - ground.middles) > tolerance
    corners = keep[:-1, :-1] & keep[1:, 1:] | keep[:-1, 1:] & keep[1:, :-1]
    assert corners[off].all()


@settings(max_examples=20)
@some_ground
def test_the_drawn_surface_is_that_of_the_triangles(seed: int, sharpness: float, tolerance: float) -> None:
    ground = rough(seed, sharpness)
    keep = kept_vertices(ground, tolerance, (0.0, 0.0))
    drawn, heights = as_grid(drawn_heights(ground, keep)), as_grid(ground.nodes)
    for triangle in made(keep)[0]:
        row, column = triangle.mean(axis=0).round().astype(int)
        area = twice_areas(triangle[None])[0]
        turned = [np.stack([[row, column], triangle[(k + 1) % 3], triangle[(k + 2) % 3]]) for k in range(3)]
        shares = [twice_areas(t[None])[0] / area for t in turned]
        if min(shares) >= 0.0:
            wanted = sum(s * heights[tuple(corner)] for s, corner in zip(shares, triangle, strict=True))
            assert drawn[row, column] == pytest.approx(wanted, abs=1e-3)


def test_what_is_kept_does_not_depend_on_what_lies_two_squares_away() -> None:
    heights = as_grid(rough(7, 8.0).nodes)
    small = Board(squares_of(heights[:, : 2 * M + 1], M), rough(7, 8.0).middles[..., :2], RISING[:, :2])
    far = kept_vertices(rough(7, 8.0), 6.0, (0.0, 0.0))[..., 0]
    np.testing.assert_array_equal(kept_vertices(small, 6.0, (0.0, 0.0))[..., 0], far)


def test_a_peak_in_the_middle_of_a_cell_is_not_passed_over() -> None:
    flat, middles = np.zeros((SIDE * M + 1,) * 2), np.zeros((SIDE * M,) * 2)
    middles[9, 10] = 5.0
    keep = as_grid(kept_vertices(board(flat, middles), 4.0, (0.0, 0.0)))
    # the finest diagonal through it
    assert keep[9, 11]
    assert keep[10, 10]
    assert keep.sum() < 40


def test_a_plane_needs_two_triangles_a_square() -> None:
    y, x = np.mgrid[0 : SIDE * M + 1, 0 : SIDE * M + 1]
    keep = kept_vertices(board(3.0 * x - 2.0 * y), 1e-6, (0.0, 0.0))
    assert len(made(keep)[0]) == 2 * SIDE**2


@pytest.mark.parametrize("sag", [0.0, 0.5])
def test_the_bend_of_the_globe_splits_what_is_flat(sag: float) -> None:
    keep = kept_vertices(board(np.zeros((SIDE * M + 1,) * 2)), 4.0, (sag, sag))
    assert (keep.sum() > 4 * SIDE**2) == (sag > 0)


@given(seed=st.integers(0, 10_000), tolerance=st.floats(0.1, 30))
def test_sides_keep_what_their_straight_pieces_would_miss(seed: int, tolerance: float) -> None:
    lines = np.rint(10.0 * np.random.default_rng(seed).normal(size=(2, 5 * M + 1))).astype(np.float32)
    keep = sides_of(lines, M, tolerance)
    keep[:, ::M] = True
    for line, kept in zip(lines, keep, strict=True):
        at = np.arange(len(line))
        drawn = np.interp(at, at[kept], line[kept])
        assert np.abs(drawn - line).max() <= tolerance + 1e-6
