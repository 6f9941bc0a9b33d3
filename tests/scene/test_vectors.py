"""Vectors of three, against numpy's own."""

from __future__ import annotations

import numpy as np
import pytest

from smap.scene.vectors import cross, lengths


@pytest.mark.parametrize("shape", [(3,), (0, 3), (7, 3), (2, 5, 3)])
def test_products_and_lengths_are_numpys(shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(11)
    one, other = random.normal(size=shape), random.normal(size=shape)
    assert np.array_equal(cross(one, other), np.cross(one, other))
    assert np.allclose(lengths(one), np.linalg.norm(one, axis=-1), rtol=1e-15)
