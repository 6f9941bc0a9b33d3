"""Halls: their eaves close to the wall, and from afar they still have columns."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from smap.sample.landmarks.facts import Landmark, read_landmarks
from smap.sample.landmarks.forms import build
from smap.sample.landmarks.timber import Storey, storey_mesh
from smap.scene.deviation import deviation
from smap.scene.mesh import Mesh as SurfaceMesh
from smap.scene.pigments import pigment
from smap.scene.solids import Floats, Mesh
from tests.conftest import ROOT

LANDMARKS = read_landmarks(ROOT / "tiles" / "sample" / "landmarks.toml")
GATES = [one for one in LANDMARKS if one.form == "gate" and "overhang" in one.body]


@pytest.mark.parametrize("gate", GATES, ids=lambda one: one.id)
def test_who_looks_up_under_the_eaves_sees_rafters_and_no_sky(gate: Landmark) -> None:
    """Straight up beside a wall, between it and the eave, there is an underside."""
    mesh = build(gate, 0)
    w, d = gate.size_m
    a, b, c = np.moveaxis(mesh.positions[mesh.triangles], 1, 0)
    down = np.cross(b - a, c - a)[:, 2] < -1e-9
    for out in (0.2, 0.5, 0.75, 1.2):
        for x in np.linspace(-0.4, 0.4, 9) * w:
            assert _over(a, b, c, down, np.array([x, -d / 2 - out])), (x, out)


def test_columns_of_a_corridor_stay_where_they_are_from_near_to_middling() -> None:
    """Else a column that is somewhere else counts as one that is missing, and the level comes late."""
    (court,) = (one for one in LANDMARKS if one.id == "geunjeongjeon-corridors")
    near, middling = (_surface(build(court, detail)) for detail in (0, 1))
    assert deviation(near, middling) < 1.0


def _surface(mesh: Mesh) -> SurfaceMesh:
    opaque = np.full((len(mesh.colors), 1), 255, np.uint8)
    colors = np.hstack([mesh.colors, opaque])
    normals = mesh.normals.astype(np.float32)
    return SurfaceMesh(mesh.positions, mesh.triangles.astype(np.uint32), normals, colors)


def _over(a: Floats, b: Floats, c: Floats, down: NDArray[np.bool_], at: Floats) -> bool:
    """Whether the highest face over a point that looks down is crossed there."""
    sides = [_turn(p, q, at) for p, q in ((a, b), (b, c), (c, a))]
    inside = np.all([side <= 1e-9 for side in sides], axis=0)
    high = np.minimum(np.minimum(a[:, 2], b[:, 2]), c[:, 2]) > 8.0
    return bool((inside & down & high).any())


def _turn(p: Floats, q: Floats, at: Floats) -> Floats:
    return np.asarray((q[:, 0] - p[:, 0]) * (at[1] - p[:, 1]) - (q[:, 1] - p[:, 1]) * (at[0] - p[:, 0]))


def test_from_afar_a_hall_has_a_column_at_every_bay() -> None:
    hall = Storey((25.8, 12.4), (10, 4), 0.0, 3.9, 4.5, 5.3, ("doors", "doors"))
    mesh = storey_mesh(hall, 2)
    red = (mesh.colors == pigment("seokganju")).all(axis=1)
    front = red & (np.abs(mesh.positions[:, 1] + 6.2) < 1e-9) & (mesh.normals[:, 1] < -0.9)
    assert front.sum() == 4 * 11
    assert (mesh.positions[~red, 1].min(), mesh.positions[~red, 1].max()) == pytest.approx((-6.2, 6.2))
