"""Trees: where they may stand, and what a carved tree is made of."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from smap.sample.precinct.trees import FORMS, Trees, along_row, in_grove, trees_mesh
from smap.scene.deviation import deviation
from smap.scene.mesh import Mesh as SurfaceMesh

MEADOW = shapely.box(0.0, 0.0, 200.0, 150.0)


def planted(form: str, n: int = 3) -> Trees:
    feet = np.column_stack([10.0 * np.arange(n), np.zeros(n), np.full(n, 5.0)])
    return Trees(form, feet, np.linspace(8.0, 12.0, n), np.zeros(n), np.linspace(0.0, 1.0, n))


def test_trees_fill_an_area_about_as_densely_as_written() -> None:
    places = in_grove(MEADOW, 10.0, np.random.default_rng(1))
    assert len(places) == pytest.approx(MEADOW.area / (10.0**2 * np.sqrt(3) / 2), rel=0.08)
    assert shapely.contains_xy(MEADOW, places[:, 0], places[:, 1]).all()


def test_a_clearing_stays_free() -> None:
    clearing = shapely.Point(100.0, 75.0).buffer(30.0)
    places = in_grove(MEADOW.difference(clearing), 8.0, np.random.default_rng(1))
    assert np.hypot(*(places - [100.0, 75.0]).T).min() >= 29.8


def test_a_row_leaves_out_what_is_closed() -> None:
    line = np.array([[0.0, 0.0], [100.0, 0.0]])
    places = along_row(line, 10.0, shapely.box(30.0, -5.0, 60.0, 5.0))
    assert places[:, 0].tolist() == pytest.approx([5.0, 15.0, 25.0, 65.0, 75.0, 85.0, 95.0])


@pytest.mark.parametrize("apart", [10.0, 27.0])
def test_from_afar_one_tree_of_three_neighbours_stands_for_all(apart: float) -> None:
    """No gap opens where trees are left out: also in an odd narrow strip one is near that stands for them."""
    strip = shapely.box(0.0, 0.0, 30.0, 150.0)
    xy = in_grove(strip, apart, np.random.default_rng(3))
    n = len(xy)
    wood = Trees("broad", np.column_stack([xy, np.zeros(n)]), np.full(n, 9.0), np.zeros(n), np.zeros(n))
    few = trees_mesh([wood], 3).positions
    tops = few[few[:, 2] == few[:, 2].max()][:, :2]
    assert len(tops) == pytest.approx(n / 3, abs=1)
    far = np.linalg.norm(xy[:, None] - tops, axis=2).min(axis=1)
    assert far.max() < 2.0 * apart


@pytest.mark.parametrize("form", FORMS)
def test_a_tree_is_as_high_as_written_and_stands_in_the_ground(form: str) -> None:
    trees = planted(form)
    for detail in range(3):
        mesh = trees_mesh([trees], detail)
        top = mesh.positions[:, 2].max()
        assert top == pytest.approx(17.0, abs=1e-6)
        a, b, c = (mesh.positions[mesh.triangles[:, k]] for k in range(3))
        along = np.cross(b - a, c - a)
        outward = np.einsum("nk,nk->n", along, mesh.normals[mesh.triangles].mean(axis=1))
        assert (outward > 0).mean() > 0.97
    if FORMS[form].trunk[0]:
        assert trees_mesh([trees], 0).positions[:, 2].min() == pytest.approx(5.0 - 1.4)


@pytest.mark.parametrize("form", FORMS)
def test_the_coarse_tree_has_two_fifths_of_the_triangles_and_lies_close_to_the_fine_one(form: str) -> None:
    fine, coarse = (trees_mesh([planted(form)], detail) for detail in (0, 2))
    assert len(coarse.triangles) <= 0.42 * len(fine.triangles)
    assert len(fine.triangles) <= 3 * 30  # a wood of a thousand trees is some ten thousand triangles
    own, other = (
        SurfaceMesh(
            m.positions,
            m.triangles.astype(np.uint32),
            m.normals.astype(np.float32),
            np.full((len(m.positions), 4), 255, np.uint8),
        )
        for m in (fine, coarse)
    )
    assert deviation(own, other) < (0.32 if form == "shrub" else 0.2) * 12.0  # shrubs are low


def test_who_has_no_neighbour_is_seen_from_afar() -> None:
    """Three trees 100 m from each other are no wood."""
    feet = np.array([[0.0, 0.0, 0.0], [100.0, 0.0, 0.0], [0.0, 100.0, 0.0], [3.0, 0.0, 0.0], [3.0, 3.0, 0.0]])
    n = len(feet)
    few = trees_mesh([Trees("broad", feet, np.full(n, 9.0), np.zeros(n), np.zeros(n))], 3).positions
    tops = few[few[:, 2] == few[:, 2].max()][:, :2]
    assert np.linalg.norm(feet[1:3, None, :2] - tops, axis=2).min(axis=1).max() < 1.0
