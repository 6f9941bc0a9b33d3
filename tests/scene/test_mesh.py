"""Meshes of models."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from smap.scene.mesh import Mesh, flat_normals, outline_of, placed, thinned
from smap.scene.shapes import as_footprints


def ball(rings: int, *, radius: float = 10.0) -> Mesh:
    """A ball of 2 * rings * (rings - 1) * 2 triangles or so, red below and green above."""
    turn = np.linspace(0.0, 2.0 * math.pi, 2 * rings, endpoint=False)
    tilt = np.linspace(-math.pi / 2, math.pi / 2, rings + 1)
    lat, lon = np.meshgrid(tilt, turn, indexing="ij")
    positions = radius * np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], -1)
    row, column = np.meshgrid(np.arange(rings), np.arange(2 * rings), indexing="ij")
    a, b = row * 2 * rings + column, row * 2 * rings + (column + 1) % (2 * rings)
    quads = np.stack([a, b, b + 2 * rings, a, b + 2 * rings, a + 2 * rings], -1)
    flat = positions.reshape(-1, 3)
    colors = np.where(flat[:, 2:] > 0.0, [[0, 255, 0, 255]], [[255, 0, 0, 255]]).astype(np.uint8)
    return flat_normals(flat, quads.reshape(-1, 3).astype(np.uint32), colors)


def slab(width: float, depth: float, height: float = 1.0) -> Mesh:
    """A level rectangle from the origin east and north, at a height."""
    corners = np.array(
        [[0, 0, height], [width, 0, height], [width, depth, height], [0, depth, height]], float
    )
    return flat_normals(corners, np.array([[0, 1, 2], [0, 2, 3]], np.uint32), np.full((4, 4), 255, np.uint8))


def test_a_heading_of_90_degrees_turns_east_to_south_and_its_normals_too() -> None:
    east = Mesh(
        np.array([[2.0, 0.0, 5.0]] * 3),
        np.array([[0, 1, 2]], np.uint32),
        np.array([[1.0, 0.0, 0.0]] * 3, np.float32),
        np.zeros((3, 4), np.uint8),
    )
    turned = placed(east, heading=math.pi / 2, scale=3.0)
    np.testing.assert_allclose(turned.positions[0], [0.0, -6.0, 15.0], atol=1e-12)
    np.testing.assert_allclose(turned.normals[0], [0.0, -1.0, 0.0], atol=1e-7)


@given(st.floats(-math.pi, math.pi), st.floats(0.01, 100.0))
def test_turning_back_and_scaling_back_is_as_before(heading: float, scale: float) -> None:
    mesh = ball(4)
    again = placed(placed(mesh, heading=heading, scale=scale), heading=-heading, scale=1.0 / scale)
    np.testing.assert_allclose(again.positions, mesh.positions, atol=1e-9)
    np.testing.assert_allclose(again.normals, mesh.normals, atol=1e-6)


def test_the_outline_is_the_union_of_what_is_seen_from_above() -> None:
    low, high = slab(10.0, 4.0), slab(4.0, 10.0, 7.0)
    both = Mesh(
        np.concatenate([low.positions, high.positions]),
        np.concatenate([low.triangles, high.triangles + len(low.positions)]).astype(np.uint32),
        np.concatenate([low.normals, high.normals]),
        np.concatenate([low.colors, high.colors]),
    )
    outline = outline_of(both, 0.1)
    assert shapely.area(outline) == pytest.approx(10 * 4 * 2 - 4 * 4, rel=0.01)
    footprint = as_footprints(np.array([outline], object))
    assert len(footprint) == 1
    ring = footprint.lonlat
    assert len(ring) == 6
    following = np.roll(ring, -1, axis=0)
    assert (ring[:, 0] * following[:, 1] - following[:, 0] * ring[:, 1]).sum() > 0  # counter-clockwise


def test_a_sheet_that_stands_upright_still_covers_a_little() -> None:
    sheet = slab(10.0, 4.0)
    upright = Mesh(sheet.positions[:, [0, 2, 1]], sheet.triangles, sheet.normals, sheet.colors)
    assert shapely.area(outline_of(upright, 0.1)) == pytest.approx(2.0, rel=0.1)


def test_the_outline_of_very_many_triangles_is_hardly_another() -> None:
    assert shapely.area(outline_of(ball(50), 0.1)) == pytest.approx(math.pi * 100.0, rel=0.1)


@pytest.mark.parametrize("most", [1000, 300, 100])
def test_thinning_keeps_the_budget_the_shape_and_the_colours(most: int) -> None:
    mesh = ball(30)
    thin = thinned(mesh, most)
    assert most / 4 < len(thin.triangles) <= most
    assert (np.linalg.norm(thin.positions, axis=1) <= 10.0 + 1e-9).all()
    assert thin.size == pytest.approx(20.0, rel=0.25)
    corners = thin.positions[thin.triangles]
    outward = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("tk,tk->t", outward, corners.mean(axis=1)) > 0).mean() > 0.99
    assert (thin.colors[thin.positions[:, 2] > 5.0][:, 1] > 200).all()
    assert (thin.colors[thin.positions[:, 2] < -5.0][:, 0] > 200).all()
