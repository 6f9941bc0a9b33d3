"""Which roof a building has, from what its source says in OpenStreetMap's words, and how much of it there is.

https://wiki.openstreetmap.org/wiki/Simple_3D_Buildings: the height of a building is that of its ridge, floors
do not count those under the roof, a roof's direction is that of its slope.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smap.scene.footprint import Footprints
from smap.scene.measure import LocalPlane, Rectangles, areas, local_plane, next_vertex
from smap.scene.roof_shell import SHAPES, Roofs, raise_shells, shell_volumes

__all__ = ["RoofWords", "SettledRoofs", "settle_roofs"]

Array = NDArray[np.float64]
Texts = NDArray[np.object_]

_ALIKE = {
    **dict.fromkeys(("gambrel", "saltbox", "double_saltbox", "round", "gable", "pitched"), "gabled"),
    **dict.fromkeys(("half-hipped", "half_hipped", "side_hipped", "mansard", "hip"), "hipped"),
    **dict.fromkeys(("dome", "onion", "cone", "conical", "pyramid"), "pyramidal"),
    **dict.fromkeys(("lean_to", "shed", "mono_pitch"), "skillion"),
    **dict.fromkeys(("hipped-and-gabled", "hipped_and_gabled"), "giwa"),
}
"""Other words of OpenStreetMap, and the nearest of those roofs that are drawn."""
_POINTS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")
_PITCH = {
    "gabled": math.tan(math.radians(30.0)),
    "hipped": math.tan(math.radians(30.0)),
    "pyramidal": math.tan(math.radians(30.0)),
    "skillion": 2.0 * math.tan(math.radians(10.0)),
    "giwa": 0.85,
}
"""Rise over half the width where no roof height is said: houses at 30 degrees, lean-to roofs at 10. Roofs of
hanok rise by 1.7 m over a wing of 4 m, eaves counted in at 30 degrees too."""
_MOST = 0.5
"""A roof whose height nobody said is no higher than this share of its building."""


@dataclass(frozen=True)
class RoofWords:
    """What the source says of n buildings; each object (n,) of str or None, or float64 (n,) with NaN."""

    shape: Texts
    height: Array
    levels: Array
    direction: Texts
    orientation: Texts


@dataclass(frozen=True)
class SettledRoofs:
    """roofs: of n buildings. height: float64 (n,), metres to the ridge, above the ground. mean: float64 (n,),
    that of a flat roof under which there is as much room. further_triangles: int64 (n,), those that a pitched
    roof has more than a flat one. faults: indices int64, and the words, by code.
    """

    roofs: Roofs
    height: Array
    mean: Array
    further_triangles: NDArray[np.int64]
    faults: Mapping[str, tuple[NDArray[np.int64], Texts]]

    @property
    def off(self) -> Array:
        """Metres by which such a flat roof lies off: float64 (n,)."""
        above = self.height - self.mean
        return np.where(self.roofs.shape > 0, np.maximum(above, self.roofs.rise - above), 0.0)


def settle_roofs(
    footprints: Footprints,
    plane: LocalPlane,
    rectangles: Rectangles,
    words: RoofWords,
    height: Array,
    *,
    base: Array,
    by_floors: NDArray[np.bool_],
    storey_m: float,
) -> SettledRoofs:
    """Roofs of buildings of these heights, metres float64 (n,), those reckoned `by_floors` without a roof.

    base: float64 (n,), metres above the ground where each begins. What cannot be had is flat, and told
    as a fault.
    """
    faults: dict[str, tuple[NDArray[np.int64], Texts]] = {}
    shape, unknown = _shapes(words.shape)
    _note(faults, "roof_shape_unknown", unknown, words.shape)
    rows = np.flatnonzero(shape > 0)
    rise = np.zeros(len(height))
    facing = np.full((len(height), 2), np.nan)
    across = np.zeros(len(height), bool)
    if len(rows):
        room = height - base
        rise[rows] = _rises(footprints.take(rows), shape, words, room, by_floors, storey_m, rows, faults)
        facing[rows], bad = _directions(words.direction[rows])
        _note(faults, "roof_direction_unknown", rows[bad], words.direction)
        across[rows] = words.orientation[rows] == "across"
        _face_side(facing, shape, rectangles, plane)
    height = np.where(by_floors, height + rise, height)
    return _fitted(footprints, Roofs(shape, rise, facing, across), height, faults, words.shape)


def _fitted(
    footprints: Footprints,
    roofs: Roofs,
    height: Array,
    faults: dict[str, tuple[NDArray[np.int64], Texts]],
    said: Texts,
) -> SettledRoofs:
    """Flat where a footprint does not suit its roof; and the mean height of each."""
    rows = np.flatnonzero(roofs.shape > 0)
    mean = height.copy()
    further = np.zeros(len(height), np.int64)
    if not len(rows):
        return SettledRoofs(roofs, height, mean, further, faults)
    some = footprints.take(rows)
    plane = local_plane(some)
    shell = raise_shells(some, plane, roofs.take(rows))
    unsuited = rows[~shell.fits]
    _note(faults, "roof_unsuited", unsuited, said)
    shape, rise = roofs.shape.copy(), roofs.rise.copy()
    shape[unsuited], rise[unsuited] = 0, 0.0
    fill = shell_volumes(shell) / np.maximum(areas(some, plane), 1e-6)
    mean[rows] = height[rows] - rise[rows] + np.where(shell.fits, fill, 0.0)
    drawn = np.bincount(shell.building[shell.triangles[:, 0]], minlength=len(rows))
    further[rows] = np.where(shell.fits, np.maximum(drawn - np.diff(some.feature_vertices) + 2, 0), 0)
    fitted = Roofs(shape, rise, roofs.facing, roofs.across)
    return SettledRoofs(fitted, height, mean, further, faults)


def _shapes(said: Texts) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The number of each word, and the rows of those that are none: as flat as those that say nothing."""
    numbers: dict[str | None, int] = {None: 0}
    for word in {w for w in said.tolist() if w is not None}:
        plain = word.strip().lower()
        plain = _ALIKE.get(plain, plain)
        numbers[word] = SHAPES.index(plain) if plain in SHAPES else -1
    found = np.array([numbers[word] for word in said.tolist()], np.int64)
    return np.maximum(found, 0).astype(np.uint8), np.flatnonzero(found < 0)


