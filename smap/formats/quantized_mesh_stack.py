"""Many quantized-mesh tiles at once: their headers, codes and bytes, worked out on long rows of all of them.

Specification: github.com/CesiumGS/quantized-mesh.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FULL",
    "HEADER",
    "MeshStack",
    "edges_of",
    "encode_stack",
    "high_water_codes",
    "horizons_of",
    "oct_encode",
    "spheres_of",
    "zigzag_deltas",
]

FULL = 32767  # u, v and height run from 0 to this (specification, "Vertex Data")
# Center, min_height, max_height, sphere, horizon
HEADER = np.dtype(
    [("center", "<f8", 3), ("span", "<f4", 2), ("sphere", "<f8", 3), ("radius", "<f8"), ("horizon", "<f8", 3)]
)
# Semi-axes of WGS84: the horizon occlusion point is given in units of these
_RADII = np.array([6378137.0, 6378137.0, 6356752.314245179])
# A tile wider than the visible globe has no finite horizon point; this far out nothing hides it
_NEVER_HIDDEN = 1e3
_COUNT = struct.Struct("<I")
Float = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class MeshStack:
    """The meshes of k tiles, one after another, none of more than 65,536 vertices.

    vertices, triangles: int64 (k + 1,), where each tile's begin in u, v, height (uint16 (n,)), positions
    (float64 (3, n), ECEF) and normals (float64 (3, n)), and in corners: int32 (t, 3), numbers of vertices
    through all tiles, in the order of first use. centers: float64 (k, 3), ECEF. span: float32 (k, 2), the
    lowest and the highest height. extensions: the bytes that follow the normals of each tile.
    """

    vertices: Whole
    triangles: Whole
    u: NDArray[np.uint16]
    v: NDArray[np.uint16]
    height: NDArray[np.uint16]
    corners: NDArray[np.int32]
    positions: Float
    normals: Float
    centers: Float
    span: NDArray[np.float32]
    extensions: Sequence[bytes]


def encode_stack(stack: MeshStack) -> list[bytes]:
    """Each tile as bytes."""
    first = stack.vertices[:-1]
    assert int(np.diff(stack.vertices).max()) <= 65536
    codes = [memoryview(zigzag_deltas(a, first).tobytes()) for a in (stack.u, stack.v, stack.height)]
    indices = memoryview(high_water_codes(stack.corners.ravel()).astype("<u2").tobytes())
    normals = memoryview(oct_encode(stack.normals).tobytes())
    sides = _sides(stack)
    heads = memoryview(_headers(stack).tobytes())
    found: list[bytes] = []
    bounds_of = zip(pairwise(stack.vertices.tolist()), pairwise((6 * stack.triangles).tolist()), strict=True)
    for k, ((a, b), (c, d)) in enumerate(bounds_of):
        parts: list[bytes | memoryview] = [
            heads[k * HEADER.itemsize : (k + 1) * HEADER.itemsize],
            _COUNT.pack(b - a),
        ]
        parts += [code[2 * a : 2 * b] for code in codes]
        parts += [_COUNT.pack((d - c) // 6), indices[c:d]]
        for data, bounds in sides:
            begin, end = bounds[k], bounds[k + 1]
            parts += [_COUNT.pack(end - begin), data[2 * begin : 2 * end]]
        parts += [struct.pack("<BI", 1, 2 * (b - a)), normals[2 * a : 2 * b], stack.extensions[k]]
        found.append(b"".join(parts))
    return found


def _headers(stack: MeshStack) -> NDArray[Any]:
    heads = np.empty(len(stack.centers), HEADER)
    heads["center"], heads["span"] = stack.centers, stack.span
    heads["sphere"], heads["radius"] = spheres_of(stack.positions, stack.vertices)
    heads["horizon"] = horizons_of(stack.positions, stack.vertices, heads["sphere"])
    return heads


def _sides(stack: MeshStack) -> list[tuple[memoryview, list[int]]]:
    """Of west, south, east and north the codes of all tiles, and where each begins."""
    first = stack.vertices[:-1]
    found = []
    for chosen, owner in edges_of(stack.u, stack.v, stack.vertices):
        bounds = np.searchsorted(owner, np.arange(len(first) + 1)).tolist()
        found.append((memoryview((chosen - first[owner]).astype("<u2").tobytes()), bounds))
    return found


def edges_of(u: NDArray[np.uint16], v: NDArray[np.uint16], vertices: Whole) -> list[tuple[Whole, Whole]]:
    """The vertices on the west, south, east and north side of tiles, from south to north or west to east, and
    the tile of each.
    """
    found = []
    for across, along, value in ((u, v, 0), (v, u, 0), (u, v, FULL), (v, u, FULL)):
        chosen = np.flatnonzero(across == value)
        owner = np.searchsorted(vertices, chosen, side="right") - 1
        order = np.argsort(owner << 16 | along[chosen], kind="stable")
        found.append((chosen[order], owner[order]))
    return found


def spheres_of(positions: Float, vertices: Whole) -> tuple[Float, Float]:
    """Centers (k, 3) and radii (k,) of spheres about the positions (3, n) of each tile."""
    first, counts = vertices[:-1], np.diff(vertices)
    low, high = (bound.reduceat(positions, first, axis=1) for bound in (np.minimum, np.maximum))
    center = (low + high) / 2
    off = positions - np.repeat(center, counts, axis=1)
    off *= off
    return center.T, np.sqrt(np.maximum.reduceat(off[0] + off[1] + off[2], first))


def horizons_of(positions: Float, vertices: Whole, toward: Float) -> Float:
    """The points (k, 3) towards places (k, 3) whose hiding behind the globe hides all positions of a tile.

    K. Ring, "Computing the horizon occlusion point", cesium.com/blog/2013/05/09; vertices below the ellipsoid
    count as on it.
    """
    first, counts = vertices[:-1], np.diff(vertices)
    direction = toward / _RADII
    direction /= np.linalg.norm(direction, axis=1)[:, None]
    each = np.repeat(direction.T, counts, axis=1)
    units = positions / _RADII[:, None]
    reach = np.sqrt(units[0] ** 2 + units[1] ** 2 + units[2] ** 2)
    units /= reach
    np.maximum(reach, 1.0, out=reach)
    cos_alpha = units[0] * each[0] + units[1] * each[1] + units[2] * each[2]
    units -= each * cos_alpha
    units *= units
    sin_alpha = np.sqrt(units[0] + units[1] + units[2])
    denominator = (cos_alpha - sin_alpha * np.sqrt(reach**2 - 1.0)) / reach
    nearest = np.minimum.reduceat(denominator, first)
    return np.asarray(direction / np.maximum(nearest, 1.0 / _NEVER_HIDDEN)[:, None])


def zigzag_deltas(values: NDArray[np.uint16], first: Whole) -> NDArray[np.uint16]:
    """Each value as its difference to the one before, small ones of either sign as small numbers; 0 comes
    before what lies at `first`.
    """
    deltas = values.astype(np.int32)
    deltas[1:] -= values[:-1]
    deltas[first] = values[first]
    return ((deltas << 1) ^ (deltas >> 31)).astype("<u2")


def high_water_codes(indices: NDArray[Any]) -> NDArray[Any]:
    """Each index as its distance below the highest met so far plus one; a new vertex is 0."""
    highest = np.zeros(len(indices), indices.dtype)
    np.maximum.accumulate(indices[:-1], out=highest[1:])
    highest[1:] += 1
    return np.asarray(highest - indices)


def oct_encode(normals: Float) -> NDArray[np.uint8]:
    """Unit vectors (3, n) as two bytes each: Cigolle et al., "A Survey of Efficient Representations", JCGT
    3(2), 2014.
    """
    x, y = normals[:2] / np.abs(normals).sum(axis=0)
    below = np.flatnonzero(normals[2] < 0.0)
    if len(below):
        folded = ((1.0 - np.abs(b[below])) * np.where(a[below] < 0.0, -1.0, 1.0) for a, b in ((x, y), (y, x)))
        x[below], y[below] = folded
    codes = np.empty((len(x), 2), np.uint8)
    codes[:, 0], codes[:, 1] = (np.rint((a * 0.5 + 0.5) * 255.0) for a in (x, y))
    return codes
