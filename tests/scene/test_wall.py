"""The City Wall as a mesh: as high and wide as it says, stones by period, battlements with openings."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from smap.scene.pigments import pigment
from smap.scene.solids import Mesh
from smap.scene.wall import GAP_M, MASONRY, PARAPET_M, STONES, WallForm, evened, resampled, wall_mesh

LINE = np.column_stack([np.zeros(41), np.linspace(0.0, 160.0, 41), np.linspace(0.0, 16.0, 41)])
"""To the north, climbing by a tenth: the city lies to the east."""


def colours(mesh: Mesh) -> set[tuple[int, ...]]:
    return {tuple(row) for row in mesh.colors.tolist()}


def areas(mesh: Mesh) -> NDArray[np.float64]:
    """Area vectors of the triangles, (m, 3)."""
    a, b, c = (mesh.positions[mesh.triangles[:, at]] for at in range(3))
    return np.asarray(np.cross(b - a, c - a) / 2)


@pytest.mark.parametrize("detail", [0, 1, 2])
def test_it_is_as_wide_and_as_high_above_the_ground_as_its_form_says(detail: int) -> None:
    mesh = wall_mesh(LINE, WallForm(height_m=5.0, width_m=4.0), detail)
    along = mesh.positions[:, 1]
    above = mesh.positions[:, 2] - 0.1 * along
    assert above.max() == pytest.approx(5.0 + PARAPET_M, abs=0.25)
    edge = mesh.positions[np.abs(above - 5.0) < 0.01, 0]
    assert np.ptp(edge) == pytest.approx(4.0, abs=0.02)
    assert (along.min(), along.max()) == pytest.approx((0.0, 160.0), abs=0.3)


@pytest.mark.parametrize("detail", [0, 1, 2])
def test_every_face_looks_outward(detail: int) -> None:
    """What a closed body shows to the east and upward is its length by its height and by its foot's width."""
    mesh = wall_mesh(LINE, WallForm(height_m=5.0, width_m=4.0), detail)
    faces = areas(mesh)
    middle = mesh.positions[mesh.triangles].mean(axis=1)
    east, west = (faces[side, 0].sum() for side in (middle[:, 0] > 1.9, middle[:, 0] < -1.9))
    high = 10.0
    assert east == pytest.approx(160.0 * high)
    assert west == pytest.approx(-160.0 * high - 160.0 * PARAPET_M, rel=0.05)
    open_below = 160.0 * 0.8  # the parapet stands on the walk
    assert faces[:, 2].sum() == pytest.approx(160.0 * (4.0 + 0.12 * high) + open_below, rel=0.03)


def test_each_period_has_stones_and_courses_of_its_own() -> None:
    seen = {}
    for period in ("taejo", "sejong", "sukjong", "sunjo"):
        mesh = wall_mesh(LINE, WallForm(masonry=period), 0)
        own = {tuple(pigment(name)[0].tolist()) for name in STONES[MASONRY[period].stones]}
        assert own <= colours(mesh), period
        front = np.abs(mesh.positions[:, 1] - 80.0) < 2.1
        seen[period] = (frozenset(own), len(np.unique(mesh.positions[front, 2].round(2))))
    assert len(set(seen.values())) == 4
    assert seen["taejo"][1] > seen["sunjo"][1]


def test_merlons_leave_gaps_and_have_loopholes_on_the_outer_edge_alone() -> None:
    mesh = wall_mesh(LINE, WallForm(height_m=5.0, width_m=4.0), 0)
    dark = (mesh.colors == pigment("shade")[0]).all(axis=1)
    assert dark.any()
    assert (mesh.positions[dark, 0] < -1.9).all()
    above = mesh.positions[:, 2] - 0.1 * mesh.positions[:, 1] > 5.5
    places = np.sort(np.unique(mesh.positions[above & ~dark, 1].round(2)))
    assert (np.diff(places) > 3.0).sum() == pytest.approx(160.0 / 4.2, abs=2)


@pytest.mark.parametrize(("detail", "gaps"), [(0, 160.0 / 4.2), (1, 160.0 / 4.2), (2, 0.0)])
def test_from_the_middle_distance_too_the_battlement_has_its_gaps(detail: int, gaps: float) -> None:
    """Along the outer edge, half a metre over the walk: how often the stone leaves off."""
    mesh = wall_mesh(LINE, WallForm(height_m=5.0, width_m=4.0), detail)
    facing = areas(mesh)[:, 0] < -1e-6
    middle = mesh.positions[mesh.triangles[facing]]
    above = middle[..., 2] - 0.1 * middle[..., 1]
    over = middle[(above.max(axis=1) > 5.5) & (np.ptp(middle[..., 1], axis=1) > 3.0)]
    spans = np.unique(np.stack([over[..., 1].min(axis=1), over[..., 1].max(axis=1)], axis=1).round(2), axis=0)
    assert (spans[1:, 0] - spans[:-1, 1] > GAP_M - 0.1).sum() == pytest.approx(gaps, abs=2)


def test_a_ghost_is_a_plain_body_of_one_stone() -> None:
    for detail in range(3):
        mesh = wall_mesh(LINE, WallForm(height_m=5.0, ghost=True), detail)
        assert len(colours(mesh)) == 1
        assert (mesh.positions[:, 2] - 0.1 * mesh.positions[:, 1]).max() < 5.01


@pytest.mark.parametrize("joined", [(False, False), (True, False), (True, True)])
def test_a_ghost_has_an_end_only_where_the_wall_does_not_go_on(joined: tuple[bool, bool]) -> None:
    """By what its faces show to each side: an end shows the section of the body, 10 m high from its foot."""
    section = 10.0 * (4.0 + 0.6)
    for detail in range(3):
        faces = areas(wall_mesh(LINE, WallForm(height_m=5.0, width_m=4.0, ghost=True, joined=joined), detail))
        for side, goes_on in zip((-1.0, 1.0), joined, strict=True):
            ends = faces[
                (side * faces[:, 1] > 1.0) & (np.abs(faces[:, 0]) < 1e-6) & (np.abs(faces[:, 2]) < 1.0)
            ]
            assert side * ends[:, 1].sum() == pytest.approx(0.0 if goes_on else section)
        assert faces[:, 2].sum() == pytest.approx(160.0 * (4.0 + 2 * 0.6), rel=0.01)
        assert faces[faces[:, 0] > 0, 0].sum() == pytest.approx(1600.0, rel=0.01)


def test_a_coarser_level_has_fewer_triangles() -> None:
    counts = [len(wall_mesh(LINE, WallForm(), detail).triangles) for detail in range(3)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 8 * counts[2]


def test_points_lie_at_even_distances_and_ends_stay() -> None:
    points = resampled(LINE, 7.0)
    apart = np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1)
    assert apart == pytest.approx(apart[0])
    assert apart[0] <= 7.0
    assert (points[[0, -1]] == LINE[[0, -1]]).all()


def test_hummocks_are_evened_out_and_ends_stay() -> None:
    bumpy = LINE.copy()
    bumpy[20, 2] += 3.0
    even = evened(bumpy)
    assert (even[[0, -1]] == bumpy[[0, -1]]).all()
    assert even[20, 2] < LINE[20, 2] + 1.5
