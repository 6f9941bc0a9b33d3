"""Roofs and walls."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from smap.geo.ellipsoid import east_north_up, from_ecef
from smap.scene.footprint import Footprints
from smap.scene.massing import Mass, raise_masses
from tests.scene.shapes import CITY_HALL, buildings, footprints_of, rectangle

FRAME = east_north_up(CITY_HALL[0], CITY_HALL[1], 50.0)


def raised(footprints: Footprints, top: float = 80.0, bottom: float = 40.0) -> Mass:
    n = len(footprints)
    return raise_masses(footprints, np.full(n, top), np.full(n, bottom), FRAME)


def turned_normals(mass: Mass) -> NDArray[np.float64]:
    a, b, c = (mass.positions[mass.triangles[:, k]] for k in range(3))
    normals = np.cross(b - a, c - a)
    return np.asarray(normals / np.linalg.norm(normals, axis=1, keepdims=True))


@given(buildings())
def test_every_edge_has_its_neighbour_but_those_of_the_open_bottom(footprints: Footprints) -> None:
    mass = raised(footprints)
    place = np.unique(np.round(mass.positions, 4), axis=0, return_inverse=True)[1].ravel()
    edges: Counter[tuple[int, int]] = Counter()
    for triangle in place[mass.triangles].tolist():
        edges.update(zip(triangle, [*triangle[1:], triangle[0]], strict=True))
    height = np.zeros(place.max() + 1)
    height[place] = mass.positions[:, 2]
    for (a, b), count in edges.items():
        if edges[b, a] != count:
            assert height[a] < 0.0, "an edge above the bottom is open"
            assert height[b] < 0.0


@given(buildings())
def test_normals_are_those_of_the_triangles(footprints: Footprints) -> None:
    mass = raised(footprints)
    true = turned_normals(mass)
    stored = mass.normals[mass.triangles].mean(axis=1)
    assert (true * stored).sum(axis=1) == pytest.approx(np.ones(len(true)), abs=1e-3)


def test_walls_look_outward_and_into_a_court() -> None:
    court = [[(4.0, 4.0), (4.0, 6.0), (6.0, 6.0), (6.0, 4.0)]]
    mass = raised(footprints_of([[rectangle(0.0, 0.0, 10.0, 10.0) + court]]))
    walls = mass.normals[8:]
    middle = mass.positions[8:].reshape(-1, 4, 3).mean(axis=1)[:, :2] - 5.0
    outward = (middle * walls[::4, :2]).sum(axis=1)
    assert (outward[:4] > 0.0).all()
    assert (outward[4:] < 0.0).all()


@given(buildings())
def test_roofs_lie_at_the_top_and_walls_end_at_the_bottom(footprints: Footprints) -> None:
    mass = raised(footprints, top=91.5, bottom=33.25)
    ecef = mass.positions @ FRAME[:3, :3].T + FRAME[:3, 3]
    heights = np.unique(np.round(from_ecef(ecef)[2], 4))
    assert heights.tolist() == [33.25, 91.5]


def test_a_repeated_vertex_makes_no_wall() -> None:
    square = [[(0.0, 0.0), (10.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]]
    mass = raised(footprints_of([[square]]))
    assert np.isfinite(mass.normals).all()
    assert len(mass.positions) == 5 + 4 * 4
