"""The mountains beyond the ground: as high as written, and without a step at the ground's edge."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from smap.sample.horizon import BASE_M, PLAIN_M, horizon_heights, horizon_meshes, read_crests, write_horizon
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


def test_pieces_meet_and_the_recipe_places_all(city: City, tmp_path: Path) -> None:
    pieces = list(horizon_meshes(city.facts, city.ground, read_crests(FACTS, city.facts.plane)))
    assert 12 < len(pieces) < 40
    corners = np.round(np.concatenate([m.positions + np.append(at, 0.0) for at, m in pieces]), 3)
    _, counts = np.unique(corners, axis=0, return_counts=True)
    assert (counts > 1).mean() > 0.1  # seams are shared to the millimetre
    assert max(len(m.triangles) for _, m in pieces) <= 500  # so that nobody thins them
    (path,) = write_horizon(FACTS, city.facts, city.ground, tmp_path)
    sources = tomllib.loads(path.read_text(encoding="utf-8"))["source"]
    assert {tmp_path / s["path"] for s in sources} == set(tmp_path.glob("horizon/*.glb"))


def test_no_plain_is_drawn_beyond_the_ground(city: City) -> None:
    """Its edge would be seen from above as the end of the world."""
    for _, mesh in horizon_meshes(city.facts, city.ground, read_crests(FACTS, city.facts.plane)):
        assert mesh.positions[mesh.triangles, 2].max(axis=1).min() > BASE_M + PLAIN_M
