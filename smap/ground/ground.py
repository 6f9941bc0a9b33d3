"""Ground: the drawn surface of a whole terrain archive, at one level."""

from __future__ import annotations

import io
import json
import math
from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smap.errors import FormatError
from smap.formats import layer, quantized_mesh
from smap.geo.geoid import Geoid, decode_geoid, ellipsoidal_to_orthometric
from smap.geo.grid import columns_rows
from smap.ground.footprint import Outlines, centroids, following, inside_cell, over_surface
from smap.ground.surface import TOUCH, TileSurface, ragged
from smap.store.tile import TileReader

__all__ = ["Ground", "Surfaces"]

Surfaces = OrderedDict[tuple[int, int, int], TileSurface]
"""Decoded tiles by z, x and y."""

# Decoded tiles kept: about 0.5 MB each
_KEPT_TILES = 512
# Square radians, 4 square centimetres: the mean over less would be rounding noise
_LEAST_AREA = 1e-17
_Key = tuple[int, int, int]


class Ground:
    """Heights on the triangles of a terrain archive, as clients draw them. Safe to use from many threads.

    level: the finest of the archive, on which buildings are seated; spacing_m: of the source's cells; source:
    who is to be credited; vertical_datum: of the source. surfaces: tiles of the same archive that were
    decoded before, to which more are added; no more than `most` are kept.
    """

    def __init__(
        self, reader: TileReader, surfaces: Surfaces | None = None, *, most: int = _KEPT_TILES
    ) -> None:
        self._reader = reader
        self._layer = layer.decode(_entry(reader, "layer.json"))
        self._facts = _facts(_entry(reader, "tileset.json"))
        own = self._facts.get("geoid_grid")
        self._geoid = decode_geoid(_entry(reader, str(own))) if own else None
        self.level = self._layer.max_level
        self.spacing_m = float(self._facts.get("spacing_m", math.nan))
        self.source = str(self._facts.get("source", self._layer.attribution))
        self.vertical_datum = str(self._facts.get("vertical_datum", ""))
        self._known: NDArray[np.bool_] | None = None
        self._surfaces = Surfaces() if surfaces is None else surfaces
        self._most = most
        self._lock = Lock()

    @property
    def geoid(self) -> Geoid | None:
        """The user's own by which the source's heights became ellipsoidal; None: EGM96, or none needed."""
        return self._geoid

    @property
    def bounds_deg(self) -> tuple[float, float, float, float]:
        """West, south, east, north of what the archive covers."""
        return self._layer.bounds

    def heights(self, lon: ArrayLike, lat: ArrayLike, level: int | None = None) -> NDArray[np.float64]:
        """Ellipsoidal metres of the drawn ground at positions (radians, any one shape).

        Where the level has no tile, of the next coarser one that has.
        """
        lon, lat = np.broadcast_arrays(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
        found = self._locate(lon.ravel(), lat.ravel(), self.level if level is None else level)
        return found[0].reshape(lon.shape)

    def orthometric(self, lon: ArrayLike, lat: ArrayLike, level: int | None = None) -> NDArray[np.float64]:
        """Metres above the source's vertical datum, as `heights`; GeoidError outside of the geoid's grid."""
        return self.above_datum(lon, lat, self.heights(lon, lat, level))

    def above_datum(
        self, lon: ArrayLike, lat: ArrayLike, heights: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """What `heights` gave, above the source's vertical datum; GeoidError as in `orthometric`."""
        if "geoid" not in self._facts:
            return heights
        return ellipsoidal_to_orthometric(lon, lat, heights, geoid=self._geoid)

    def covers(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
        """Whether the source knew the ground at positions in radians, to a third of its cell."""
        coverage = self._facts.get("coverage")
        lon, lat = np.broadcast_arrays(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
        if not isinstance(coverage, dict):
            return np.ones(lon.shape, bool)
        known = self._coverage(str(coverage["path"]))
        west, south, east, north = np.radians(coverage["bounds_deg"])
        column = np.floor((lon - west) / (east - west) * known.shape[1]).astype(np.int64)
        row = np.floor((north - lat) / (north - south) * known.shape[0]).astype(np.int64)
        within = (column >= 0) & (row >= 0) & (column < known.shape[1]) & (row < known.shape[0])
        return np.asarray(within & known[np.where(within, row, 0), np.where(within, column, 0)])

    def means_under(
        self,
        lonlat: NDArray[np.float64],
        rings: NDArray[np.int64],
        polygons: NDArray[np.int64],
        features: NDArray[np.int64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """Mean and lowest ground under each of n outlines at the seating level, and where the source ended.

        The outlines are ragged arrays: lonlat (v, 2) radians, offsets rings into it, polygons into rings,
        features into polygons. Gives float64 (n,) ellipsoidal metres: the exact mean of the drawn ground over
        the area, the lowest along the outline; bool (n,): some corner lies where the source knew no ground.
        """
        count = len(features) - 1
        ring_feature = np.repeat(np.arange(count), np.diff(polygons[features]))
        vertices = rings[polygons[features]]
        is_edge = ~np.logical_and.reduceat(self.covers(lonlat[:, 0], lonlat[:, 1]), vertices[:-1])
        middle = centroids(lonlat, rings, ring_feature, count)
        mean, lowest = self._on_one_triangle(lonlat, vertices, middle)
        self._integrate(lonlat, rings, vertices, np.flatnonzero(np.isinf(lowest)), mean, lowest)
        missed = np.flatnonzero(np.isinf(lowest))
        corner, offsets = _joined(vertices, missed)
        if len(missed):
            height = self._locate(lonlat[corner, 0], lonlat[corner, 1], self.level)[0]
            lowest[missed] = np.minimum.reduceat(height, offsets[:-1])
        return mean, lowest, is_edge

    def _on_one_triangle(
        self, lonlat: NDArray[np.float64], vertices: NDArray[np.int64], middle: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The ground at the middle of each outline, and the lowest at its corners where these lie on the same
        triangle as the middle: infinite where they do not.
        """
        mean, lowest = np.empty(len(middle)), np.full(len(middle), np.inf)
        keys = self._existing(*columns_rows(self.level, middle[:, 0], middle[:, 1]), self.level)
        for key, members in _groups(keys):
            surface = self._surface(key)
            west, south, span = _square(key)
            x, y = ((middle[members, k] - least) / span for k, least in ((0, west), (1, south)))
            triangle = surface.locate(x, y)
            mean[members] = surface.height_in(triangle, x, y)
            corner, offsets = _joined(vertices, members)
            of_corner = np.repeat(triangle, np.diff(offsets))
            x, y = ((lonlat[corner, k] - least) / span for k, least in ((0, west), (1, south)))
            within = np.minimum.reduceat(surface.depth(of_corner, x, y), offsets[:-1]) >= -TOUCH
            least = np.minimum.reduceat(surface.height_in(of_corner, x, y), offsets[:-1])
            lowest[members[within]] = least[within]
        return mean, lowest

    def _integrate(
        self,
        lonlat: NDArray[np.float64],
        rings: NDArray[np.int64],
        vertices: NDArray[np.int64],
        chosen: NDArray[np.int64],
        mean: NDArray[np.float64],
        lowest: NDArray[np.float64],
    ) -> None:
        """Puts into mean and lowest what is true of the chosen outlines, which lie over several triangles.

        vertices: offsets of each outline's corners.
        """
        area, volume = np.zeros(len(mean)), np.zeros(len(mean))
        after = following(rings, len(lonlat))
        low, high = (
            least.reduceat(lonlat, vertices[:-1], axis=0)[chosen] for least in (np.minimum, np.maximum)
        )
        for key, cell, part in self._tiles_under(low, high):
            west, south, span = _square(key)
            mine = chosen[part]
            corner, offsets = _joined(vertices, mine)
            outlines = Outlines(
                xy=(lonlat[corner] - (west, south)) / span,
                offsets=offsets,
                after=after[corner] - corner + np.arange(len(corner)),
            )
            if cell != key:
                outlines = inside_cell(outlines, *_cell_in(cell, key))
            one_area, one_volume, one_lowest = over_surface(self._surface(key), outlines)
            area[mine] += one_area * span**2
            volume[mine] += one_volume * span**2
            lowest[mine] = np.minimum(lowest[mine], one_lowest)
        sound = area > _LEAST_AREA
        mean[sound] = volume[sound] / area[sound]

    def _tiles_under(
        self, low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> Iterator[tuple[_Key, _Key, NDArray[np.int64]]]:
        """Each cell of the seating level that rectangles (n, 2) meet: its tile, the cell, which rectangles.

        The tile is a coarser one where the level has none.
        """
        columns, rows = columns_rows(self.level, low[:, 0], low[:, 1])
        last_columns, last_rows = columns_rows(self.level, high[:, 0], high[:, 1])
        wide = last_columns - columns + 1
        box, place = ragged(wide * (last_rows - rows + 1))
        up, across = np.divmod(place, wide[box])
        cells = np.column_stack([np.full(len(box), self.level), columns[box] + across, rows[box] + up])
        for cell, members in _groups(cells):
            z, x, y = self._existing(cells[members[:1], 1], cells[members[:1], 2], self.level)[0].tolist()
            yield (z, x, y), cell, box[members]

    def _locate(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64], level: int
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Heights at positions (n,), and numbers that are equal where positions share a triangle."""
        heights, triangles = np.empty(len(lon)), np.empty(len(lon), np.int64)
        keys = self._existing(*columns_rows(level, lon, lat), level)
        for number, (key, members) in enumerate(_groups(keys)):
            surface = self._surface(key)
            west, south, span = _square(key)
            x, y = (lon[members] - west) / span, (lat[members] - south) / span
            triangle = surface.locate(x, y)
            heights[members] = surface.height_in(triangle, x, y)
            triangles[members] = number << 32 | triangle
        return heights, triangles

    def _existing(self, x: NDArray[np.int64], y: NDArray[np.int64], level: int) -> NDArray[np.int64]:
        """(n, 3): z, x, y of the finest tile, no finer than the level, that exists over each of these."""
        keys = np.column_stack([np.full(len(x), level, np.int64), x, y])
        missing = ~self._exists(keys)
        while missing.any():
            if level == 0:
                raise FormatError("layer.json names no tile of level 0 for some positions: build it anew")
            level -= 1
            coarser = keys[missing] >> [0, 1, 1]
            coarser[:, 0] = level
            keys[missing] = coarser
            missing[missing] = ~self._exists(coarser)
        return keys

    def _exists(self, keys: NDArray[np.int64]) -> NDArray[np.bool_]:
        found = np.zeros(len(keys), bool)
        level = int(keys[0, 0]) if len(keys) else 0
        if level <= self._layer.max_level:
            for r in self._layer.available[level]:
                _, x, y = keys.T
                found |= (x >= r.start_x) & (x <= r.end_x) & (y >= r.start_y) & (y <= r.end_y)
        return found

    def _surface(self, key: _Key) -> TileSurface:
        with self._lock:
            if key in self._surfaces:
                self._surfaces.move_to_end(key)
                return self._surfaces[key]
        z, x, y = key
        surface = TileSurface.of(quantized_mesh.decode(_entry(self._reader, f"{z}/{x}/{y}.terrain")))
        with self._lock:
            self._surfaces[key] = surface
            if len(self._surfaces) > self._most:
                self._surfaces.popitem(last=False)
        return surface

    def _coverage(self, path: str) -> NDArray[np.bool_]:
        if self._known is None:
            from PIL import Image

            with Image.open(io.BytesIO(_entry(self._reader, path))) as picture:
                self._known = np.asarray(picture.convert("1"), bool)
        return self._known


def _square(key: _Key) -> tuple[float, float, float]:
    """West, south and side of a tile, radians."""
    z, x, y = key
    span = math.pi / (1 << z)
    return x * span - math.pi, y * span - math.pi / 2, span


def _cell_in(cell: _Key, tile: _Key) -> tuple[tuple[float, float], tuple[float, float]]:
    """South-west and north-east corner of a cell in the unit square of a coarser tile that holds it."""
    parts = 1 << (cell[0] - tile[0])
    x, y = cell[1] / parts - tile[1], cell[2] / parts - tile[2]
    return (x, y), (x + 1.0 / parts, y + 1.0 / parts)


def _joined(
    offsets: NDArray[np.int64], chosen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All members of the chosen groups, one group after the other, and their offsets there."""
    counts = np.diff(offsets)[chosen]
    group, place = ragged(counts)
    return offsets[chosen][group] + place, np.concatenate([[0], np.cumsum(counts)])


def _groups(keys: NDArray[np.int64]) -> Iterator[tuple[_Key, NDArray[np.int64]]]:
    """Each distinct row (z, x, y) and where it stands."""
    if not len(keys):
        return
    order = np.lexsort(keys.T[::-1])
    ordered = keys[order]
    starts = np.flatnonzero(np.any(ordered[1:] != ordered[:-1], axis=1)) + 1
    for members in np.split(order, starts):
        z, x, y = keys[members[0]].tolist()
        yield (z, x, y), members


def _entry(reader: TileReader, path: str) -> bytes:
    tile = reader.get(path)
    if tile is None:
        raise FormatError(f"the terrain has no {path}: it is damaged or no terrain; build it anew")
    return tile.identity()


def _facts(data: bytes) -> dict[str, Any]:
    try:
        extras = json.loads(data).get("extras", {})
    except (ValueError, AttributeError) as error:
        raise FormatError(f"tileset.json of the terrain is no JSON object: {error}") from error
    return extras if isinstance(extras, dict) else {}
