"""Blocks: the ground between streets, streams, courts and steep slopes, by district, each of one kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, binary_opening

from smap.sample.facts import Court, Facts, Street
from smap.sample.ground import Ground
from smap.sample.streams import reach

__all__ = ["Blocks", "kept_free", "make_blocks"]

STEEPEST = {"today": 0.24, "hanyang": 0.17}
"""Rise over run beyond which nobody builds: Seoul's hillside quarters reach 0.25 over 40 m."""
HIGHEST_M = {"today": 128.0, "hanyang": 85.0}
"""Above this the hills are wood: most quarters of today lie below 130 m, as Buam-dong."""
MARGIN_M = 2.5
"""Between a block and what is kept free, and from district to district."""
BROAD_M = 20.0
"""From this width a street of today has a row of higher houses along it."""
SHOP_DEPTH_M = 9.0
"""The licensed shops of Jongno were two to three kan deep, a kan about 3 m (digs at Cheongjin-dong)."""
SMALLEST_M2 = 90.0
VILLAGE_CORNERS = 11


@dataclass(frozen=True)
class Blocks:
    """n blocks: shapely Polygons on the plane, apart from each other; kinds (n,) names their kind."""

    polygons: NDArray[np.object_]
    kinds: NDArray[np.str_]


def kept_free(facts: Facts, era: str, others: NDArray[np.object_]) -> shapely.Geometry:
    """All that no ordinary house stands on in an era; others: shapely Polygons, as landmarks' outlines."""
    streets = [_strip(s) for s in facts.streets if era in s.eras]
    streams = [reach(s, era, s.banks_m) for s in facts.streams if era in s.open]
    courts = [_ground_of(c) for c in facts.courts if era in c.eras]
    waters = [shapely.buffer(shapely.polygons(w.outline), 8.0) for w in facts.waters]
    return shapely.union_all([*streets, *streams, *courts, *waters, *others])


def make_blocks(
    facts: Facts, ground: Ground, era: str, free: shapely.Geometry, inside: shapely.Polygon
) -> Blocks:
    """The blocks of an era. free: what houses keep off (`kept_free`); inside: the ground within the wall."""
    west, south, east, north = facts.extent()
    area = shapely.box(west + 30.0, south + 30.0, east - 30.0, north - 30.0)
    steep = _steep(ground, STEEPEST[era], HIGHEST_M[era])
    closed = shapely.buffer(shapely.union(free, steep), MARGIN_M, quad_segs=2)
    land = shapely.difference(area, closed)
    if era in facts.villages:
        parts = [
            *_within(facts, era, shapely.intersection(land, inside)),
            *_without(facts, era, land, inside),
        ]
    else:
        parts = _today(facts, era, land)
    return _tidy(parts)


def _strip(street: Street) -> shapely.Geometry:
    return shapely.buffer(shapely.linestrings(street.xy), street.width_m / 2, quad_segs=3)


def _ground_of(court: Court) -> shapely.Geometry:
    return shapely.polygons(court.outline)


def _steep(ground: Ground, steepest: float, highest_m: float) -> shapely.Geometry:
    """Ground too steep or too high to build on, without specks and holes below about 60 m."""
    rows, columns = ground.heights.shape
    x = ground.x0 + ground.step_m * np.arange(columns)
    y = ground.y0 + ground.step_m * np.arange(rows)
    steep = ground.slopes_at(np.stack(np.meshgrid(x, y), axis=-1)) > steepest
    steep |= ground.heights > highest_m
    mask = binary_closing(binary_opening(steep, iterations=1), iterations=3)
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, start = np.nonzero(edges == 1)
    _, end = np.nonzero(edges == -1)
    half = ground.step_m / 2
    runs = shapely.box(
        ground.x0 + ground.step_m * start - half,
        ground.y0 + ground.step_m * row - half,
        ground.x0 + ground.step_m * end - half,
        ground.y0 + ground.step_m * row + half,
    )
    whole = shapely.union_all(runs)
    return shapely.simplify(shapely.buffer(shapely.buffer(whole, 22.0, quad_segs=2), -22.0, quad_segs=2), 3.0)


