"""Palace walls: around the courts, through their gates, on the ground."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
import shapely

from smap.sample.enclosure import BENDS_M, Enclosure, _bent, enclosure_mesh, enclosures, write_enclosures
from smap.sample.landmarks import FACTS, read_landmarks
from smap.sample.landmarks.facts import Landmark, outline
from smap.sample.write import City
from tests.sample.conftest import FACTS as SAMPLE


@pytest.fixture(scope="module")
def landmarks() -> list[Landmark]:
    return read_landmarks(SAMPLE / FACTS)


@pytest.fixture(scope="module")
def found(city: City, landmarks: list[Landmark]) -> list[Enclosure]:
    return list(enclosures(city.facts.courts, landmarks, city.facts.plane, city.ground))


def lines_of(city: City, one: Enclosure) -> shapely.MultiLineString:
    at = city.facts.plane.to_plane(np.array([one.lon]), np.array([one.lat]))[0]
    return shapely.MultiLineString([run[:, :2] + at for run in one.runs])


def test_four_palaces_and_jongmyo_have_their_walls(found: list[Enclosure]) -> None:
    names = " ".join(one.name for one in found)
    assert all(name in names for name in ("경복궁", "창덕궁", "창경궁", "덕수궁", "종묘"))


@pytest.mark.parametrize("gate", ["gwanghwamun", "donhwamun", "honghwamun", "daehanmun"])
def test_a_wall_comes_up_to_both_sides_of_its_gate_and_leaves_it_open(
    city: City, landmarks: list[Landmark], found: list[Enclosure], gate: str
) -> None:
    plane = city.facts.plane
    landmark = next(one for one in landmarks if one.id == gate)
    ground = shapely.polygons(plane.to_plane(*outline(landmark).T))
    walls = shapely.union_all([lines_of(city, one) for one in found])
    assert walls.distance(ground) < 1.0
    assert not walls.intersects(shapely.buffer(ground, -1.0))
    ends = shapely.get_parts(shapely.intersection(walls, shapely.buffer(ground, 3.0)))
    assert len(ends) >= 2


def test_the_wall_of_gyeongbokgung_is_as_long_as_its_outline(city: City, found: list[Enclosure]) -> None:
    court = next(c for c in city.facts.courts if c.name.startswith("경복궁 Gyeongbokgung"))
    wall = next(one for one in found if one.name == court.name)
    around = shapely.LinearRing(court.outline).length
    assert lines_of(city, wall).length == pytest.approx(around, rel=0.05)


def test_walls_stand_on_the_ground(city: City, found: list[Enclosure]) -> None:
    for one in found:
        at = city.facts.plane.to_plane(np.array([one.lon]), np.array([one.lat]))[0]
        for run in one.runs:
            ground = city.ground.heights_at(run[:, :2] + at)
            assert np.abs(ground - one.height_m - run[:, 2]).max() < 0.05


def test_each_coarser_detail_has_at_most_two_fifths_of_the_triangles(found: list[Enclosure]) -> None:
    for one in found:
        counts = [len(enclosure_mesh(one, detail).triangles) for detail in range(3)]
        assert counts[1] <= 0.4 * counts[0] + 32
        assert counts[2] <= 0.4 * counts[1] + 32


def test_the_recipe_places_every_file(city: City, landmarks: list[Landmark], tmp_path: Path) -> None:
    facts = city.facts
    (path,) = write_enclosures(facts.courts, landmarks, facts.plane, city.ground, tmp_path)
    sources = tomllib.loads(path.read_text(encoding="utf-8"))["source"]
    named = {tmp_path / file for s in sources for file in [s["path"], *s["coarser"]]}
    assert named == set(tmp_path.glob("enclosures/*.glb"))


@pytest.mark.parametrize("detail", range(3))
def test_points_are_left_out_only_where_the_foot_stays_by_the_ground(
    found: list[Enclosure], detail: int
) -> None:
    for run in (run for one in found for run in one.runs):
        kept = _bent(run, BENDS_M[detail])
        way, at = (np.linalg.norm(line[:, :2] - run[0, :2], axis=1) for line in (run, kept))
        assert (at[0], at[-1]) == (way[0], way[-1])
        assert np.abs(np.interp(way, at, kept[:, 2]) - run[:, 2]).max() <= 1.05 * BENDS_M[detail]
