"""Relief for a base map: heights on the pixels of Web Mercator, and how a slope lies to the light."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, maximum_filter, uniform_filter

from smap.sources.elevation import Elevation
from smap.tiling.basemap import TILE, degrees_of, metres_per_pixel, unit_of

__all__ = ["Patch", "Relief", "relief_of"]

# Between cells heights are bilinear, with creases where cells meet; over so much of one they are evened out
_EVEN_CELLS = 0.5
# Pixels of a cell's side; finer pixels would show nothing more
_PIXELS_A_CELL = 3.0
# The relief gives way to paper over so many metres within the edge of what is known
_FADE_M = 600.0
_MOST_PIXELS = 16_000_000
_STRIP = 512
_ROOM = 12
"""Pixels of the relief's own level around a patch: a wide slope and its evening look no farther."""
# Azimuths of lights in degrees and their weights: from the north-west as maps are used to, softened from
# beside it, after Mark 1992 (Multidirectional, oblique-weighted, shaded-relief image, USGS OFR 92-422)
_LIGHTS = ((225.0, 0.16), (270.0, 0.26), (315.0, 0.38), (0.0, 0.20))
_ALTITUDE = math.radians(42.0)


@dataclass(frozen=True)
class Patch:
    """The relief under a sheet. heights: float32 (r, c) in metres; known: uint8 (r, c), 255 where it is.

    left, top: pixels of the level drawn from its corner to that of the sheet; zoom: how many of those are one
    of its own; pixel_m: metres of one of its own.
    """

    heights: NDArray[np.float32]
    known: NDArray[np.uint8]
    left: int
    top: int
    zoom: int
    pixel_m: float

    def covers(self, size: tuple[int, int], strength: float) -> dict[str, Image.Image]:
        """On a sheet's pixels, all mode L: light (128: flat), height (a step: 4 m), hill, what is known."""
        height = self._stretched(self.heights, size)
        light = self._stretched(_light(self.heights, self.pixel_m, strength, self.known), size)
        index = np.clip(np.asarray(height) / 4.0, 0.0, 255.0).astype(np.uint8)
        return {
            "light": _gray(light),
            "height": Image.fromarray(index),
            "hill": _gray(self._stretched(_hills(self.heights, self.pixel_m), size)),
            "known": _gray(self._stretched(self.known.astype(np.float32), size)),
        }

    def _stretched(self, values: NDArray[np.float32], size: tuple[int, int]) -> Image.Image:
        left, top = self.left / self.zoom, self.top / self.zoom
        box = (left, top, left + size[0] / self.zoom, top + size[1] / self.zoom)
        return Image.fromarray(values).resize(size, Image.Resampling.BICUBIC, box=box)


