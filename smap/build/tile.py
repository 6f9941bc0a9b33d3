"""One tile's work, done in any process: prisms and their properties become the bytes of a packed GLB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.build.columns import label_of
from smap.build.form import Form
from smap.formats.glb import STEP_M, FeatureSet, GlbTile, Material, encode_glb
from smap.formats.glb_quantize import extent
from smap.formats.metadata import Column, PropertyTable
from smap.formats.utf8 import Utf8
from smap.geo.bounds import Box
from smap.geo.ellipsoid import SEMI_MAJOR_M, east_north_up
from smap.geo.grid import Tile
from smap.scene.footprint import Footprints
from smap.scene.massing import Mass, raise_masses
from smap.scene.pitched import joined_masses, raise_roofed
from smap.scene.roof_pieces import Roofs
from smap.scene.surfaces import KINDS, Surfaces, raise_surfaces
from smap.store.archive import PackedEntry, pack_entry
from smap.tiling.lod import BLOCK, Content

__all__ = [
    "MOST_STEPS",
    "MadeTile",
    "TileTask",
    "box_about",
    "corners_of",
    "in_full",
    "make_tile",
    "tile_frame",
    "tile_task",
]

_MATERIAL = Material(base_color=(0.83, 0.81, 0.77, 1.0), roughness=0.9)
"""Warm light grey, as plaster and concrete: a client without a style of its own still shows a city."""

_SURFACE = "surface"
"""The set of feature ids that tells what was surveyed, its table's class, and the one column of this."""
_KINDS_OF_SURFACES = PropertyTable(
    {_SURFACE: Column(np.arange(len(KINDS)), names=KINDS, title=label_of(_SURFACE))}, class_name=_SURFACE
)

_BELOW_M = 1.0
_BELOW_AT_MOST_M = 20.0
"""Walls end 1 m below the lowest ground, in coarser tiles lower by their error, since the ground drawn about
them is as coarse; but by no more than another 20 m."""

MOST_STEPS = 65_000
"""Steps of the grid across a coarse tile: 16 bits less some room, so that it needs no second node."""


@dataclass(frozen=True)
class OwnSurfaces:
    """Surfaces of m prisms; ground: float64 (m,), ellipsoidal metres of each one's lowest point."""

    surfaces: Surfaces
    ground: NDArray[np.float64]


@dataclass(frozen=True)
class TileTask:
    """What a tile is made of. top, bottom: float64 (m,), ellipsoidal metres of m prisms.

    row: int64 (m,), the row of each prism in the property table, whose columns are `properties`.
    frame: float64 (4, 4), local to ECEF. step: metres of the grid that positions are rounded to.
    roofs: of the prisms, whose tops are then those of their ridges; None: all are flat.
    floats: bool (m,), what is seen from below; None: nothing. surfaces:
    what is drawn in the stead of some of the prisms.
    """

    path: str
    footprints: Footprints
    top: NDArray[np.float64]
    bottom: NDArray[np.float64]
    row: NDArray[np.int64]
    properties: Mapping[str, Column]
    frame: NDArray[np.float64]
    step: float
    roofs: Roofs | None = None
    floats: NDArray[np.bool_] | None = None
    surfaces: OwnSurfaces | None = None


@dataclass(frozen=True)
class MadeTile:
    """A tile as the archive will hold it. box: around what it draws. size: bytes of the GLB.

    rounding: metres by which wider steps than usual move a point at most.
    """

    path: str
    entry: PackedEntry
    box: Box
    triangles: int
    size: int
    rounding: float = 0.0


def tile_frame(tile: Tile, height: float = 0.0) -> NDArray[np.float64]:
    """The east-north-up frame at the middle of a tile: float64 (4, 4), local to ECEF."""
    west, south, east, north = tile.region_rad
    return east_north_up((west + east) / 2.0, (south + north) / 2.0, height)


