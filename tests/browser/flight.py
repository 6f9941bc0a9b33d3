"""The proof of a flight: at each moment every building stands on the terrain that is drawn under it.

Used by the browser tests on the sample city, and by bench/flight.py on the whole real one. The page tells at
each frame which tiles are on the screen, also while finer ones are on their way; what they hold is read from
the archives. Foot: the lowest of a building's walls, on which it stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

from smap.formats.glb import decode_glb
from smap.geo.ellipsoid import from_ecef, to_ecef
from smap.ground import Ground
from smap.store import TileReader
from tests.browser.conftest import wait_until_ready

__all__ = ["BURIED_M", "NEAR_M", "Judge", "Moment", "Stand", "fly", "rest_at"]

BURIED_M = 1.0
NEAR_M = 5000.0
SIZE = (960, 540)
FOV_DEG = 42.0
"""The viewer's own, upright (web/src/engine/camera.ts)."""
FOOT_M = 0.05
"""A foot lies so level after the tiles' steps of 20 mm and the curve of the earth."""
Stand = tuple[float, float, float, float, float]
"""Longitude, latitude, metres above the ellipsoid, heading, tilt."""
RECORDER = """
() => {
  const seen = new Set(); window.moments = [];
  const look = () => {
    const drawn = window.smap.drawn();
    const text = JSON.stringify(drawn);
    if (!seen.has(text)) { seen.add(text); window.moments.push({ view: window.smap.view(), drawn }); }
    requestAnimationFrame(look);
  };
  look();
}
"""


@dataclass(frozen=True)
class Feet:
    """The feet of walls of one tile: lon, lat (radians), feature, height of the foot, all (n,).

    place: ECEF, (n, 3).
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    feature: NDArray[np.int64]
    bottom: NDArray[np.float64]
    place: NDArray[np.float64]


@dataclass(frozen=True)
class Moment:
    """What is wrong at one moment: metres within NEAR_M of the eye, pixels beyond."""

    height: float
    buildings: int
    buried_m: float
    floating_m: float
    far_px: float


def fly(page: Page, stands: Iterable[Stand], pause_ms: float) -> None:
    """Put the eye from stand to stand, and keep what is drawn meanwhile."""
    page.evaluate(RECORDER)
    for stand in stands:
        page.evaluate("(v) => { window.smap.view(...v); }", list(stand))
        page.wait_for_timeout(pause_ms)


def rest_at(page: Page, stand: Stand) -> None:
    """Until the picture is complete, as a citizen sees who stays."""
    page.evaluate("(v) => { window.smap.view(...v); }", list(stand))
    page.wait_for_timeout(200)
    wait_until_ready(page)


class Judge:
    """Holds what was drawn against what the archives hold."""

    def __init__(self, name: str, tiles: TileReader, ground: Ground, level: int) -> None:
        """Of the tileset `name`: its archive, and the terrain and level that it was seated on."""
        self._name, self._tiles, self._ground, self._level = name, tiles, ground, level
        self._feet: dict[str, Feet] = {}
        self._heights: dict[tuple[str, int], NDArray[np.float64]] = {}

    def of(self, moment: dict[str, Any]) -> Moment:
        """What is wrong at a moment: `view` and `drawn`, as the page tells them."""
        view, drawn = moment["view"], moment["drawn"]
        eye = to_ecef(np.radians(view["lon"]), np.radians(view["lat"]), view["height"])
        cells = {tuple(int(n) for n in text.split("/")) for text in drawn["terrain"]}
        paths = drawn[self._name]
        parts = np.array([(0.0, 0.0, 0.0, 0.0), *(self._tile(path, cells, eye) for path in paths)])
        _, buried, floating, far = parts.max(axis=0).tolist()
        return Moment(view["height"], int(parts[:, 0].sum()), buried, floating, far)

    def _tile(self, path: str, cells: set[tuple[int, ...]], eye: NDArray[np.float64]) -> tuple[float, ...]:
        if path not in self._feet:
            self._feet[path] = _feet_of(self._tiles, path)
        feet = self._feet[path]
        drawn = self._drawn(path, feet, cells)
        seated = self._at(path, self._level)
        sunk = _mean_of_each(feet.feature, drawn - seated)
        # what stands above its own ground is carried by a neighbour, whose walls hide its own
        lifted = np.where(feet.bottom <= seated, feet.bottom - drawn, 0.0)
        away = np.linalg.norm(feet.place - eye, axis=1)
        known = np.isfinite(drawn)
        near = known & (away < NEAR_M)
        far = known & ~near
        pixels = SIZE[1] / 2 / np.tan(np.radians(FOV_DEG) / 2) / away
        return (
            float(len(np.unique(feet.feature[near]))),
            float(sunk[near].max(initial=0.0)),
            float(lifted[near].max(initial=0.0)),
            float((np.maximum(np.abs(sunk), lifted) * pixels)[far].max(initial=0.0)),
        )

    def _drawn(self, path: str, feet: Feet, cells: set[tuple[int, ...]]) -> NDArray[np.float64]:
        """The height of the drawn terrain under each foot; NaN where none is drawn, out of the picture."""
        found = np.full(len(feet.lon), np.nan)
        for z in sorted({cell[0] for cell in cells}):
            size = np.pi / (1 << z)
            x = np.floor((feet.lon + np.pi) / size).astype(np.int64)
            y = np.floor((feet.lat + np.pi / 2) / size).astype(np.int64)
            own = np.array([(z, a, b) in cells for a, b in zip(x.tolist(), y.tolist(), strict=True)])
            if own.any():
                found[own] = self._at(path, z)[own]
        return found

    def _at(self, path: str, z: int) -> NDArray[np.float64]:
        if (path, z) not in self._heights:
            feet = self._feet[path]
            self._heights[path, z] = self._ground.heights(feet.lon, feet.lat, z)
        return self._heights[path, z]


def _feet_of(tiles: TileReader, path: str) -> Feet:
    stored = tiles.get(path)
    assert stored is not None, path
    tile = decode_glb(stored.identity())
    assert tile.feature_ids is not None
    lon, lat, height = from_ecef(tile.ecef())
    feature = tile.feature_ids.astype(np.int64)
    lowest = np.full(int(feature.max()) + 1, np.inf)
    np.minimum.at(lowest, feature, height)
    foot = height < lowest[feature] + FOOT_M
    return Feet(lon[foot], lat[foot], feature[foot], height[foot], tile.ecef()[foot])


def _mean_of_each(feature: NDArray[np.int64], deviation: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each foot the mean of its building, of the feet whose ground is drawn."""
    known = np.isfinite(deviation)
    _, place = np.unique(feature, return_inverse=True)
    total = np.bincount(place, np.where(known, deviation, 0.0))
    return np.asarray((total / np.maximum(np.bincount(place, known), 1))[place])
