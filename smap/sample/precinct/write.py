"""Write the precincts' models: what is built, planted and paved, in pieces of a size, and their recipes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import shapely
from numpy.typing import NDArray

from smap.sample.facts import ERAS, Plane
from smap.sample.ground import Ground
from smap.sample.landmarks.glb import plain_glb
from smap.sample.models_recipe import ATTRIBUTION, model_source, models_recipe
from smap.sample.precinct.built import hall_mesh, range_mesh, wall_mesh
from smap.sample.precinct.facts import Grove, Precinct, Row, footprint
from smap.sample.precinct.floor import Sheet, floor_mesh, laid, sheets
from smap.sample.precinct.trees import FORMS, Trees, along_row, in_grove, trees_mesh
from smap.scene.solids import Mesh, join, moved, only

__all__ = ["Piece", "pieces", "write_precincts"]

Floats = NDArray[np.float64]

BUILT_M, PLANTED_M, PAVED_M = 190.0, 200.0, 240.0
"""Sides of the squares into which a precinct is cut: what is far stays coarse while one stands in it, and
what is behind one is not drawn. Paving is cut where its own cells end."""
DETAILS = {"built": (1, 2), "trees": (0, 2, 3), "floor": (1, 2)}
"""Which details are written, finest first: each costs the build a comparison with the finest. Lesser halls go
without rows of tiles: with them a palace took far more of the build and looked no better from above."""
FROM_BUILDINGS_M = 3.0
"""A tree keeps so far from a hall's eaves and from a landmark's outline."""
UNEVEN = 0.12
TITLES = {
    "": ("표본 도시의 궁궐 안과 나무", "Precincts and trees of the sample"),
    "today": ("표본 도시의 오늘 광장과 나무", "Squares and trees of the sample: today"),
    "hanyang": ("표본 도시의 한양 마당(복원)", "Grounds of Hanyang (reconstruction)"),
}
WORDS = {
    "built": ("전각과 행각", "halls and corridors"),
    "trees": ("나무", "trees"),
    "floor": ("바닥", "paving and lawn"),
}


@dataclass(frozen=True)
class Piece:
    """A model of a precinct: what it is, its number, its place in the frame, and its meshes about that."""

    kind: str
    number: int
    at: tuple[float, float]
    meshes: tuple[Mesh, ...]


@dataclass(frozen=True)
class _Site:
    """A precinct on its ground: heights of points of its frame over its own place."""

    precinct: Precinct
    plane: Plane
    ground: Ground
    height_m: float

    def heights(self, local: Floats) -> Floats:
        return self.ground.heights_at(self.precinct.to_plane(local, self.plane)) - self.height_m


def write_precincts(
    precincts: Sequence[Precinct], plane: Plane, ground: Ground, closed: shapely.Geometry, out: Path
) -> list[Path]:
    """Write out/precincts/*.glb and a recipe of models for each set of eras.

    ground: as written, not as sunk under floors. closed: on the plane, where no tree stands.
    """
    (out / "precincts").mkdir(parents=True, exist_ok=True)
    sources: dict[str, list[str]] = {}
    for precinct in precincts:
        era = "" if set(precinct.eras) == set(ERAS) else precinct.eras[0]
        site = _site(precinct, plane, ground)
        for piece in pieces(site.precinct, plane, ground, closed):
            for detail, mesh in enumerate(piece.meshes):
                (out / _file(precinct, piece, detail)).write_bytes(plain_glb(mesh))
            sources.setdefault(era, []).append(_source(site, piece))
    recipes = []
    for era, found in sorted(sources.items()):
        path = out / f"precincts{'_' + era if era else ''}.toml"
        name = f"sample-precincts{'-' + era if era else ''}"
        path.write_text(
            models_recipe(name, TITLES[era], ATTRIBUTION, found, era=era or None), encoding="utf-8"
        )
        recipes.append(path)
    return recipes


def pieces(precinct: Precinct, plane: Plane, ground: Ground, closed: shapely.Geometry) -> Iterator[Piece]:
    """All models of a precinct; the same facts give the same pieces."""
    site = _site(precinct, plane, ground)
    yield from _numbered("built", _built(site))
    yield from _numbered("trees", _planted(site, closed))
    yield from _numbered("floor", _paved(site))


def _sheets(precinct: Precinct) -> list[Sheet]:
    return sheets([sheet for floor in precinct.floors for sheet in laid(floor)])


def _site(precinct: Precinct, plane: Plane, ground: Ground) -> _Site:
    here = precinct.to_plane(np.zeros((1, 2)), plane)
    return _Site(precinct, plane, ground, round(float(ground.heights_at(here)[0]), 2))


def _numbered(kind: str, meshes: Iterable[tuple[Mesh, ...]]) -> Iterator[Piece]:
    for number, levels in enumerate(meshes, start=1):
        yield _piece(kind, number, levels)


def _piece(kind: str, number: int, levels: tuple[Mesh, ...]) -> Piece:
    low, high = (f(levels[0].positions[:, :2], axis=0) for f in (np.min, np.max))
    x, y = np.round((low + high) / 2).tolist()
    return Piece(kind, number, (x, y), tuple(moved(mesh, -x, -y) for mesh in levels))


def _built(site: _Site) -> Iterator[tuple[Mesh, ...]]:
    cells: dict[tuple[int, int], list[Callable[[int], Mesh]]] = {}
    for middle, make in _makers(site):
        cells.setdefault(_cell(middle, BUILT_M), []).append(make)
    for _, makers in sorted(cells.items()):
        yield tuple(join([make(detail) for make in makers]) for detail in DETAILS["built"])


def _makers(site: _Site) -> Iterator[tuple[Floats, Callable[[int], Mesh]]]:
    """The middle of each building and what draws it."""
    for part in site.precinct.halls:
        middle = np.array([part.x, part.y])
        z = float(site.heights(middle[None])[0])
        yield middle, lambda d, part=part, z=z: moved(hall_mesh(part, d), part.x, part.y, z)  # type: ignore[misc]
    for one in site.precinct.ranges:
        middle = np.array([one.x0 + one.x1, one.y0 + one.y1]) / 2
        yield middle, lambda d, one=one: range_mesh(one, site.heights, d)  # type: ignore[misc]
    for line in site.precinct.walls:
        yield line.mean(axis=0), lambda d, line=line: wall_mesh(line, site.heights, d)  # type: ignore[misc]


def _planted(site: _Site, closed: shapely.Geometry) -> Iterator[tuple[Mesh, ...]]:
    planted = list(_groves(site, closed))
    if not planted:
        return
    where = [np.round(trees.feet[:, :2] / PLANTED_M).astype(int) for trees in planted]
    for cell in np.unique(np.concatenate(where), axis=0):
        own = [trees.part((at == cell).all(axis=1)) for trees, at in zip(planted, where, strict=True)]
        yield tuple(trees_mesh(own, detail) for detail in DETAILS["trees"])


def _paved(site: _Site) -> Iterator[tuple[Mesh, ...]]:
    seen = _sheets(site.precinct)
    whole = [floor_mesh(seen, site.heights, detail) for detail in DETAILS["floor"]]
    middles = [mesh.positions[mesh.triangles, :2].mean(axis=1) for mesh in whole]
    where = [np.floor(middle / PAVED_M).astype(int) for middle in middles]
    for cell in np.unique(np.concatenate(where), axis=0):
        finest, *others = [
            only(mesh, (at == cell).all(axis=1)) for mesh, at in zip(whole, where, strict=True)
        ]
        if len(finest.triangles):
            yield finest, *(mesh if len(mesh.triangles) else finest for mesh in others)


def _groves(site: _Site, closed: shapely.Geometry) -> Iterator[Trees]:
    precinct = site.precinct
    own = shapely.buffer(footprint(precinct), FROM_BUILDINGS_M - 2.0)
    paved = shapely.union_all([sheet.shape for sheet in _sheets(precinct) if sheet.pigment != "grass"])
    away = shapely.union(_in_frame(site, closed), own)
    random = np.random.default_rng(crc32(precinct.id.encode()))
    for grove in precinct.groves:
        area = shapely.polygons(grove.outline)
        free = shapely.difference(area, shapely.union(away, paved))
        yield _grown(site, grove, in_grove(free, grove.apart, random), random)
    for row in precinct.rows:
        yield _grown(site, row, along_row(row.line, row.apart, away), random)


def _in_frame(site: _Site, closed: shapely.Geometry) -> shapely.Geometry:
    """A shape of the plane in the precinct's frame, as far as its trees go."""
    precinct, plane = site.precinct, site.plane
    points = [g.outline for g in precinct.groves] + [r.line for r in precinct.rows]
    if not points:
        return shapely.Polygon()
    local = np.concatenate(points)
    reach = shapely.buffer(shapely.multipoints(precinct.to_plane(local, plane)).convex_hull, 10.0)
    origin, x, y = precinct.to_plane(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), plane)
    back = np.linalg.inv(np.stack([x - origin, y - origin]))
    near = shapely.intersection(closed, reach)
    return shapely.transform(near, lambda xy: (xy - origin) @ back)


def _grown(site: _Site, wanted: Grove | Row, xy: Floats, random: np.random.Generator) -> Trees:
    n = len(xy)
    least, most = wanted.height
    feet = np.column_stack([xy, site.heights(xy)])
    leaf = FORMS[wanted.kind].leaf + random.normal(0.0, UNEVEN, n)
    return Trees(wanted.kind, feet, random.uniform(least, most, n), random.uniform(0, 2 * np.pi, n), leaf)


def _cell(middle: Floats, side_m: float) -> tuple[int, int]:
    x, y = np.round(middle / side_m).astype(int).tolist()
    return x, y


def _file(precinct: Precinct, piece: Piece, detail: int) -> str:
    suffix = "" if detail == 0 else f".{detail}"
    return f"precincts/{precinct.id}-{piece.kind}-{piece.number:02d}{suffix}.glb"


def _source(site: _Site, piece: Piece) -> str:
    precinct = site.precinct
    ko, en = WORDS[piece.kind]
    here = precinct.to_plane(np.array([piece.at]), site.plane)
    lon, lat = np.round(site.plane.to_degrees(here)[0], 7).tolist()
    return model_source(
        [_file(precinct, piece, detail) for detail in range(len(piece.meshes))],
        {
            "lon": lon,
            "lat": lat,
            "height": site.height_m,
            "height_mode": "orthometric",
            "heading": precinct.heading_deg,
        },
        {
            "id": f"{precinct.id}-{piece.kind}-{piece.number:02d}",
            "name": f"{precinct.name} {ko}",
            "name_en": f"{precinct.name_en}: {en}",
            "source": precinct.source,
            "date": precinct.date,
            "position_accuracy_m": precinct.position_accuracy_m,
        },
    )
