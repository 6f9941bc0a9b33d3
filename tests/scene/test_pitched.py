"""Buildings with pitched roofs among flat ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smap.formats.glb import GlbTile, decode_glb, encode_glb
from smap.geo.ellipsoid import east_north_up, from_ecef
from smap.scene.footprint import Footprints
from smap.scene.massing import Mass, raise_masses
from smap.scene.pitched import raise_roofed
from smap.scene.roof_pieces import SHAPES, Roofs
from tests.scene.roofs import edges_amiss, roofs_of, volume
from tests.scene.shapes import CITY_HALL, METRES, buildings, footprints_of, rectangle

FRAME = east_north_up(CITY_HALL[0], CITY_HALL[1], 50.0)


def raised(footprints: Footprints, roofs: Roofs | None, top: float = 70.0, bottom: float = 60.0) -> Mass:
    n = len(footprints)
    return raise_roofed(footprints, np.full(n, top), np.full(n, bottom), FRAME, roofs)


def a_row_of(*shapes: str) -> tuple[Footprints, Roofs]:
    footprints = footprints_of([[rectangle(40.0 * i, 0.0, 12.0, 7.0)] for i in range(len(shapes))])
    roofs = roofs_of(len(shapes), "flat", 3.0, facing=180.0)
    numbers = np.array([SHAPES.index(shape) for shape in shapes], np.uint8)
    return footprints, Roofs(numbers, np.where(numbers > 0, roofs.rise, 0.0), roofs.facing, roofs.across)


@given(buildings())
def test_where_all_are_flat_nothing_is_changed_at_all(footprints: Footprints) -> None:
    plain = raise_masses(footprints, np.full(len(footprints), 70.0), np.full(len(footprints), 60.0), FRAME)
    for roofs in (None, roofs_of(len(footprints), "flat", 0.0)):
        mass = raised(footprints, roofs)
        for one, other in zip(vars(mass).values(), vars(plain).values(), strict=True):
            assert np.array_equal(one, other)


def test_each_building_is_whole_looks_outward_and_has_the_volume_of_its_walls_and_roof() -> None:
    shapes = ("flat", "gabled", "hipped", "pyramidal", "skillion", "giwa")
    mass = raised(*a_row_of(*shapes))
    share = {"flat": 0.0, "gabled": 0.5, "hipped": (36.0 - 7.0) / 72.0, "pyramidal": 1 / 3, "skillion": 0.5}
    for number, shape in enumerate(shapes):
        mine = mass.triangles[mass.feature[mass.triangles[:, 0]] == number].astype(np.int64)
        assert edges_amiss(mass.positions, mine) == 0, shape
        if shape != "giwa":
            eaves = 10.0 if shape == "flat" else 7.0
            expected = 12.0 * 7.0 * (eaves + 3.0 * share[shape])
            assert volume(mass.positions, mine) == pytest.approx(expected, rel=0.005), shape


def test_normals_are_those_of_the_faces() -> None:
    mass = raised(*a_row_of("gabled", "giwa", "hipped"))
    a, b, c = (mass.positions[mass.triangles[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    for k in range(3):
        assert (normal * mass.normals[mass.triangles[:, k]]).sum(axis=1).min() > 0.999


LEVEL = st.sampled_from([shape for shape in SHAPES if shape != "skillion"])


@given(LEVEL, LEVEL, st.floats(0.0, 4.0))
def test_of_two_houses_that_touch_the_wall_between_is_there_once_at_most(
    one: str, other: str, higher: float
) -> None:
    footprints = footprints_of([[rectangle(0.0, 0.0, 10.0, 8.0)], [rectangle(10.0, 0.0, 7.0, 8.0)]])
    numbers = np.array([SHAPES.index(one), SHAPES.index(other)], np.uint8)
    alike = roofs_of(2, "flat", 2.0, facing=180.0)
    roofs = Roofs(numbers, np.where(numbers > 0, 2.0, 0.0), alike.facing, alike.across)
    mass = raise_roofed(footprints, np.array([70.0, 70.0 + higher]), np.full(2, 60.0), FRAME, roofs)
    corners = mass.positions[mass.triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    upright = np.abs(normal[:, 2]) < 1e-3 * np.linalg.norm(normal, axis=1)
    between = (np.abs(corners[..., 0] - 10.0) < 0.01).all(axis=1) & upright
    to_the_ground = corners[between][..., 2].min(axis=1) < 10.5
    assert to_the_ground.sum() <= 2


def test_every_corner_of_a_roofed_building_is_that_of_its_source_within_two_centimetres() -> None:
    random = np.random.default_rng(3)
    polygons = [
        [(x, y), (x + a, y), (x + a, y + 4.0), (x + 4.5, y + 4.0), (x + 4.5, y + b), (x, y + b)]
        for x, y, a, b in np.column_stack(
            [random.random((200, 2)) * 900.0, 8.0 + random.random((200, 2)) * 9.0]
        )
    ]
    footprints = footprints_of([[[ring]] for ring in polygons])
    mass = raised(footprints, roofs_of(200, "giwa", 1.8))
    tile = GlbTile(mass.positions, mass.triangles, FRAME, mass.normals)
    lon, lat, height = from_ecef(decode_glb(encode_glb(tile)).ecef())
    foot = np.abs(height - 60.0) < 0.02
    found = (np.stack([lon, lat], axis=-1)[foot] - CITY_HALL) * METRES
    source = (footprints.lonlat - CITY_HALL) * METRES
    apart = np.hypot(*(source[:, None] - found[None]).transpose(2, 0, 1)).min(axis=1)
    assert apart.max() < 0.02
    assert np.abs(height - 70.0).min() < 0.02
