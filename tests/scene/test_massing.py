"""Roofs and walls."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from smap.formats.glb import GlbTile, decode_glb, encode_glb
from smap.geo.ellipsoid import east_north_up, from_ecef
from smap.scene.footprint import Footprints
from smap.scene.massing import Mass, into_frame, raise_masses
from smap.scene.measure import areas, local_plane
from smap.scene.roof import cut_roofs
from tests.scene.roofs import volume
from tests.scene.shapes import CITY_HALL, METRES, Polygon, buildings, footprints_of, rectangle

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
    normal = turned_normals(mass)
    walls = np.flatnonzero(np.abs(normal[:, 2]) < 0.5)
    middle = mass.positions[mass.triangles[walls]].mean(axis=1)[:, :2] - 5.0
    outward = (middle * normal[walls, :2]).sum(axis=1)
    in_court = np.abs(middle).max(axis=1) < 3.0
    assert in_court.tolist().count(True) == in_court.tolist().count(False) == 8
    assert (outward[~in_court] > 0.0).all()
    assert (outward[in_court] < 0.0).all()


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
    walls = np.abs(turned_normals(mass)[:, 2]) < 0.5
    assert walls.sum() == 2 * 4


@pytest.mark.parametrize(("heights", "walls"), [((9.0, 6.0), 7), ((6.0, 9.0), 7), ((6.0, 6.0), 6)])
def test_of_two_walls_back_to_back_the_lower_is_left_out_whole(
    heights: tuple[float, float], walls: int
) -> None:
    footprints = footprints_of([[rectangle(0.0, 0.0, 10.0, 8.0)], [rectangle(10.0, 0.0, 7.0, 8.0)]])
    mass = raise_masses(footprints, 40.0 + np.array(heights), np.full(2, 39.0), FRAME)
    upright = np.abs(turned_normals(mass)[:, 2]) < 0.5
    assert upright.sum() == 2 * walls
    taller = int(np.argmax(heights))
    of_taller = mass.feature[mass.triangles[upright, 0]] == taller
    assert of_taller.sum() == (2 * 4 if walls == 7 else 2 * 3)


def test_walls_that_only_overlap_or_look_the_same_way_stay() -> None:
    footprints = footprints_of(
        [
            [rectangle(0.0, 0.0, 10.0, 8.0)],
            [rectangle(10.0, 0.0, 7.0, 5.0)],
            [rectangle(0.0, 0.0, 10.0, 8.0)],
        ]
    )
    assert (np.abs(turned_normals(raised(footprints))[:, 2]) < 0.5).sum() == 2 * 12


def test_no_normal_of_a_wall_is_turned_by_more_than_its_direction_and_its_byte_allow() -> None:
    angles = np.radians(np.arange(0.0, 360.0, 0.7))
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=-1) * 500.0
    mass = raised(footprints_of([[[[(x, y) for x, y in ring.tolist()]]]]))
    stored = mass.normals[mass.triangles].mean(axis=1)
    between = np.degrees(np.arccos(np.clip((turned_normals(mass) * stored).sum(axis=1), -1.0, 1.0)))
    # 1.41 degrees to the nearest of 128 directions, and half a byte's step: atan(0.5 / 127 * sqrt(2))
    assert 1.0 < between.max() < 1.41 + 0.32


def test_the_copies_of_an_outline_stand_in_runs_of_the_same_order() -> None:
    mass = raised(footprints_of([[rectangle(20.0 * i, 3.0 * i, 9.0, 7.0)] for i in range(100)]))
    first, rest = mass.positions[: 5 * 256, :2], mass.positions[5 * 256 :, :2]
    for runs in (first.reshape(5, 256, 2), rest.reshape(5, 400 - 256, 2)):
        assert np.abs(runs - runs[0]).max() < 0.02  # verticals of 40 m, 2 km away, lean by 13 mm


def test_a_thousand_buildings_capped_at_the_ground_have_the_volume_of_area_times_height() -> None:
    random = np.random.default_rng(11)
    shapes = [_shape(random, *(random.random(2) * 2000.0)) for _ in range(1000)]
    footprints = footprints_of([[shape] for shape in shapes])
    plane = local_plane(footprints)
    ground = 30.0 + 100.0 * random.random(1000)
    height = random.lognormal(2.3, 0.8, 1000)
    mass = raise_masses(footprints, ground + height, ground, FRAME)
    feature = mass.feature[mass.triangles[:, 0]]
    walls_and_roofs = np.bincount(feature, _signed(mass.positions, mass.triangles), 1000)
    caps = cut_roofs(footprints, plane.xy)[:, ::-1]
    at_ground = into_frame(footprints.lonlat, ground[footprints.vertex_feature], FRAME)
    below = np.bincount(footprints.vertex_feature[caps[:, 0]], _signed(at_ground, caps), 1000)
    assert walls_and_roofs + below == pytest.approx(areas(footprints, plane) * height, rel=0.005)


def _shape(random: np.random.Generator, x: float, y: float) -> Polygon:
    """A rectangle, an L or a house about a court."""
    a, b = (8.0 + 30.0 * random.random(2)).tolist()
    ell = [[(x, y), (x + a, y), (x + a, y + b / 2), (x + a / 3, y + b / 2), (x + a / 3, y + b), (x, y + b)]]
    court = [[(x + 2, y + 2), (x + 2, y + b - 2), (x + a - 2, y + b - 2), (x + a - 2, y + 2)]]
    whole = rectangle(x, y, a, b)
    return [whole, ell, whole + court][int(random.integers(3))]


def _signed(positions: NDArray[np.float64], triangles: NDArray[Any]) -> NDArray[np.float64]:
    """Of each triangle the volume of the pyramid to the origin, positive where its outside looks away."""
    a, b, c = (positions[triangles[:, k]] for k in range(3))
    return np.asarray((a * np.cross(b, c)).sum(axis=1) / 6.0)


def test_every_vertex_lies_within_two_centimetres_of_its_source_when_read_back_from_bytes() -> None:
    random = np.random.default_rng(5)
    footprints = footprints_of([[_shape(random, *(random.random(2) * 900.0))] for _ in range(300)])
    mass = raised(footprints)
    tile = GlbTile(mass.points, mass.triangles, FRAME, lit=mass.lit, point=mass.point)
    lon, lat, height = from_ecef(decode_glb(encode_glb(tile)).ecef())
    spots = (np.stack([lon, lat], axis=-1) - CITY_HALL) * METRES
    source = (footprints.lonlat - CITY_HALL) * METRES
    apart = cKDTree(source).query(spots)[0]
    assert np.hypot(apart, np.abs(height[:, None] - [40.0, 80.0]).min(axis=1)).max() < 0.02


def test_parts_are_raised_as_if_each_were_alone_but_for_the_walls_between_them() -> None:
    footprints = footprints_of([[rectangle(30.0 * i, 5.0 * i, 9.0, 7.0)] for i in range(150)])
    n, cuts = len(footprints), np.array([0, 40, 150])
    top, bottom = np.linspace(50.0, 90.0, n), np.full(n, 40.0)
    mass = raise_masses(footprints, top, bottom, FRAME, cuts)
    for start, end, first, last in zip(mass.parts, mass.parts[1:], cuts, cuts[1:], strict=False):
        own = np.arange(first, last)
        alone = raise_masses(footprints.take(own), top[own], bottom[own], FRAME)
        np.testing.assert_array_equal(mass.points[start[0] : end[0]], alone.points)
        np.testing.assert_array_equal(mass.point[start[1] : end[1]] - start[0], alone.point)
        np.testing.assert_array_equal(mass.lit[start[1] : end[1]], alone.lit)
        np.testing.assert_array_equal(mass.feature[start[1] : end[1]] - first, alone.feature)
        np.testing.assert_array_equal(
            mass.triangles[start[2] : end[2]] - np.uint32(start[1]), alone.triangles
        )


def test_two_houses_as_tall_as_each_other_that_touch_are_one_solid_without_a_wall_within() -> None:
    heights = (6.0, 6.0)
    footprints = footprints_of([[rectangle(0.0, 0.0, 10.0, 8.0)], [rectangle(10.0, 0.0, 7.0, 8.0)]])
    mass = raise_masses(footprints, 40.0 + np.array(heights), np.full(2, 39.0), FRAME)
    expected = 10.0 * 8.0 * (heights[0] + 1.0) + 7.0 * 8.0 * (heights[1] + 1.0)
    assert volume(mass.positions, mass.triangles.astype(np.int64)) == pytest.approx(expected, rel=1e-4)
