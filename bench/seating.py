"""Seating on real buildings: is the ground level the mean of the drawn terrain, does a corner show daylight?

Read from the finished tiles, and measured against the terrain by another decoder and by dense sampling.
"""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bench.city import newest
from smap.build.treefile import read_nodes
from smap.formats.glb import decode_glb
from smap.geo.ellipsoid import from_ecef
from smap.geo.grid import tile_at
from smap.store import TileReader, open_tiles

COUNT = 1000
STEEP = 0.10
EVEN_M = 0.05
"""Feet of one building's walls lie so level, after the tiles' steps of 20 mm and the curve of the earth."""
REACH_RAD = 15.0 / 6_378_137.0


@dataclass(frozen=True)
class Built:
    """A building as its tile draws it. roof: the triangles' corners, float64 (t, 3, 2) radians.

    corners: float64 (c, 2) radians of the wall's foot. ground, bottom: ellipsoidal metres.
    """

    smap_id: str
    roof: NDArray[np.float64]
    corners: NDArray[np.float64]
    ground: float
    bottom: float


class Terrain:
    """The drawn triangles of a terrain archive, decoded by quantized-mesh-tile."""

    def __init__(self, reader: TileReader, level: int) -> None:
        self._reader = reader
        self._level = level
        self._tiles: dict[tuple[int, int], tuple[NDArray[np.float64], NDArray[np.int64]]] = {}

    def heights(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """At positions (n, 2) in radians, by barycentric coordinates."""
        keys = [tile_at(self._level, lon, lat) for lon, lat in lonlat.tolist()]
        found = np.empty(len(lonlat))
        for key in set(keys):
            at = np.array([k == key for k in keys])
            found[at] = _interpolated(*self._tile(key.x, key.y), lonlat[at])
        return found

    def _tile(self, x: int, y: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        if (x, y) not in self._tiles:
            from quantized_mesh_tile import terrain

            stored = self._reader.get(f"{self._level}/{x}/{y}.terrain")
            assert stored is not None
            west, south, east, north = np.degrees(tile_at_key(self._level, x, y))
            tile = terrain.TerrainTile(west=west, south=south, east=east, north=north)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tile.fromBytesIO(io.BytesIO(stored.identity()), hasLighting=True, hasWatermask=True)
                coordinates = np.array(tile.getVerticesCoordinates())
            coordinates[:, :2] = np.radians(coordinates[:, :2])
            self._tiles[x, y] = coordinates, np.array(tile.indices).reshape(-1, 3)
        return self._tiles[x, y]


def tile_at_key(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile in radians."""
    span = np.pi / (1 << z)
    return x * span - np.pi, y * span - np.pi / 2, (x + 1) * span - np.pi, (y + 1) * span - np.pi / 2


def _interpolated(
    vertices: NDArray[np.float64], triangles: NDArray[np.int64], lonlat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Heights by the triangle that holds each place best; the mesh has no hole, so one always does."""
    corners = vertices[triangles][:, :, :2]
    near = (corners.min(axis=1) <= lonlat.max(axis=0) + 1e-9) & (
        corners.max(axis=1) >= lonlat.min(axis=0) - 1e-9
    )
    a, b, c = (vertices[triangles[near.all(axis=1), k]] for k in range(3))
    e1, e2 = (b - a)[:, :2], (c - a)[:, :2]
    turn = e1[:, 0] * e2[:, 1] - e1[:, 1] * e2[:, 0]
    best, height = np.full(len(lonlat), -np.inf), np.zeros(len(lonlat))
    for k in range(len(a)):
        d = lonlat - a[k, :2]
        u = (d[:, 0] * e2[k, 1] - d[:, 1] * e2[k, 0]) / turn[k]
        v = (e1[k, 0] * d[:, 1] - e1[k, 1] * d[:, 0]) / turn[k]
        inside = np.minimum(np.minimum(u, v), 1.0 - u - v)
        better = inside > best
        best[better] = inside[better]
        height[better] = (a[k, 2] + u * (b[k, 2] - a[k, 2]) + v * (c[k, 2] - a[k, 2]))[better]
    return height


def leaves(reader: TileReader) -> Iterator[str]:
    """The paths of the tiles that draw every building whole."""
    return (node.content for _, node in read_nodes(reader) if not node.children and node.content is not None)


def read_leaf(reader: TileReader, path: str) -> Iterator[Built]:
    """The buildings of a leaf that stand on terrain."""
    stored = reader.get(path)
    assert stored is not None
    tile = decode_glb(stored.identity())
    assert tile.table is not None
    assert tile.feature_ids is not None
    assert tile.normals is not None
    columns = tile.table.columns
    lon, lat, height = from_ecef(tile.ecef())
    place = np.stack([lon, lat], axis=-1)
    feature = tile.feature_ids[tile.triangles[:, 0]].astype(np.int64)
    faces_up = tile.normals[tile.triangles[:, 0], 2] > 0.5
    for row in range(len(tile.table)):
        if columns["ground_source"].values[row] != "terrain":
            continue
        mine = feature == row
        roof, wall = tile.triangles[mine & faces_up], tile.triangles[mine & ~faces_up]
        top = float(height[roof].mean())
        low = wall.ravel()[height[wall.ravel()] < top - 0.1]
        if not len(low):  # neighbours hide all its walls
            continue
        # walls end higher where a neighbour covers them
        foot = low[height[low] < height[low].min() + EVEN_M]
        yield Built(
            str(columns["smap_id"].values[row]),
            place[roof],
            np.unique(place[foot], axis=0),
            top - float(columns["height"].values[row]),
            float(height[foot].max()),
        )


def mean_by_sampling(terrain: Terrain, building: Built, points: int = 900) -> float:
    """The mean height under a roof, from points spread evenly over it."""
    outline = shapely.union_all(shapely.polygons(building.roof), grid_size=1e-13)
    west, south, east, north = outline.bounds
    side = int(np.ceil(np.sqrt(points * (east - west) * (north - south) / outline.area)))
    share = (np.arange(side) + 0.5) / side
    lon, lat = np.meshgrid(west + share * (east - west), south + share * (north - south))
    inside = shapely.contains_xy(outline, lon.ravel(), lat.ravel())
    return float(terrain.heights(np.column_stack([lon.ravel(), lat.ravel()])[inside]).mean())


def slope_at(terrain: Terrain, building: Built) -> float:
    """Rise over run of the ground about a building, over 30 m."""
    lon, lat = building.roof.reshape(-1, 2).mean(axis=0)
    east, north = REACH_RAD / np.cos(lat), REACH_RAD
    around = np.array([[lon + east, lat], [lon - east, lat], [lon, lat + north], [lon, lat - north]])
    e, w, n, s = terrain.heights(around)
    return float(np.hypot(e - w, n - s) / 30.0)


def seating(buildings: Path, ground: Path, level: int, *, seed: int = 20261122) -> dict[str, Any]:
    """Figures of 1,000 buildings, half of them on slopes of more than 10 %."""
    random = np.random.default_rng(seed)
    with open_tiles(buildings) as tiles, open_tiles(ground) as terrain_tiles:
        terrain = Terrain(terrain_tiles, level)
        steep: list[Built] = []
        flat: list[Built] = []
        for path in random.permutation(sorted(leaves(tiles))).tolist():
            here = list(read_leaf(tiles, path))
            for i in random.permutation(len(here))[:100].tolist():
                (steep if slope_at(terrain, here[i]) > STEEP else flat).append(here[i])
            if min(len(steep), len(flat)) >= COUNT // 2:
                break
        chosen = [*steep[: COUNT // 2], *flat[: COUNT // 2]]
        off = [abs(one.ground - mean_by_sampling(terrain, one)) for one in chosen]
        under = [float((terrain.heights(one.corners) - one.bottom).min()) for one in chosen]
    return {
        "buildings": len(chosen),
        "steeper_than_10_percent": len(steep[: COUNT // 2]),
        "ground_level_off_m_median": round(float(np.median(off)), 4),
        "ground_level_off_m_most": round(max(off), 4),
        "wall_below_ground_m_least": round(min(under), 3),
        "corners_in_daylight": sum(value < 0.0 for value in under),
    }


def measure(data: Path, work: Path) -> Mapping[str, Any]:
    """Look at 1,000 buildings of the real Seoul that `bench city` built."""
    archive = newest(work / "city", "seoul-buildings")
    return seating(archive, *terrain_of(str(archive.parent), work / "city"))


def terrain_of(built: str, workspace: Path) -> tuple[Path, int]:
    """The archive of the terrain that a build stands on, and the level it was seated at."""
    terrain = json.loads((Path(built) / "manifest.json").read_text(encoding="utf-8"))["terrain"]
    folder = workspace / "builds" / terrain["name"] / terrain["version"]
    return folder / f"{terrain['name']}.3tz", int(terrain["level"])