def _rises(
    footprints: Footprints,
    shape: NDArray[np.uint8],
    words: RoofWords,
    room: Array,
    by_floors: NDArray[np.bool_],
    storey_m: float,
    rows: NDArray[np.int64],
    faults: dict[str, tuple[NDArray[np.int64], Texts]],
) -> Array:
    """Metres from eaves to ridge of the rows: as said, by levels under the roof, else by the usual pitch."""
    total, own = room[rows], words.height[rows]
    most = np.where(by_floors[rows], np.inf, total)
    with np.errstate(invalid="ignore"):
        _note(faults, "roof_height_not_positive", rows[own <= 0.0], words.height)
        _note(faults, "roof_height_above_height", rows[own > most], words.height)
        own = np.where((own > 0.0) & (own <= most), own, np.nan)
        told = words.levels[rows] * storey_m
        _note(faults, "roof_levels_not_usable", rows[(told < 0.0) | (told > most)], words.levels)
        own = np.where(np.isnan(own) & (told > 0.0) & (told <= most), told, own)
    pitch = np.array([_PITCH.get(name, 0.0) for name in SHAPES])[shape[rows]]
    usual = np.minimum(pitch * _widths(footprints) / 2.0, _MOST * total)
    return np.where(np.isnan(own), usual, own)


def _widths(footprints: Footprints) -> Array:
    """Metres across the wings of each: of a rectangle with its area and perimeter the shorter side."""
    plane = local_plane(footprints)
    edge = plane.xy[next_vertex(footprints)] - plane.xy
    half = np.add.reduceat(np.hypot(edge[:, 0], edge[:, 1]), footprints.feature_vertices[:-1]) / 2.0
    rest = np.sqrt(np.maximum(half**2 - 4.0 * areas(footprints, plane), 0.0))
    return np.asarray((half - rest) / 2.0)


def _directions(said: Texts) -> tuple[Array, NDArray[np.bool_]]:
    """East and north of a direction, in degrees clockwise from north or as a point of the compass."""
    degrees = np.full(len(said), np.nan)
    bad = np.zeros(len(said), bool)
    for i in np.flatnonzero(said != None).tolist():  # noqa: E711 (element by element)
        word = str(said[i]).strip().upper()
        if word in _POINTS:
            degrees[i] = _POINTS.index(word) * 22.5
            continue
        try:
            degrees[i] = float(word.removesuffix("°"))
        except ValueError:
            bad[i] = True
    with np.errstate(invalid="ignore"):
        wrong = ~np.isnan(degrees) & ~(np.abs(degrees) <= 360.0)
        degrees[wrong] = np.nan
    turn = np.radians(degrees)
    return np.stack([np.sin(turn), np.cos(turn)], axis=-1), bad | wrong


def _face_side(facing: Array, shape: NDArray[np.uint8], rectangles: Rectangles, plane: LocalPlane) -> None:
    """A lean-to roof of which nothing else is said comes down over its longest wall."""
    rows = np.flatnonzero((shape == SHAPES.index("skillion")) & np.isnan(facing[:, 0]))
    along = (rectangles.corners[rows, 1] - rectangles.corners[rows, 0]) * plane.scale[rows]
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    facing[rows] = np.stack([along[:, 1], -along[:, 0]], axis=-1)


def _note(
    faults: dict[str, tuple[NDArray[np.int64], Texts]],
    code: str,
    rows: NDArray[np.int64],
    values: NDArray[np.generic],
) -> None:
    if len(rows):
        faults[code] = (rows, values[rows].astype(object))
