"""Floors: they cover their outline once, follow the ground, and the drawn ground stays below them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from smap.sample.precinct import read_precincts
from smap.sample.precinct.facts import Floor
from smap.sample.precinct.floor import KERB, LAP_M, SKIRT_M, Sheet, floor_mesh, laid, sheets
from smap.sample.write import City
from smap.scene.solids import Floats
from tests.sample.conftest import FACTS


def slope(xy: Floats) -> Floats:
    return np.asarray(xy[:, 0] * 0.02)


def test_a_later_floor_takes_the_place_of_an_earlier_one() -> None:
    below = Sheet(shapely.box(0.0, 0.0, 40.0, 40.0), "paving", 0.3)
    bed = Sheet(shapely.box(10.0, 10.0, 20.0, 20.0), "grass", 0.4)
    seen = sheets([below, bed])
    assert [shapely.area(sheet.shape) for sheet in seen] == pytest.approx([1500.0, 100.0])


@pytest.mark.parametrize("detail", range(3))
def test_a_floor_covers_its_outline_and_follows_the_ground(detail: int) -> None:
    shape = shapely.Point(0.0, 0.0).buffer(50.0).difference(shapely.box(-5.0, -5.0, 5.0, 5.0))
    mesh = floor_mesh([Sheet(shape, "paving", 0.3)], slope, detail)
    a, b, c = (mesh.positions[mesh.triangles[:, k]] for k in range(3))
    cross = np.cross(b - a, c - a)
    up = cross[:, 2] > 1e-9
    assert cross[up, 2].sum() / 2 == pytest.approx(shape.buffer(LAP_M, join_style="mitre").area, rel=1e-5)
    assert (mesh.normals[mesh.triangles[up]][..., 2] > 0.9).all()
    tops = mesh.positions[mesh.triangles[up].ravel()]
    assert tops[:, 2] == pytest.approx(slope(tops) + 0.3)


def test_a_kerb_stands_where_paving_meets_a_lawn_and_not_between_two_pavings() -> None:
    halves = [Sheet(shapely.box(x, 0.0, x + 10.0, 10.0), "paving", 0.3) for x in (0.0, 10.0)]
    whole = Sheet(shapely.box(0.0, 0.0, 20.0, 10.0), "paving", 0.3)
    lawn = Sheet(halves[1].shape, "grass", 0.4)
    assert kerb_m(halves) == pytest.approx(kerb_m([whole])) == pytest.approx(60.0)
    assert kerb_m([halves[0], lawn]) == pytest.approx(80.0)


def kerb_m(layers: list[Sheet]) -> float:
    """How long the upright faces are, metres."""
    mesh = floor_mesh(layers, slope, 0)
    a, b, c = (mesh.positions[mesh.triangles[:, k]] for k in range(3))
    upright = np.abs(np.cross(b - a, c - a)[:, 2]) < 1e-9
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)[upright].sum() / 2
    return float(area / SKIRT_M)


def test_the_drawn_ground_lies_below_every_floor_but_where_a_landmark_is_seated(city: City) -> None:
    plane, lower = city.facts.plane, []
    for one in read_precincts(FACTS):
        for floor in one.floors:
            inner = shapely.buffer(one.shape_on(floor.outline, plane), -14.0)
            if not shapely.is_empty(inner):
                at = shapely.get_coordinates(shapely.point_on_surface(inner))
                lower.append(float((city.ground.heights_at(at) - city.drawn.heights_at(at))[0]))
    assert len(lower) > 10
    assert (
        np.median(lower) > 1.1
    )  # how far the drawn ground may miss the written one (tiles/sample/ground.toml)
    assert min(lower) >= 0.0
    assert (city.ground.heights >= city.drawn.heights).all()


def test_kerbstones_lie_about_a_road_and_bands_cross_a_court() -> None:
    court = Floor(
        "plaza", np.array([[0.0, 0.0], [20.0, 0.0], [20.0, 10.0], [0.0, 10.0]]), bands=(4.0, 0.0, 0.5)
    )
    road = Floor("road", np.array([[0.0, 10.0], [20.0, 10.0], [20.0, 16.0], [0.0, 16.0]]), kerb=0.5)
    seen = sheets([*laid(court), *laid(road)])
    area = {sheet.pigment: float(shapely.area(sheet.shape)) for sheet in seen}
    # bands over y = 0 (half of it), 4, 8; kerbs of half a metre around the road, with bevelled corners
    assert area["floorstone"] == pytest.approx(20 * (0.25 + 0.5 + 0.5))
    assert area["plaza"] == pytest.approx(20 * 9.5 - area["floorstone"])
    assert area["road"] == pytest.approx(120.0)
    assert area[KERB] == pytest.approx(2 * 0.5 * (20 + 6) + np.pi * 0.25, abs=0.1)
    assert {sheet.lift for sheet in seen} == {0.3}


def test_a_kerb_is_lit_as_what_lies_beside_it() -> None:
    """At night floodlights shine on what is upright: a kerb would be a bright hair across a dark square."""
    mesh = floor_mesh([Sheet(shapely.box(0.0, 0.0, 40.0, 40.0), "paving", 0.3)], slope, 1)
    assert (mesh.normals == [0.0, 0.0, 1.0]).all()


def test_no_gap_opens_between_two_sheets() -> None:
    halves = [Sheet(shapely.box(x, 0.0, x + 20.0, 40.0), "paving", 0.3) for x in (0.0, 20.0)]
    mesh = floor_mesh(halves, slope, 1)
    a, b, c = (mesh.positions[mesh.triangles[:, k], :2] for k in range(3))
    (px, py), (qx, qy) = (b - a).T, (c - a).T
    covered = np.abs(px * qy - py * qx).sum() / 2
    assert covered > 40.0 * (40.0 + 3.9 * LAP_M)
