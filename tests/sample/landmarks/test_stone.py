"""Stone: level courses about arches, merlons that are closed solids."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from smap.sample.landmarks.stone import DEPTH_M, arched_base, courses
from smap.scene.pigments import pigment
from smap.scene.solids import Floats, Mesh
from smap.scene.wall import STONES, battlement

ARCHES = ((-9.4, 4.2, 5.2), (0.0, 5.4, 6.0), (9.4, 4.2, 5.2))
WIDE, DEEP, HIGH = 31.2, 12.8, 7.0


def _corners(mesh: Mesh) -> Floats:
    return mesh.positions[mesh.triangles]


def _front(mesh: Mesh) -> Mesh:
    """The triangles of the front face, without the ring of wedge stones before it."""
    at = _corners(mesh)
    flat = np.abs(at[..., 1] + DEEP / 2).max(axis=1) < 1e-6
    return Mesh(mesh.positions, mesh.normals, mesh.colors, mesh.triangles[flat])


@pytest.fixture(scope="module")
def front() -> Mesh:
    return _front(arched_base((WIDE, DEEP), HIGH, ARCHES, 0, batter=0.0))


def test_a_pierced_face_covers_its_wall_but_for_the_openings(front: Mesh) -> None:
    a, b, c = np.moveaxis(_corners(front), 1, 0)
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2
    open_m2 = sum(w * (DEPTH_M + h - w / 2) + np.pi * w * w / 8 for _, w, h in ARCHES)
    # the bows are drawn with 12 chords, each a little inside the half circle
    assert area == pytest.approx(WIDE * (HIGH + DEPTH_M) - open_m2, rel=0.005)


def test_a_stone_that_differs_is_a_level_rectangle_and_never_follows_an_arch(front: Mesh) -> None:
    """What of a face follows the bow is of its course's ordinary stone."""
    joints = courses(HIGH, 0)
    odd = (pigment(*STONES["granite"][2:])[:, None] == front.colors[front.triangles[:, 0]]).all(axis=2).any(0)
    at = _corners(front)
    assert 0.03 < odd.mean() < 0.3
    upright = np.sort(at[odd][..., 0], axis=1)
    assert (np.minimum(upright[:, 1] - upright[:, 0], upright[:, 2] - upright[:, 1]) < 1e-9).all()
    assert np.abs(at[odd][..., 2][:, :, None] - joints).min(axis=2).max() < 1e-9


@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_every_merlon_is_closed_but_at_its_foot(ridge: float) -> None:
    bow = np.radians(np.linspace(180.0, 338.0, 25))
    line = np.column_stack([20 * np.cos(bow), 20 * np.sin(bow), np.linspace(0.0, 3.0, 25)])[::-1]
    mesh = battlement(line, z=(0.0, 1.2), length=(3.3, 0.35), edge=(0.1, 0.85), ridge=ridge)
    _, place = np.unique(np.round(mesh.positions, 6), axis=0, return_inverse=True)
    directed = Counter(
        (int(place[t[i]]), int(place[t[(i + 1) % 3]])) for t in mesh.triangles for i in range(3)
    )
    single = {edge for edge, times in directed.items() if directed[edge[::-1]] != times}
    merlons = round(float(np.linalg.norm(np.diff(line[:, :2], axis=0), axis=1).sum()) / 3.65)
    assert len(single) == 4 * merlons
    assert max(directed.values()) == 1


def test_a_merlon_of_a_gate_has_three_loopholes_in_its_outer_face() -> None:
    line = np.array([[10.0, 0.0, 5.0], [0.0, 0.0, 5.0]])
    mesh = battlement(line, z=(0.0, 1.2), length=(4.6, 0.4), edge=(0.1, 0.8), loopholes=True)
    holes = (mesh.colors == pigment("shade")).all(axis=1)
    assert holes.sum() == 2 * 3 * 4
    assert (mesh.positions[holes, 1] < 0.1).all()  # before the outer face, whose front looks to −y
    assert (mesh.normals[holes] @ [0.0, -1.0, 0.0] > 0.99).all()
