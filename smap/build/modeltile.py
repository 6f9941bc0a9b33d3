"""One tile of models, done in any process: meshes at their places become the bytes of a packed GLB."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smap.build.tile import MOST_STEPS, MadeTile, box_about
from smap.formats.glb import STEP_M, GlbTile, Material, encode_glb
from smap.formats.metadata import Column, PropertyTable
from smap.scene.mesh import Mesh
from smap.store.archive import pack_entry

__all__ = ["ModelTask", "fine_step", "make_model_tile"]

_FINE_STEP_M = 0.005
"""Of a model's own tiles: brackets and tiles of a roof are some centimetres thick."""
_HALF_DIAGONAL = math.sqrt(3.0) / 2.0
"""A point moves by no more than this share of a step."""


@dataclass(frozen=True)
class ModelTask:
    """What a tile is made of: each mesh with its own frame, float64 (4, 4), local to ECEF, and table row.

    frame: the tile's, alike. step: metres of the grid that positions are rounded to; where finer tiles lie
    below, a tile that spans more steps than 16 bits count has wider ones, and tells what they cost.
    """

    path: str
    meshes: tuple[Mesh, ...]
    frames: tuple[NDArray[np.float64], ...]
    columns: Mapping[str, Column]
    frame: NDArray[np.float64]
    step: float
    both_sides: bool
    is_finest: bool
    opacity: float = 1.0


def fine_step(mesh: Mesh) -> float:
    """The step for a model alone: 5 mm where so many fit 16 bits, else the usual."""
    return _FINE_STEP_M if float(mesh.size.max()) <= MOST_STEPS * _FINE_STEP_M else STEP_M


def make_model_tile(task: ModelTask) -> MadeTile:
    """Bring the meshes into the tile's frame, write the GLB, pack it."""
    into = np.linalg.inv(task.frame)
    moves = [into @ frame for frame in task.frames]
    pairs = list(zip(task.meshes, moves, strict=True))
    firsts = np.cumsum([0, *(len(mesh.positions) for mesh in task.meshes)])
    counts = [len(mesh.positions) for mesh in task.meshes]
    tile = GlbTile(
        positions=np.concatenate([mesh.positions @ move[:3, :3].T + move[:3, 3] for mesh, move in pairs]),
        triangles=_numbered([mesh.triangles for mesh in task.meshes], firsts),
        frame=task.frame,
        normals=np.concatenate([mesh.normals @ move[:3, :3].T for mesh, move in pairs]).astype(np.float32),
        feature_ids=np.repeat(np.arange(len(counts), dtype=np.uint32), counts),
        colors=np.concatenate([mesh.colors for mesh in task.meshes]),
        material=Material((1.0, 1.0, 1.0, task.opacity), roughness=0.9, double_sided=task.both_sides),
        table=PropertyTable(task.columns, class_name="model"),
    )
    span = float(np.ptp(tile.positions, axis=0).max())
    step = task.step if task.is_finest else max(task.step, span / MOST_STEPS)
    tile = _welded(tile, step)
    data = encode_glb(tile, step=step)
    return MadeTile(
        path=task.path,
        entry=pack_entry(data),
        box=box_about(tile.positions, task.frame, step),
        triangles=len(tile.triangles),
        size=len(data),
        rounding=0.0 if step == task.step else step * _HALF_DIAGONAL,
    )


def _numbered(parts: list[NDArray[np.uint32]], firsts: NDArray[np.int64]) -> NDArray[np.uint32]:
    moved = [part + np.uint32(first) for part, first in zip(parts, firsts, strict=False)]
    return np.concatenate(moved)


def _welded(tile: GlbTile, step: float) -> GlbTile:
    """Vertices that are written alike become one, in the order in which triangles first name them."""
    assert tile.normals is not None
    assert tile.feature_ids is not None
    assert tile.colors is not None
    rows = np.column_stack(
        [
            np.rint(tile.positions / step).astype(np.int64),
            np.rint(tile.normals * 127.0).astype(np.int64),
            tile.colors.astype(np.int64),
            tile.feature_ids.astype(np.int64),
        ]
    )
    used = tile.triangles.ravel()
    _, first, same = np.unique(rows[used], axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    kept = used[first[order]]
    return GlbTile(
        positions=tile.positions[kept],
        triangles=rank[same].reshape(-1, 3).astype(np.uint32),
        frame=tile.frame,
        normals=tile.normals[kept],
        feature_ids=tile.feature_ids[kept],
        colors=tile.colors[kept],
        material=tile.material,
        table=tile.table,
    )
