"""The sample's ordinary houses: abstract massing by district, never on a street, a stream or in a court."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smap.sample.facts import Court, Fabric, Facts, Line
from smap.sample.ground import heights_at

__all__ = ["Houses", "make_houses"]

SEED = 1394  # the year in which the capital moved here
STEEPEST = 0.22  # rise over run beyond which nobody builds a plain house
STOREY_M = 3.2
MARGIN_M = 4.0


@dataclass(frozen=True)
class Houses:
    """n rectangular houses: corners float64 (n, 4, 2) on the plane, height_m (n,), fabric index (n,)."""

    corners: NDArray[np.float64]
    height_m: NDArray[np.float64]
    fabric: NDArray[np.int64]


def make_houses(facts: Facts) -> Houses:
    """Fill the lots of every fabric; the same facts give the same houses."""
    random = np.random.default_rng(SEED)
    parts = [_of_fabric(facts, index, random) for index in range(len(facts.fabrics))]
    return Houses(
        np.concatenate([p.corners for p in parts]),
        np.concatenate([p.height_m for p in parts]),
        np.concatenate([p.fabric for p in parts]),
    )


def _of_fabric(facts: Facts, index: int, random: np.random.Generator) -> Houses:
    fabric = facts.fabrics[index]
    lots = _lots(facts, fabric)
    half = fabric.lot_m * random.uniform(0.30, 0.46, size=(len(lots), 2))
    low, high = fabric.height_m
    height = low + (high - low) * random.beta(1.3, 3.2, size=len(lots))
    free = _buildable(facts, index, lots, fabric.lot_m)
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    corners = lots[free, None] + signs * half[free, None]
    return Houses(corners, np.round(height[free], 1), np.full(int(free.sum()), index))


def _lots(facts: Facts, fabric: Fabric) -> NDArray[np.float64]:
    west, south, east, north = facts.bounds_deg
    (x0, y0), (x1, y1) = facts.plane.to_plane(np.array([west, east]), np.array([south, north]))
    x = np.arange(x0 + 60, x1 - 60, fabric.lot_m)
    y = np.arange(y0 + 60, y1 - 60, fabric.lot_m)
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def _buildable(facts: Facts, index: int, lots: NDArray[np.float64], lot_m: float) -> NDArray[np.bool_]:
    reach = lot_m * 0.46 * np.sqrt(2)
    free = _nearest_fabric(facts, lots, lot_m) == index
    free &= _slope(facts, lots) < STEEPEST
    for line in (*facts.streets, *facts.streams):
        free &= _distance(line, lots) > line.width_m / 2 + reach + MARGIN_M
    for court in facts.courts:
        free &= ~_inside(court, lots, reach + MARGIN_M)
    lanes = np.minimum(*np.moveaxis(np.floor(lots / lot_m).astype(int) % 6, -1, 0))
    return np.asarray(free & (lanes > 0))


def _nearest_fabric(facts: Facts, lots: NDArray[np.float64], lot_m: float) -> NDArray[np.int64]:
    """The fabric of each lot; −1 where its corners belong to different ones, so fabrics never overlap."""
    centres = np.stack([f.xy for f in facts.fabrics])
    offsets = np.array([[0, 0], [-1, -1], [1, -1], [1, 1], [-1, 1]]) * lot_m / 2
    corners = lots[:, None] + offsets
    far = np.linalg.norm(corners[:, :, None] - centres, axis=-1)
    nearest = far.argmin(axis=-1)
    same = (nearest == nearest[:, :1]).all(axis=1) & (far.min(axis=-1).max(axis=1) < 1500.0)
    return np.where(same, nearest[:, 0], -1)


def _slope(facts: Facts, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    step = np.array([10.0, 0.0])
    east = heights_at(facts, xy + step) - heights_at(facts, xy - step)
    north = heights_at(facts, xy + step[::-1]) - heights_at(facts, xy - step[::-1])
    return np.asarray(np.hypot(east, north) / 20.0)


def _distance(line: Line, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.min([_to_segment(a, b, xy) for a, b in _segments(line)], axis=0))


def _segments(line: Line) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    return zip(line.xy[:-1], line.xy[1:], strict=True)


def _to_segment(
    a: NDArray[np.float64], b: NDArray[np.float64], xy: NDArray[np.float64]
) -> NDArray[np.float64]:
    along = np.clip((xy - a) @ (b - a) / ((b - a) @ (b - a)), 0.0, 1.0)
    return np.asarray(np.linalg.norm(xy - (a + along[:, None] * (b - a)), axis=1))


def _inside(court: Court, xy: NDArray[np.float64], margin: float) -> NDArray[np.bool_]:
    return np.asarray((np.abs(xy - court.xy) < np.array(court.half_m) + margin).all(axis=1))
