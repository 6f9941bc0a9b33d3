"""The wall in stone: as long as the course, on its ground, outside turned outward, closed at the gates."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely

from smap.sample.landmarks import gates
from smap.sample.rampart import HEIGHT_M, Stretch, stretches, wall_mesh, write_rampart
from smap.sample.write import City
from tests.sample.conftest import FACTS

LEVEL = np.array([[0.0, 0.0, 0.0], [0.0, 60.0, 0.0], [0.0, 120.0, 0.0]])
"""Northward, the city to the east."""


@pytest.fixture(scope="module")
def outlines(city: City) -> list[shapely.Polygon]:
    return [shapely.polygons(city.facts.plane.to_plane(*ring.T)) for ring in gates(FACTS)]


@pytest.fixture(scope="module")
def found(city: City, outlines: list[shapely.Polygon]) -> list[Stretch]:
    return list(stretches(city.course, city.facts.plane, city.ground, outlines))


def on_plane(city: City, stretch: Stretch) -> np.ndarray:
    at = city.facts.plane.to_plane(np.array([stretch.lon]), np.array([stretch.lat]))
    return np.asarray(at[0] + stretch.line[:, :2])


def flat_length(line: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(line[:, :2], axis=0), axis=1).sum())


def test_the_stretches_are_as_long_as_the_course_less_its_gates(
    city: City, found: list[Stretch], outlines: list[shapely.Polygon]
) -> None:
    loop = shapely.LineString(np.concatenate([s.xy for s in city.course.sections]))
    outside = shapely.difference(loop, shapely.union_all(outlines)).length
    assert sum(flat_length(s.line) for s in found) == pytest.approx(outside, rel=0.02)


def test_a_stretch_stands_today_where_the_course_is_not_lost(city: City, found: list[Stretch]) -> None:
    standing = shapely.union_all(city.course.lines(standing=True))
    for stretch in found:
        middle = on_plane(city, stretch)[len(stretch.line) // 2]
        assert (standing.distance(shapely.Point(middle)) < 8.0) == stretch.stands


def test_the_wall_keeps_to_the_ground_under_it(city: City, found: list[Stretch]) -> None:
    off = [city.ground.heights_at(on_plane(city, s)) - (s.height_m + s.line[:, 2]) for s in found]
    assert np.abs(np.concatenate(off)).max() < 2.5


def test_the_pieces_of_a_section_meet(city: City, found: list[Stretch]) -> None:
    gaps = [
        np.linalg.norm(on_plane(city, b)[0] - on_plane(city, a)[-1])
        for a, b in pairwise(found)
        if a.section is b.section
    ]
    assert np.median(gaps) < 0.1
    assert max(gaps) < 60.0


@pytest.mark.parametrize("detail", [0, 1, 2])
def test_the_outer_face_is_to_the_left_and_higher_than_the_walk(detail: int) -> None:
    mesh = wall_mesh(LEVEL, detail)
    assert mesh.positions[:, 2].max() == pytest.approx(HEIGHT_M)
    inner = mesh.positions[mesh.positions[:, 0] > 0.5]
    assert inner[:, 2].max() == pytest.approx(HEIGHT_M if detail == 2 else 4.7)


@pytest.mark.parametrize("detail", [0, 1, 2])
def test_every_face_looks_outward(detail: int) -> None:
    mesh = wall_mesh(LEVEL, detail)
    a, b, c = (mesh.positions[mesh.triangles[:, k]] for k in range(3))
    turned = np.cross(b - a, c - a)
    shaded = mesh.normals[mesh.triangles].sum(axis=1)
    assert ((turned * shaded).sum(axis=1) > 0.0).all()
    body = turned[:, 0] * (a[:, 0] + 0.05)  # about the middle of the wall's thickness
    steep = np.abs(turned[:, 0]) > 0.9 * np.linalg.norm(turned, axis=1)
    assert (body[steep & (np.abs(a[:, 0]) > 1.0) & (a[:, 0] < -1.5)] > 0.0).all()


def test_each_coarser_detail_has_at_most_two_fifths_of_the_triangles() -> None:
    counts = [len(wall_mesh(LEVEL, detail).triangles) for detail in range(3)]
    assert counts[1] <= 0.4 * counts[0]
    assert counts[2] <= 0.4 * counts[1]


def test_the_recipes_place_every_file_and_name_their_record(city: City, tmp_path: Path) -> None:
    paths = write_rampart(city.course, city.facts.plane, city.ground, gates(FACTS), tmp_path)
    recipes = [tomllib.loads(path.read_text(encoding="utf-8")) for path in paths]
    assert [r["tileset"].get("era") for r in recipes] == [None, "hanyang"]
    assert {r["tileset"]["depicts"] for r in recipes} == {"wall"}
    sources = [source for recipe in recipes for source in recipe["source"]]
    named = {tmp_path / path for s in sources for path in [s["path"], *s["coarser"]]}
    assert named == set(tmp_path.glob("wall/*.glb"))
    assert {s["properties"]["content"] for s in sources} == {
        f"wall/{s.record['id']}" for s in city.course.sections
    }