def tile_task(
    tile: Tile,
    content: Content,
    properties: Mapping[str, NDArray[Any] | Utf8],
    named: NDArray[np.bool_],
    holder: NDArray[np.int64] | None = None,
) -> TileTask:
    """The task of one tile. properties: columns over all buildings; named: bool (n,), who may be named.

    holder: int64 (n,), the building whose row each shares; None: each has its own.
    Rows of the table: each building that may be named, each block, and a last one, in which nothing is known,
    that all other buildings share. A block's row tells how many `buildings` it stands for and their mean
    height, weighed by area; a building's says nothing there.
    """
    is_block = content.building == BLOCK
    is_named = ~is_block
    is_named[~is_block] = named[content.building[~is_block]]
    members, blocks = content.building[is_named], np.flatnonzero(is_block)
    own = np.arange(len(members))
    if holder is not None:
        members, own = _once_each(holder[members])
    row = np.full(len(content.building), len(members) + len(blocks))
    row[is_named] = own
    row[is_block] = len(members) + np.arange(len(blocks))
    nameless = int((row == len(members) + len(blocks)).any())
    heights = np.round(content.top - content.ground, 2)[blocks]
    of_blocks: dict[str, NDArray[Any]] = {"height": heights} if "height" in properties else {}
    columns = {
        name: _column_of(values, members, of_blocks.get(name), len(blocks), nameless)
        for name, values in properties.items()
    }
    counts = content.count[blocks].astype(np.uint32)
    columns["buildings"] = _column(np.zeros(0, np.uint32), counts, len(blocks), nameless, len(members))
    columns = {name: replace(column, title=label_of(name)) for name, column in columns.items()}
    below = _BELOW_M + min(content.error, _BELOW_AT_MOST_M)
    return TileTask(
        path=f"{tile.z}/{tile.x}/{tile.y}.glb",
        footprints=content.footprints,
        top=content.top,
        bottom=content.lowest - below,
        row=row,
        properties=columns,
        frame=tile_frame(tile, float(content.lowest.min())),
        step=_step(content),
    )


def _once_each(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The numbers in order of their first coming, and the place of each among them."""
    found, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(found), np.int64)
    place[order] = np.arange(len(found))
    return found[order], place[inverse]


def in_full(task: TileTask, content: Content, form: Form) -> TileTask:
    """The task of a leaf: with roofs, surfaces, and what begins above the ground closed below."""
    settled, base = form.roofs, form.base
    if settled is not None:
        lift = (settled.height - settled.mean)[content.building]
        task = replace(task, top=task.top + lift, roofs=settled.roofs.take(content.building))
    if base is not None and (floats := base[content.building] > 0.0).any():
        task = replace(task, bottom=np.where(floats, content.ground, task.bottom), floats=floats)
    if form.surveyed is not None:
        surfaces = form.surveyed.surfaces.take(content.building)
        task = replace(task, surfaces=OwnSurfaces(surfaces, content.ground) if surfaces.given.any() else None)
    return task


def _mass(task: TileTask, members: list[NDArray[np.int64]]) -> Mass:
    """All prisms, those of each part together; features are numbers of the task's prisms."""
    if task.surfaces is not None or task.floats is not None or task.roofs is not None:
        masses = [_of_part(task, part) for part in members]
        return joined_masses(
            [replace(m, feature=part[m.feature]) for m, part in zip(masses, members, strict=True)]
        )
    if len(members) == 1:
        return raise_masses(task.footprints, task.top, task.bottom, task.frame)
    order = np.concatenate(members)
    cuts = np.cumsum([0, *(len(part) for part in members)])
    footprints = task.footprints.take(order)
    mass = raise_masses(footprints, task.top[order], task.bottom[order], task.frame, cuts)
    return replace(mass, feature=order[mass.feature])


def _of_part(task: TileTask, part: NDArray[np.int64]) -> Mass:
    """Some of the prisms; those that have surfaces of their own as these are."""
    if task.surfaces is None:
        return _prisms(task, part)
    given = task.surfaces.surfaces.given[part]
    own, others = part[given], part[~given]
    masses = []
    if len(others):
        mass = _prisms(task, others)
        masses.append(replace(mass, feature=np.flatnonzero(~given)[mass.feature]))
    if len(own):
        surfaces, ground = task.surfaces.surfaces.take(own), task.surfaces.ground[own]
        mass = raise_surfaces(surfaces, ground, task.bottom[own], task.frame)
        masses.append(replace(mass, feature=np.flatnonzero(given)[mass.feature]))
    return joined_masses(masses)


def _prisms(task: TileTask, part: NDArray[np.int64]) -> Mass:
    return raise_roofed(
        task.footprints.take(part),
        task.top[part],
        task.bottom[part],
        task.frame,
        None if task.roofs is None else task.roofs.take(part),
        None if task.floats is None else task.floats[part],
    )


def make_tile(task: TileTask) -> MadeTile:
    """Raise the masses, write the GLB, pack it."""
    mass = _mass(task, _parts(task))
    tile = GlbTile(
        positions=mass.points,
        point=mass.point,
        triangles=mass.triangles,
        frame=task.frame,
        lit=mass.lit,
        feature_ids=task.row.astype(np.uint32)[mass.feature],
        material=_MATERIAL,
        table=PropertyTable(task.properties),
        parts=mass.parts,
        sets=() if mass.surface is None else (FeatureSet(mass.surface, _SURFACE, _KINDS_OF_SURFACES),),
    )
    data = encode_glb(tile, step=task.step)
    return MadeTile(
        path=task.path,
        entry=pack_entry(data),
        box=box_about(mass.points, task.frame, task.step),
        triangles=len(tile.triangles),
        size=len(data),
    )


def _parts(task: TileTask) -> list[NDArray[np.int64]]:
    """The prisms, halved along their longer extent until each part fits the 16 bits of one piece."""
    low, high = _extents(task.footprints)
    shrink = np.array([np.cos(low[0, 1]), 1.0]) * SEMI_MAJOR_M
    done, todo = [], [np.arange(len(low))]
    while todo:
        part = todo.pop()
        span = (high[part].max(axis=0) - low[part].min(axis=0)) * shrink
        if len(part) == 1 or (span <= MOST_STEPS * task.step).all():
            done.append(part)
            continue
        order = np.argsort(low[part, int(span.argmax())], kind="stable")
        first = np.zeros(len(part), bool)
        first[order[: len(part) // 2]] = True
        todo += [part[~first], part[first]]
    return done


def corners_of(box: Box) -> NDArray[np.float64]:
    """The eight corners of a box: float64 (8, 3)."""
    signs = np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)])
    return np.asarray(box.center + signs @ box.half_axes)


