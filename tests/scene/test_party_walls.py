"""Houses that touch, of all heights, on slopes: nothing is drawn twice between them, nobody sees a hole."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from smap.geo.ellipsoid import east_north_up
from smap.scene.footprint import Footprints
from smap.scene.massing import Mass, raise_masses
from smap.scene.pitched import raise_roofed
from smap.scene.roof_pieces import SHAPES, Roofs
from tests.scene.roofs import volume
from tests.scene.shapes import CITY_HALL, footprints_of, rectangle

FRAME = east_north_up(CITY_HALL[0], CITY_HALL[1], 0.0)
BLOCK = footprints_of([[rectangle(10.0 * x, 8.0 * y, 10.0, 8.0)] for x in range(4) for y in range(3)])
CORNERS = np.array([[10.0 * x, 8.0 * y] for x in range(4) for y in range(3)])[:, None] + [
    [0.0, 0.0],
    [10.0, 0.0],
    [10.0, 8.0],
    [0.0, 8.0],
]
N = len(BLOCK)
LIFT = 1e-6
Array = NDArray[np.float64]


def on_a_slope(random: np.random.Generator) -> tuple[Array, Array, Array]:
    """Rise of the ground along x and y, top and bottom of the houses, some as tall as their neighbours."""
    rise = random.uniform(-0.35, 0.35, 2)
    ground = (CORNERS @ rise).mean(axis=1)
    top = ground + random.choice([6.0, 9.0, 12.0, 20.0], N)
    level = random.random(N) < 0.4
    top[level] = np.rint(top[level] / 3.0) * 3.0
    return rise, top + 100.0, (CORNERS @ rise).min(axis=1) - 1.0 + 100.0


def first_hits(mass: Mass, start: Array, along: Array) -> tuple[Array, NDArray[np.bool_]]:
    """How far each ray, (r, 3) and (r, 3), flies before a triangle, and whether it meets its face."""
    a, b, c = (mass.positions[mass.triangles[:, k]] for k in range(3))
    ab, ac = b - a, c - a
    p = np.cross(along[:, None], ac)
    turn = (ab * p).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        s = start[:, None] - a
        u = (s * p).sum(axis=-1) / turn
        q = np.cross(s, ab)
        v = (along[:, None] * q).sum(axis=-1) / turn
        t = (ac * q).sum(axis=-1) / turn
    hit = (u > -1e-9) & (v > -1e-9) & (u + v < 1.0 + 1e-9) & (t > 0.0) & (np.abs(turn) > 1e-12)
    t = np.where(hit, t, np.inf)
    near = t.argmin(axis=1)
    rows = np.arange(len(start))
    # of faces as near as each other, as where two walls lie back to back, any that looks here is seen
    faces = (hit & (t < t[rows, near][:, None] + 1e-6) & (turn > 0.0)).any(axis=1)
    return t[rows, near], faces


def holes(mass: Mass, rise: Array, random: np.random.Generator, rays: int = 3000) -> int:
    """Rays from outside that come to the back of a face, or to the ground within a house."""
    turn, tilt = random.uniform(0.0, 2.0 * np.pi, rays), random.uniform(0.0, 0.5 * np.pi, rays)
    out = np.stack([np.cos(turn) * np.cos(tilt), np.sin(turn) * np.cos(tilt), np.sin(tilt)], axis=1)
    target = np.column_stack([random.uniform(0.0, 40.0, rays), random.uniform(0.0, 24.0, rays)])
    target = np.column_stack([target, target @ rise + 100.0 + random.uniform(0.0, 22.0, rays)])
    start = target + 200.0 * out
    above = start[:, 2] > start[:, :2] @ rise + 100.0
    start, along = start[above], -out[above]
    flown, faces = first_hits(mass, start, along)
    sinks = along[:, 2] - along[:, :2] @ rise
    ground = -(start[:, 2] - start[:, :2] @ rise - 100.0) / np.where(sinks < 0.0, sinks, np.nan)
    ground = np.where(np.isnan(ground), np.inf, ground)
    there = start[:, :2] + np.where(np.isfinite(ground), ground, 0.0)[:, None] * along[:, :2]
    inside = ((there > LIFT) & (there < np.array([40.0, 24.0]) - LIFT)).all(axis=1)
    return int(((flown < ground - 1e-3) & ~faces).sum() + ((ground < flown - 1e-3) & inside).sum())


def upright_area(mass: Mass, between: bool) -> float:
    """m² of walls, all or of those that stand between two houses."""
    corners = mass.positions[mass.triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) / 2.0
    wall = np.abs(normal[:, 2]) < 1e-3 * np.linalg.norm(normal, axis=1)
    middle = corners.mean(axis=1)[:, :2]
    inner = ((middle > 0.1) & (middle < np.array([39.9, 23.9]))).all(axis=1)
    return float(np.linalg.norm(normal[wall & (inner if between else True)], axis=1).sum())


@pytest.mark.parametrize("seed", range(12))
def test_a_block_of_flat_houses_on_a_slope_has_no_hole_from_anywhere(seed: int) -> None:
    random = np.random.default_rng(seed)
    rise, top, bottom = on_a_slope(random)
    assert holes(raise_masses(BLOCK, top, bottom, FRAME), rise, random) == 0


@pytest.mark.parametrize("seed", range(12))
def test_a_block_under_all_kinds_of_roofs_on_a_slope_has_no_hole_from_anywhere(seed: int) -> None:
    random = np.random.default_rng(seed)
    rise, top, bottom = on_a_slope(random)
    shape = random.integers(0, len(SHAPES), N).astype(np.uint8)
    turn = random.uniform(0.0, 2.0 * np.pi, N)
    facing = np.column_stack([np.cos(turn), np.sin(turn)])
    roofs = Roofs(
        shape, np.where(shape > 0, random.uniform(0.5, 2.0, N), 0.0), facing, random.random(N) < 0.5
    )
    mass = raise_roofed(BLOCK, top, bottom, FRAME, roofs)
    assert holes(mass, rise, random) == 0


def test_a_wall_left_out_is_seen_by_this_test() -> None:
    random = np.random.default_rng(1)
    rise, top, bottom = on_a_slope(random)
    mass = raise_masses(BLOCK, top, bottom, FRAME)
    upright = np.abs(mass.normals[mass.triangles[:, 0], 2]) < 0.5
    less = mass.triangles[np.delete(np.arange(len(mass.triangles)), np.flatnonzero(upright)[:2])]
    broken = Mass.plain(mass.positions, mass.normals, less, mass.feature)
    assert holes(broken, rise, random) > 0


def test_between_two_houses_only_what_rises_above_the_lower_is_drawn() -> None:
    random = np.random.default_rng(3)
    _, top, bottom = on_a_slope(random)
    mass = raise_masses(BLOCK, top, bottom, FRAME)
    tops = top.reshape(4, 3)
    expected = 8.0 * np.abs(np.diff(tops, axis=0)).sum() + 10.0 * np.abs(np.diff(tops, axis=1)).sum()
    assert upright_area(mass, between=True) == pytest.approx(expected, rel=1e-3)


def test_a_block_upon_level_ground_is_one_solid_of_the_volume_of_its_houses() -> None:
    random = np.random.default_rng(4)
    top = 100.0 + random.choice([6.0, 9.0, 12.0, 20.0], N)
    mass = raise_masses(BLOCK, top, np.full(N, 100.0), FRAME)
    points = mass.positions - [0.0, 0.0, 100.0]
    assert volume(points, mass.triangles.astype(np.int64)) == pytest.approx(
        80.0 * (top - 100.0).sum(), rel=1e-3
    )


def test_what_begins_below_a_neighbours_roof_that_lies_underground_begins_where_it_did() -> None:
    pair: Footprints = footprints_of([[rectangle(0.0, 0.0, 10.0, 8.0)], [rectangle(10.0, 0.0, 10.0, 8.0)]])
    mass = raise_masses(pair, np.array([130.0, 110.0]), np.array([115.0, 100.0]), FRAME)
    low = mass.positions[mass.triangles[mass.feature[mass.triangles[:, 0]] == 0].ravel()][:, 2].min()
    assert low == pytest.approx(115.0, abs=0.01)
