"""Pitched roofs: their volumes, and that they are whole."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smap.scene.measure import areas, local_plane
from smap.scene.roof_pieces import OVERHANG_M, PARAPET, SHAPES
from smap.scene.roof_shell import Shell, raise_shells, shell_volumes
from tests.scene.roofs import DEPTH_M, edges_amiss, roofs_of, shells, solid, volume
from tests.scene.shapes import Polygon, footprints_of, polygons, rectangle

PITCHED = SHAPES[1:]
RISE = 2.0


def turned(polygon: Polygon, degrees: float) -> Polygon:
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [[(x * cos - y * sin, x * sin + y * cos) for x, y in ring] for ring in polygon]


def ell(a: float, b: float, p: float, q: float) -> Polygon:
    """An L: a wing a long and p wide, another b long (its corner counted in) and q wide."""
    return [[(0.0, 0.0), (a, 0.0), (a, p), (q, p), (q, b), (0.0, b)]]


def horseshoe(a: float, b: float, c: float, p: float, q: float, r: float) -> Polygon:
    """A U about a court: a wing a long and p wide, to its left one q wide, to its right one r wide."""
    return [[(0, 0), (a, 0), (a, c), (a - r, c), (a - r, p), (q, p), (q, b), (0, b)]]


TEE: Polygon = [[(0, 0), (14, 0), (14, 5), (9, 5), (9, 11), (5, 11), (5, 5), (0, 5)]]
ZED: Polygon = [[(0, 0), (6, 0), (6, 4), (15, 4), (15, 14), (9, 14), (9, 9), (0, 9)]]
EN: Polygon = [[(0, 0), (9, 0), (9, 7), (15, 7), (15, 12), (5, 12), (5, 6), (0, 6)]]


@st.composite
def winged(draw: st.DrawFn) -> Polygon:
    """A rectangle, an L or a U of right angles, turned anyhow."""
    p, q, r = (draw(st.floats(3.0, 8.0)) for _ in range(3))
    a = q + r + draw(st.floats(2.0, 15.0))
    b, c = (p + draw(st.floats(1.0, 12.0)) for _ in range(2))
    shape = draw(st.sampled_from(["rectangle", "ell", "horseshoe"]))
    whole = {
        "rectangle": rectangle(0.0, 0.0, a, p),
        "ell": ell(a, b, p, q),
        "horseshoe": horseshoe(a, b, c, p, q, r),
    }
    return turned(whole[shape], draw(st.floats(0.0, 360.0)))


def expected(shape: str, length: float, width: float) -> float:
    """m³ under a roof of RISE over a rectangle."""
    if shape == "giwa":
        inset = 0.45 * width / 2.0
        low, high = (
            (length + 2 * OVERHANG_M) * (width + 2 * OVERHANG_M),
            (length - 2 * inset) * (width - 2 * inset),
        )
        middle = (length + OVERHANG_M - inset) * (width + OVERHANG_M - inset)
        return 0.45 * RISE * (low + 4 * middle + high) / 6.0 + high * 0.55 * RISE / 2.0
    return {
        "gabled": length * width * RISE / 2.0,
        "hipped": width * RISE * (3.0 * length - width) / 6.0,
        "pyramidal": length * width * RISE / 3.0,
        "skillion": length * width * RISE / 2.0,
    }[shape]


@pytest.mark.parametrize("shape", PITCHED)
def test_the_volume_of_a_roof_over_a_rectangle_is_that_of_its_formula(shape: str) -> None:
    sizes = [(12.0, 7.0), (9.0, 8.9), (30.0, 4.0)]
    footprints = footprints_of([[turned(rectangle(0, 0, *size), 33.0)] for size in sizes])
    shell = shells(footprints, shape, RISE, facing=123.0 if shape == "skillion" else None)
    assert shell.fits.all()
    assert shell_volumes(shell) == pytest.approx([expected(shape, *size) for size in sizes], rel=0.01)


@pytest.mark.parametrize("shape", ["gabled", "hipped", "giwa"])
def test_the_wings_of_an_ell_meet_under_ridges_of_one_height(shape: str) -> None:
    shell = shells(footprints_of([[ell(12.0, 11.0, 4.0, 5.0)]]), shape, RISE)
    assert shell.fits.all()
    assert shell.rise.max() == RISE
    ridge = np.unique(np.round(shell.xy[shell.rise == RISE], 3), axis=0)
    assert len(ridge) >= 3


def test_gables_of_an_ell_have_the_volume_of_their_wings_and_of_the_valley_between() -> None:
    shell = shells(footprints_of([[ell(12.0, 11.0, 4.0, 5.0)]]), "gabled", RISE)
    # the wing along the longer side whole, the other one, and the pyramid on the main slope that both share
    main, lesser, valley = 5.0 * 11.0 * RISE / 2, 4.0 * 7.0 * RISE / 2, 4.0 * 2.5 * RISE / 6
    assert shell_volumes(shell) == pytest.approx([main + lesser + valley], rel=0.01)


@pytest.mark.parametrize("shape", PITCHED)
@given(winged())
def test_roofs_and_walls_are_closed_and_no_edge_is_there_twice(shape: str, polygon: Polygon) -> None:
    shell = shells(footprints_of([[polygon]]), shape)
    assert shell.fits.all() or shape == "pyramidal"
    assert edges_amiss(*solid(shell)) == 0


@pytest.mark.parametrize("shape", ["gabled", "hipped", "giwa"])
@pytest.mark.parametrize("polygon", [TEE, ZED, EN], ids=["T", "Z", "N"])
def test_so_are_those_of_a_tee_and_of_wings_on_either_side(shape: str, polygon: Polygon) -> None:
    for degrees in (0.0, 71.0):
        shell = shells(footprints_of([[turned(polygon, degrees)]]), shape)
        assert shell.fits.all()
        assert edges_amiss(*solid(shell)) == 0


@given(winged(), st.sampled_from(["gabled", "hipped", "skillion"]))
def test_a_roof_looks_outward_so_that_its_walls_and_it_hold_what_lies_between(
    polygon: Polygon, shape: str
) -> None:
    footprints = footprints_of([[polygon]])
    shell = shells(footprints, shape)
    points, triangles = solid(shell)
    below = areas(footprints, local_plane(footprints))[0] * DEPTH_M
    assert volume(points, triangles) == pytest.approx(below + shell_volumes(shell)[0], rel=0.001)
    assert shell_volumes(shell)[0] > 0.0


def test_eaves_of_giwa_stand_out_and_its_slopes_are_gentler_below() -> None:
    shell = shells(footprints_of([[rectangle(0, 0, 12.0, 4.0)]]), "giwa", 1.7)
    points = np.column_stack([shell.xy, shell.rise])
    assert points[:, 1].min() == pytest.approx(-OVERHANG_M, abs=1e-6)
    assert points[:, 1].max() == pytest.approx(4.0 + OVERHANG_M, abs=1e-6)
    slopes = sorted(set(np.round(steepness(shell), 3)) - {0.0})
    assert 20.0 < slopes[0] < 28.0
    assert 35.0 < slopes[-2] < 45.0
    assert slopes[-1] == pytest.approx(90.0, abs=0.01)  # its gables
    assert len(shell.triangles) == 22


def steepness(shell: Shell) -> list[float]:
    """Degrees from level of each triangle that does not look down."""
    points = np.column_stack([shell.xy, shell.rise])
    a, b, c = (points[shell.triangles[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    angles: list[float] = np.degrees(np.arccos(normal[normal[:, 2] > -0.5, 2])).tolist()
    return angles


def test_a_vertex_upon_a_straight_wall_is_no_corner() -> None:
    with_one = [[(0.0, 0.0), (7.0, 0.0), (12.0, 0.0), (12.0, 7.0), (0.0, 7.0)]]
    shell = shells(footprints_of([[with_one]]), "gabled")
    assert len(shell.triangles) == 6
    assert shell_volumes(shell) == pytest.approx([84.0], rel=0.001)


def test_the_ridge_lies_along_the_longer_side_across_it_or_as_the_slope_faces() -> None:
    footprints = footprints_of([[rectangle(0, 0, 12.0, 7.0)]])
    plane = local_plane(footprints)

    def ridge(*, across: bool = False, facing: float | None = None) -> list[float]:
        shell = raise_shells(footprints, plane, roofs_of(1, "gabled", across=across, facing=facing))
        extent: list[float] = np.ptp(shell.xy[shell.rise > 1.0], axis=0).round(2).tolist()
        return extent

    assert ridge() == [12.0, 0.0]
    assert ridge(across=True) == [0.0, 7.0]
    assert ridge(facing=180.0) == [12.0, 0.0]
    assert ridge(facing=265.0) == [0.0, 7.0]


def test_a_lean_to_roof_comes_down_the_way_it_faces() -> None:
    shell = shells(footprints_of([[rectangle(0, 0, 12.0, 7.0)]]), "skillion", 1.5, facing=90.0)
    assert shell.rise[shell.xy[:, 0] > 11.9].max() == pytest.approx(0.0, abs=1e-6)
    assert shell.rise[shell.xy[:, 0] < 0.1].min() == pytest.approx(1.5, abs=1e-6)


def test_an_octagon_is_pointed_and_a_comb_stays_flat() -> None:
    octagon = [[(6.0 * math.cos(math.pi * k / 4), 6.0 * math.sin(math.pi * k / 4)) for k in range(8)]]
    comb: Polygon = [
        [(0, 0), (20, 0), (20, 9), (16, 9), (16, 3), (12, 3), (12, 9), (8, 9), (8, 3), (4, 3), (4, 9), (0, 9)]
    ]
    shell = shells(footprints_of([[octagon], [comb]]), "pyramidal", 3.0)
    assert shell.fits.tolist() == [True, False]
    area = 2.0 * math.sqrt(2.0) * 36.0
    assert shell_volumes(shell) == pytest.approx([area, 0.0], rel=0.001)
    assert not (shell.building == 1).any()


def test_all_polygons_of_a_building_are_roofed_or_none() -> None:
    court = [[(3.0, 3.0), (3.0, 4.0), (4.0, 4.0), (4.0, 3.0)]]
    two = [rectangle(0, 0, 12.0, 7.0), rectangle(20.0, 0, 9.0, 6.0)]
    shell = shells(
        footprints_of([two, [rectangle(40.0, 0, 9.0, 6.0), rectangle(60, 0, 9, 9) + court]]), "hipped"
    )
    assert shell.fits.tolist() == [True, False]
    assert len(shell.rings) == 3


@given(st.one_of(winged(), polygons()), st.floats(0.3, 1.5))
def test_a_parapet_is_a_whole_rim_about_a_lower_roof(polygon: Polygon, rise: float) -> None:
    footprints = footprints_of([[polygon]])
    roofs = roofs_of(1, "flat", rise)
    shell = raise_shells(
        footprints, local_plane(footprints), replace(roofs, shape=np.full(1, PARAPET, np.uint8))
    )
    assert shell.fits.all() or len(polygon) > 1 or len(polygon[0]) != 4
    assert edges_amiss(*solid(shell)) == 0
    if shell.fits.all():
        points, triangles = solid(shell)
        area = areas(footprints, local_plane(footprints))[0]
        assert volume(points, triangles) == pytest.approx(area * DEPTH_M + shell_volumes(shell)[0], rel=0.001)
        assert 0.0 < shell_volumes(shell)[0] < area * rise


def test_the_volume_of_a_parapet_is_that_of_its_rim() -> None:
    footprints = footprints_of([[rectangle(0, 0, 12.0, 7.0)]])
    roofs = replace(roofs_of(1, "flat", 1.0), shape=np.full(1, PARAPET, np.uint8))
    shell = raise_shells(footprints, local_plane(footprints), roofs)
    assert shell_volumes(shell) == pytest.approx([12.0 * 7.0 - 11.5 * 6.5], rel=0.01)
