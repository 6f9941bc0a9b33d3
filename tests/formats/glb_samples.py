"""Meshes that tests of GLBs share: prisms standing on the plane of a local frame over Seoul."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from smap.formats.glb import FeatureSet, GlbTile
from smap.formats.metadata import Column, PropertyTable
from smap.geo.ellipsoid import east_north_up

__all__ = ["FRAME", "prisms", "surveyed_prisms"]

FRAME: NDArray[np.float64] = east_north_up(math.radians(126.978), math.radians(37.5665), 50.0)
_CORNERS = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)


def prisms(count: int, *, span: float = 800.0, seed: int = 1) -> GlbTile:
    """`count` prisms with roofs and four walls, strewn over `span` metres, with a table of each type."""
    random = np.random.default_rng(seed)
    meshes = [
        _prism(random.uniform(0, span, 2), random.uniform(5, 20, 2), random.uniform(3, 90))
        for _ in range(count)
    ]
    quads = np.concatenate([quads for quads, _ in meshes])
    normals = np.repeat(np.concatenate([normals for _, normals in meshes]), 4, axis=0)
    first = 4 * np.arange(len(quads), dtype=np.uint32)[:, None]
    triangles = (first[:, :, None] + np.array([[0, 1, 2], [0, 2, 3]], np.uint32)).reshape(-1, 3)
    ids = np.repeat(np.arange(count, dtype=np.uint32), 20)
    return GlbTile(
        quads.reshape(-1, 3), triangles, FRAME, normals.astype(np.float32), ids, table=table_of(count)
    )


def surveyed_prisms(count: int) -> GlbTile:
    """Prisms whose vertices say in a second set of what they are; nobody knows that of the last prism's."""
    ids = np.tile(np.repeat(np.array([1, 0], np.uint8), [16, 4]), count)
    ids[-20:] = 3
    table = PropertyTable({"surface": Column(np.arange(3), names=("roof", "wall", "ground"))}, "surface")
    return replace(prisms(count), sets=(FeatureSet(ids, "surface", table),))


def table_of(count: int) -> PropertyTable:
    rows = np.arange(count)
    return PropertyTable(
        {
            "smap_id": Column(np.array([f"osm:{row}" for row in rows], object), semantic="ID"),
            "name": Column(np.array([None if row % 2 else f"숭례문 {row}" for row in rows], object)),
            "note": Column(np.full(count, None, object)),
            "height": Column(np.where(rows % 3 == 0, np.nan, rows / 7).astype(np.float32), title="metres"),
            "area": Column(rows * math.pi),
            "floors": Column(rows.astype(np.int16), rows % 5 == 0),
            "height_source": Column(rows % 3, names=("height", "floors", "default")),
            "use": Column(rows % 2, rows % 4 == 1, ("home", "office")),
            "edge": Column(rows % 2 == 0),
            "층수": Column(rows.astype(np.uint8)),
        }
    )


def _prism(
    place: NDArray[np.float64], size: NDArray[np.float64], height: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Five quads (5, 4, 3), counter-clockwise from outside, and their normals (5, 3)."""
    low = np.pad(place + _CORNERS * size, ((0, 0), (0, 1)))
    high = low + np.array([0.0, 0.0, height])
    walls = [[low[i], low[(i + 1) % 4], high[(i + 1) % 4], high[i]] for i in range(4)]
    normals = np.array([[0, -1, 0], [1, 0, 0], [0, 1, 0], [-1, 0, 0], [0, 0, 1]], np.float64)
    return np.array([*walls, high]), normals