def _cells(facts: Facts, era: str) -> list[tuple[str, shapely.Geometry]]:
    """What is nearest to each district's middle, with its kind."""
    districts = facts.districts[era]
    middles = shapely.points(np.stack([d.xy for d in districts]))
    west, south, east, north = facts.extent()
    box = shapely.box(west, south, east, north)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(middles), extend_to=box))
    tree = shapely.STRtree(cells)
    owner, cell = tree.query(middles, predicate="within")
    return [(districts[i].kind, cells[k]) for i, k in zip(owner, cell, strict=True)]


def _today(facts: Facts, era: str, land: shapely.Geometry) -> list[tuple[str, shapely.Geometry]]:
    broad = [s for s in facts.streets if era in s.eras and s.width_m >= BROAD_M and s.role != "rail"]
    parts = []
    for name, cell in _cells(facts, era):
        kind = facts.kinds[name]
        piece = shapely.intersection(land, cell)
        if kind.front is None or shapely.is_empty(piece):
            parts.append((name, piece))
            continue
        reaches = [
            shapely.buffer(shapely.linestrings(s.xy), s.width_m / 2 + kind.front_m, quad_segs=2)
            for s in broad
        ]
        row = shapely.union_all([r for r in reaches if shapely.intersects(r, piece)])
        parts.append((kind.front, shapely.intersection(piece, row)))
        parts.append((name, shapely.difference(piece, shapely.buffer(row, 1.0))))
    return parts


def _within(facts: Facts, era: str, land: shapely.Geometry) -> list[tuple[str, shapely.Geometry]]:
    """The old city: shop houses in one row along its great streets, districts behind them."""
    lined = [s for s in facts.streets if era in s.eras and s.role == "shops"]
    rows = shapely.union_all(
        [
            shapely.buffer(
                shapely.linestrings(s.xy), s.width_m / 2 + MARGIN_M + SHOP_DEPTH_M, cap_style="flat"
            )
            for s in lined
        ]
    )
    behind = shapely.difference(land, shapely.buffer(rows, 2.0))
    parts = [(kind, shapely.intersection(behind, cell)) for kind, cell in _cells(facts, era)]
    return [("shops", shapely.intersection(land, rows)), *parts]


def _without(
    facts: Facts, era: str, land: shapely.Geometry, inside: shapely.Polygon
) -> list[tuple[str, shapely.Geometry]]:
    villages, roadside = facts.villages[era], facts.roadside[era]
    places = shapely.union_all([_village(xy, villages.reach_m, k) for k, xy in enumerate(villages.xy)])
    roads = [shapely.linestrings(s.xy) for s in facts.streets if era in s.eras]
    along = shapely.buffer(shapely.multilinestrings(roads), roadside.reach_m, quad_segs=2)
    outside = shapely.difference(land, shapely.buffer(inside, 12.0))
    return [
        (villages.kind, shapely.intersection(outside, places)),
        (
            roadside.kind,
            shapely.intersection(outside, shapely.difference(along, shapely.buffer(places, 3.0))),
        ),
    ]


def _village(xy: NDArray[np.float64], reach_m: float, number: int) -> shapely.Polygon:
    """An uneven patch about a place: no village is round."""
    turn = np.linspace(0.0, 2 * np.pi, VILLAGE_CORNERS, endpoint=False)
    far = reach_m * np.random.default_rng(number).uniform(0.55, 1.35, VILLAGE_CORNERS)
    return shapely.polygons(xy + far[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1))


def _tidy(parts: list[tuple[str, shapely.Geometry]]) -> Blocks:
    """Single polygons, a margin apart, without needless points and slivers."""
    geometries = shapely.buffer(
        np.array([p for _, p in parts], object), -1.5, quad_segs=1, join_style="mitre"
    )
    single, index = shapely.get_parts(shapely.simplify(geometries, 1.0), return_index=True)
    kinds = np.array([name for name, _ in parts])[index]
    sound = (shapely.area(single) > SMALLEST_M2) & shapely.is_valid(single)
    return Blocks(single[sound], kinds[sound])