@dataclass(frozen=True)
class Relief:
    """Heights on all pixels of one level over an area. origin: the level's pixel of the first, x and y."""

    level: int
    origin: tuple[int, int]
    heights: NDArray[np.float32]
    known: NDArray[np.float32]
    lat_deg: float

    def patch(self, z: int, origin: tuple[int, int], size: tuple[int, int]) -> Patch:
        """What a picture of level z needs that begins at a pixel and is so large."""
        if z < self.level:
            return self._halved.patch(z, origin, size)
        zoom = 1 << (z - self.level)
        x0, y0 = origin[0] // zoom - _ROOM, origin[1] // zoom - _ROOM
        x1, y1 = -(-(origin[0] + size[0]) // zoom) + _ROOM, -(-(origin[1] + size[1]) // zoom) + _ROOM
        rows = np.clip(np.arange(y0, y1) - self.origin[1], 0, self.heights.shape[0] - 1)
        columns = np.clip(np.arange(x0, x1) - self.origin[0], 0, self.heights.shape[1] - 1)
        cut = np.ix_(rows, columns)
        known = np.round(self.known[cut] * 255.0).astype(np.uint8)
        at = (origin[0] - x0 * zoom, origin[1] - y0 * zoom)
        return Patch(self.heights[cut], known, *at, zoom, metres_per_pixel(self.level, self.lat_deg))

    @cached_property
    def _halved(self) -> Relief:
        """The level above: the mean of four pixels each."""
        left, top = self.origin
        return Relief(
            self.level - 1,
            (left // 2, top // 2),
            _halved(self.heights, left % 2, top % 2),
            _halved(self.known, left % 2, top % 2),
            self.lat_deg,
        )


def relief_of(elevation: Elevation, area: tuple[float, float, float, float], most: int) -> Relief:
    """The relief of an area (degrees), no finer than its source and than level `most`."""
    west, south, east, north = area
    lat = (south + north) / 2.0
    level = _level(elevation.cell_m, area, lat, most)
    corners = unit_of(np.array([[west, north], [east, south]])) * (TILE << level)
    (left, top), (right, bottom) = np.floor(corners[0]) - _ROOM, np.ceil(corners[1]) + _ROOM
    columns, rows = np.arange(left, right), np.arange(top, bottom)
    lon, _ = np.radians(degrees_of(np.column_stack([columns + 0.5, columns * 0]) / (TILE << level))).T
    _, parallels = np.radians(degrees_of(np.column_stack([rows * 0, rows + 0.5]) / (TILE << level))).T
    heights = np.empty((len(rows), len(columns)), np.float32)
    known = np.empty_like(heights)
    for at in range(0, len(rows), _STRIP):
        samples = elevation.sample_grid(lon, parallels[at : at + _STRIP])
        heights[at : at + _STRIP], known[at : at + _STRIP] = samples.height, samples.valid
    pixel_m = metres_per_pixel(level, lat)
    heights = gaussian_filter(heights, _EVEN_CELLS * elevation.cell_m / pixel_m, truncate=3.0)
    return Relief(level, (int(left), int(top)), heights, _faded(known, pixel_m), lat)


def _level(cell_m: float, area: tuple[float, float, float, float], lat: float, most: int) -> int:
    level = math.ceil(math.log2(metres_per_pixel(0, lat) / (cell_m / _PIXELS_A_CELL)))
    level = min(max(level, 0), most)
    west, south, east, north = area
    while level:
        (a, b), (c, d) = unit_of(np.array([[west, north], [east, south]])) * (TILE << level)
        if (c - a) * (d - b) <= _MOST_PIXELS:
            break
        level -= 1
    return level


def _faded(known: NDArray[np.float32], pixel_m: float) -> NDArray[np.float32]:
    """1 well inside what is known, 0 outside, smooth in between."""
    wide = max(1, round(_FADE_M / pixel_m))
    unknown = maximum_filter(1.0 - known, size=wide)
    even = uniform_filter(uniform_filter(1.0 - unknown, size=wide), size=wide)
    return np.asarray(even, np.float32)


def _halved(values: NDArray[np.float32], left: int, top: int) -> NDArray[np.float32]:
    rows, columns = values.shape
    even = np.pad(values, ((top, (rows + top) % 2), (left, (columns + left) % 2)), mode="edge")
    return np.asarray(
        (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4.0, np.float32
    )


def _light(
    heights: NDArray[np.float32], pixel_m: float, strength: float, known: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """128 where the ground is flat, up to 255 where it faces the light and down to 0 where it turns away."""
    north, east = np.gradient(heights, -pixel_m, pixel_m)
    north, east = north * strength, east * strength
    level = 1.0 / np.sqrt(1.0 + north * north + east * east)
    total = np.zeros_like(heights)
    for azimuth, weight in _LIGHTS:
        a = math.radians(azimuth)
        toward = -(east * math.sin(a) + north * math.cos(a))
        total += weight * (math.sin(_ALTITUDE) + math.cos(_ALTITUDE) * toward) * level
    away = total / sum(weight for _, weight in _LIGHTS) - math.sin(_ALTITUDE)
    return np.asarray(128.0 + 127.0 * np.tanh(away * 1.7) * (known / np.float32(255.0)), np.float32)


def _hills(heights: NDArray[np.float32], pixel_m: float) -> NDArray[np.float32]:
    """255 where the ground is so high or steep that it is wooded, as web/src/engine/ground.ts takes it."""
    north, east = np.gradient(heights, pixel_m)
    steep = _rise(np.hypot(north, east), 0.09, 0.26) * _rise(heights, 25.0, 75.0)
    return np.asarray(255.0 * np.clip(steep + _rise(heights, 85.0, 160.0), 0.0, 1.0), np.float32)


def _rise(at: NDArray[np.float32], begin: float, end: float) -> NDArray[np.float32]:
    t = np.clip((at - begin) / (end - begin), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), np.float32)


def _gray(values: Image.Image) -> Image.Image:
    return Image.fromarray(np.clip(np.round(np.asarray(values)), 0.0, 255.0).astype(np.uint8))
