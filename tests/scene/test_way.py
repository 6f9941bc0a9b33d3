"""Ways: ribbons that lie on the ground at both edges, stairs of as many steps as the source says."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from smap.scene.way import LIFT_M, SKIRT_M, WayForm, way_mesh

LINE = np.array([[0.0, 0.0], [0.0, 30.0]])


def slope(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ground that rises to the north, and to the east more."""
    return np.asarray(0.2 * xy[:, 1] + 0.5 * xy[:, 0])


@pytest.mark.parametrize("detail", [0, 1, 2])
def test_a_ribbon_lies_on_the_ground_at_both_edges(detail: int) -> None:
    mesh = way_mesh(LINE, slope, WayForm(width_m=3.0), detail)
    up = mesh.normals[:, 2] > 0.5
    lift = mesh.positions[up, 2] - slope(mesh.positions[up, :2])
    assert lift == pytest.approx(LIFT_M, abs=1e-6)
    assert np.ptp(mesh.positions[:, 0]) == pytest.approx(3.0)


def test_its_sides_go_into_the_ground_and_look_outward() -> None:
    mesh = way_mesh(LINE, slope, WayForm(width_m=3.0), 0)
    sides = np.abs(mesh.normals[:, 2]) < 0.5
    assert (np.sign(mesh.normals[sides, 0]) == np.sign(mesh.positions[sides, 0])).all()
    depth = slope(mesh.positions[sides, :2]) - mesh.positions[sides, 2]
    assert depth.max() == pytest.approx(SKIRT_M - LIFT_M)


@pytest.mark.parametrize("climb", [0.2, -0.2])
def test_stairs_have_as_many_level_treads_as_the_source_says(climb: float) -> None:
    def ground(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(climb * xy[:, 1])

    mesh = way_mesh(LINE, ground, WayForm(width_m=2.0, steps=24), 0)
    corners = mesh.normals[mesh.triangles]
    level = (corners[:, :, 2] > 0.999).all(axis=1)
    heights = np.unique(mesh.positions[mesh.triangles[level]][:, :, 2].round(6))
    assert len(heights) == 24
    assert np.diff(heights) == pytest.approx(np.full(23, 0.25))
    risers = np.abs(mesh.normals[:, 1]) > 0.9
    assert (np.sign(mesh.normals[risers, 1]) == -np.sign(climb)).all()


def test_without_known_steps_a_steep_way_stays_a_ribbon() -> None:
    mesh = way_mesh(LINE, slope, WayForm(), 0)
    assert not (mesh.normals[:, 2] > 0.9999).any()
