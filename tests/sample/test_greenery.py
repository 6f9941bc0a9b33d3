"""What grows along Cheonggyecheon: on its banks, never in the water, the same in each level of detail."""

from __future__ import annotations

import numpy as np

from smap.sample.greenery import greenery

LINE = np.column_stack([np.linspace(0.0, 240.0, 41), np.zeros(41), np.zeros(41)])
HALF = np.full(41, 11.0)


def test_willows_and_reeds_stand_between_the_walk_and_the_water() -> None:
    mesh = greenery(LINE, HALF, 1, detail=0)
    low = mesh.positions[mesh.positions[:, 2] < -4.9]
    assert len(low)
    stones = np.abs(low[:, 1]) < 5.6
    assert (np.abs(low[~stones][:, 1]) < 8.2).all()  # the walk begins 2.8 m before the wall
    assert np.abs(mesh.positions[:, 1]).max() < 18.0


def test_the_trees_of_a_coarser_level_are_the_same_trees() -> None:
    fine, coarse = (greenery(LINE, HALF, 1, detail=d) for d in (0, 1))
    tops = np.unique(np.round(coarse.positions[coarse.positions[:, 2] > 5.0], 2), axis=0)
    near = np.abs(fine.positions[None] - tops[:, None]).max(axis=2).min(axis=1)
    assert len(tops) > 10
    assert np.median(near) < 0.02


def test_the_same_number_gives_the_same_bank_and_another_one_another() -> None:
    one, again, other = (greenery(LINE, HALF, n, detail=0).positions for n in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one[:500], other[:500])
