"""The mountains beyond the ground: as high as written, and without a step at the ground's edge."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from smap.sample.horizon import horizon_heights, horizon_mesh, read_crests, write_horizon
from smap.sample.write import City
from tests.sample.conftest import FACTS


@pytest.mark.parametrize(
    ("lon", "lat", "height_m"),
    [(126.9766, 37.6288, 714.0), (126.9779, 37.6587, 836.0), (126.9555, 37.6272, 560.0)],
)
def test_a_summit_is_as_high_as_published(city: City, lon: float, lat: float, height_m: float) -> None:
    """To the 50 m of a gully: what is seen 6 km off is a ridge, not a stone."""
    at = city.facts.plane.to_plane(np.array([lon]), np.array([lat]))[0]
    offsets = np.stack(np.meshgrid(np.arange(-150, 151, 25), np.arange(-150, 151, 25)), axis=-1)
    found = horizon_heights(at + offsets, city.facts, city.ground, read_crests(FACTS, city.facts.plane))
    assert found.max() == pytest.approx(height_m, abs=50.0)


def test_there_is_no_step_at_the_edge_of_the_ground(city: City) -> None:
    west, _, east, north = city.facts.extent()
    x = np.linspace(west, east, 200)
    crests = read_crests(FACTS, city.facts.plane)
    edge = np.column_stack([x, np.full(200, north)])
    beyond = horizon_heights(edge, city.facts, city.ground, crests)
    assert np.abs(beyond - city.ground.heights_at(edge - [0.0, 60.0])).max() < 1.0


def test_coarser_levels_shrink_and_the_recipe_places_all(city: City, tmp_path: Path) -> None:
    crests = read_crests(FACTS, city.facts.plane)
    counts = [len(horizon_mesh(city.facts, city.ground, crests, np.zeros(2), d).triangles) for d in range(3)]
    assert counts[1] < 0.4 * counts[0] < 0.4 * 13_000
    (path,) = write_horizon(FACTS, city.facts, city.ground, tmp_path)
    (source,) = tomllib.loads(path.read_text(encoding="utf-8"))["source"]
    assert {tmp_path / f for f in [source["path"], *source["coarser"]]} == set(tmp_path.glob("horizon/*.glb"))