def _column_of(
    values: NDArray[Any] | Utf8,
    members: NDArray[np.int64],
    of_blocks: NDArray[Any] | None,
    blocks: int,
    nameless: int,
) -> Column:
    if not isinstance(values, Utf8):
        if values.dtype.kind != "O":
            return _column(values[members], of_blocks, blocks, nameless)
        values = Utf8.of(values)
    return Column.of_texts(values.take(members).with_unknown(blocks + nameless))


def _column(
    own: NDArray[Any], of_blocks: NDArray[Any] | None, blocks: int, nameless: int, before: int = 0
) -> Column:
    """Values of buildings, of blocks (None: unknown), of who is nameless; `before`: rows unknown at first."""
    sizes = [before, len(own), blocks, nameless]
    known = np.repeat([False, True, of_blocks is not None, False], sizes)
    values = np.zeros(len(known), own.dtype)
    values[before : before + len(own)] = own
    if of_blocks is not None:
        values[before + len(own) : before + len(own) + blocks] = of_blocks
    if own.dtype.kind in "iu":
        return Column(values, ~known)
    values[~known] = np.nan
    return Column(values)


def _step(content: Content) -> float:
    """Of a coarse tile up to a hundredth of its error, so that it fits one grid; of a fine one the usual
    unless a building is longer than that reaches.
    """
    low, high = _extents(content.footprints)
    span = float((high.max(axis=0) - low.min(axis=0)).max()) * SEMI_MAJOR_M
    below = _BELOW_M + _BELOW_AT_MOST_M
    # metres across the longest prism: a triangle of it must fit the 16 bits of one piece
    longest = max(
        float((high - low).max()) * SEMI_MAJOR_M, float((content.top - content.lowest).max()) + below
    )
    return max(STEP_M, min(content.error / 100.0, span / MOST_STEPS), longest / MOST_STEPS)


def _extents(footprints: Footprints) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """South-west and north-east of each: float64 (n, 2) each, radians; by columns, which is far faster."""
    starts = footprints.feature_vertices[:-1]
    columns = [np.ascontiguousarray(footprints.lonlat[:, k]) for k in (0, 1)]
    low, high = (
        np.stack([reduce.reduceat(column, starts) for column in columns], axis=1)
        for reduce in (np.minimum, np.maximum)
    )
    return low, high


def box_about(positions: NDArray[np.float64], frame: NDArray[np.float64], step: float) -> Box:
    """Around positions in the frame, and half a step wider: so far may rounding move them."""
    low, high = extent(positions)
    low, high = low - step / 2.0, high + step / 2.0
    axes = frame[:3, :3].T
    return Box(frame[:3, 3] + (low + high) / 2.0 @ axes, axes * ((high - low) / 2.0)[:, None])
