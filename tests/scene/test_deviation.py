"""How far two surfaces lie apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smap.scene.deviation import deviation
from smap.scene.mesh import Mesh, placed, thinned
from tests.scene.test_mesh import ball, slab


def moved(mesh: Mesh, by: tuple[float, float, float]) -> Mesh:
    return Mesh(mesh.positions + np.array(by), mesh.triangles, mesh.normals, mesh.colors)


def test_a_surface_does_not_deviate_from_itself() -> None:
    assert deviation(slab(20.0, 8.0), slab(20.0, 8.0)) == pytest.approx(0.0, abs=1e-9)
    assert (
        deviation(ball(20), ball(20)) < 0.15
    )  # thin triangles about the poles: the next ones stand for them


@pytest.mark.parametrize("lift", [0.02, 1.0, 30.0])
def test_a_lifted_surface_deviates_by_its_lift(lift: float) -> None:
    assert deviation(slab(20.0, 8.0), moved(slab(20.0, 8.0), (0.0, 0.0, lift))) == pytest.approx(lift)


def test_what_one_lacks_counts_like_what_it_has_too_many() -> None:
    whole, part = slab(20.0, 8.0), slab(15.0, 8.0)
    assert deviation(whole, part) == deviation(part, whole) == pytest.approx(5.0)


def test_a_larger_ball_deviates_by_the_difference_of_the_radii() -> None:
    assert deviation(ball(40), placed(ball(40), heading=0.0, scale=1.2)) == pytest.approx(2.0, abs=0.05)


@settings(max_examples=20)
@given(st.integers(0, 1000), st.integers(50, 800))
def test_no_random_point_lies_farther_off_than_measured(seed: int, most: int) -> None:
    """A witness by brute force: points of one surface against dense points of the other."""
    whole = ball(14)
    thin = thinned(whole, most)
    measured = deviation(whole, thin)
    random = np.random.default_rng(seed)
    spots, other = _strewn(whole, 300, random), _strewn(thin, 6000, random)
    nearest = np.linalg.norm(spots[:, None] - other[None], axis=2).min(axis=1)
    spacing = 4.0 * np.sqrt(4.0 * np.pi * 100.0 / 6000)
    assert nearest.max() <= measured + spacing


def _strewn(
    mesh: Mesh, count: int, random: np.random.Generator
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    faces = mesh.positions[mesh.triangles]
    area = np.linalg.norm(np.cross(faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0]), axis=1)
    chosen = faces[random.choice(len(faces), count, p=area / area.sum())]
    share = random.dirichlet([1.0, 1.0, 1.0], count)
    return np.asarray((share[:, :, None] * chosen).sum(axis=1))


def test_a_narrow_mast_is_found_beside_a_broad_square() -> None:
    """The square draws nearly all points to itself: those of a mast are few and far between."""
    whole, cut = square_with_mast(1), square_with_mast(60)
    assert deviation(whole, cut) < 0.02


def square_with_mast(pieces: int) -> Mesh:
    """100 x 100 m, and upright over a corner a mast of 60 m by 2 cm in so many pieces."""
    up = np.linspace(0.0, 60.0, pieces + 1)
    mast = np.array([[x, 0.0, z] for z in up for x in (0.0, 0.02)])
    square = np.array([[0.0, 0.0, 0.0], [100.0, 0.0, 0.0], [100.0, 100.0, 0.0], [0.0, 100.0, 0.0]])
    low = 2 * np.arange(pieces)[:, None] + 4
    triangles = np.concatenate([[[0, 1, 2], [0, 2, 3]], low + np.array([0, 1, 3]), low + np.array([0, 3, 2])])
    positions = np.concatenate([square, mast])
    return Mesh(positions, triangles, np.zeros_like(positions), np.zeros((len(positions), 4), np.uint8))
