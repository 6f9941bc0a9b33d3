"""Shade in the depth of models: dark where a roof or a vault lies over it, untouched in the open."""

from __future__ import annotations

import numpy as np

from smap.sample.landmarks.occlusion import shaded
from smap.sample.landmarks.stone import arched_base
from smap.scene.pigments import pigment
from smap.scene.solids import Mesh, box, grid, join


def light(mesh: Mesh, dark: Mesh) -> np.ndarray:
    """What is left of each corner's colour."""
    return np.asarray(dark.colors.sum(1) / mesh.colors.sum(1))


def floor(wide: float) -> Mesh:
    """A level sheet of cells of a metre, which looks up."""
    along = np.arange(-wide, wide + 0.5)
    return grid(np.stack([*np.meshgrid(along, along), np.zeros((len(along),) * 2)], -1), pigment("granite"))


def test_a_court_under_the_open_sky_keeps_its_colour() -> None:
    court = floor(10.0)
    assert (shaded(court).colors == court.colors).all()


def test_it_is_darker_under_a_roof_the_farther_from_its_edge() -> None:
    hall = join([floor(10.0), box("giwa", (-6.0, 6.0), (-6.0, 6.0), (4.0, 4.5), bottom=True)])
    left = light(hall, shaded(hall))
    away = np.abs(hall.positions[:, :2]).max(1)
    on_floor = hall.positions[:, 2] == 0.0
    middle, edge, outside = (
        left[on_floor & (away >= low) & (away < high)].mean() for low, high in ((0, 2), (5, 6), (9, 10))
    )
    assert middle < 0.6 < edge < outside


def test_the_middle_of_a_passage_is_darker_than_its_mouths() -> None:
    base = arched_base((20.0, 12.0), 7.0, ((0.0, 5.0, 5.0),), 0)
    left = light(base, shaded(base))
    inside = (np.abs(base.positions[:, 0]) < 2.6) & (np.abs(base.positions[:, 2] - 0.05) < 0.01)
    depth = np.abs(base.positions[:, 1])
    assert left[inside & (depth < 3.0)].max() < left[inside & (depth > 5.0)].min()


def test_a_wall_darkens_toward_its_foot_and_the_same_mesh_gives_the_same_shade() -> None:
    wall = arched_base((20.0, 4.0), 6.0, (), 0, batter=0.0)
    once, again = shaded(wall), shaded(wall)
    assert (once.colors == again.colors).all()
    front = wall.normals[:, 1] < -0.9
    left = light(wall, once)
    foot, top = (
        left[front & at].mean() for at in (np.abs(wall.positions[:, 2]) < 0.1, wall.positions[:, 2] > 3.0)
    )
    assert foot < 0.8 < 0.95 < top


def test_only_what_is_asked_to_have_doors_has_them() -> None:
    size, arch = (20.0, 12.0), ((0.0, 5.0, 5.0),)
    bare, doored = (arched_base(size, 7.0, arch, 0, doors=doors) for doors in (False, True))
    red = pigment("seokganju")[0]
    assert not (bare.colors == red).all(1).any()
    leaves = doored.positions[(doored.colors == red).all(1)]
    assert np.abs(leaves[:, 0]).max() < 2.5
    assert leaves[:, 2].max() < 5.0
