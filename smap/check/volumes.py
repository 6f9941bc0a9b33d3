"""Bounding volumes in ECEF: how far points lie outside them, and points that stand for a volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.geo.ellipsoid import SEMI_MAJOR_M, from_ecef, to_ecef

__all__ = ["Volume", "volume_of"]

_SIGNS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float64)


@dataclass(frozen=True)
class Volume:
    """kind: "region", "box" or "sphere". numbers: those of 3D Tiles, a box and a sphere moved into ECEF."""

    kind: str
    numbers: NDArray[np.float64]

    def excess(self, points: NDArray[np.float64]) -> float:
        """Metres by which the outermost point, float64 (n, 3) ECEF, lies outside; 0 or less: all inside."""
        if self.kind == "sphere":
            return float(np.linalg.norm(points - self.numbers[:3], axis=1).max() - self.numbers[3])
        return self._box_excess(points) if self.kind == "box" else self._region_excess(points)

    def points(self) -> NDArray[np.float64]:
        """Points on the volume's hull: float64 (n, 3) ECEF."""
        if self.kind == "sphere":
            poles: NDArray[np.float64] = np.concatenate([np.eye(3), -np.eye(3)])
            return self.numbers[:3] + poles * float(self.numbers[3])
        if self.kind == "box":
            corners: NDArray[np.float64] = _SIGNS @ self.numbers[3:].reshape(3, 3)
            return self.numbers[:3] + corners
        west, south, east, north, low, high = self.numbers
        lon, lat, height = np.meshgrid((west, east), (south, north), (low, high))
        return to_ecef(lon.ravel(), lat.ravel(), height.ravel())

    def _box_excess(self, points: NDArray[np.float64]) -> float:
        axes = self.numbers[3:].reshape(3, 3)
        halves = np.linalg.norm(axes, axis=1)
        units = axes / np.where(halves > 0.0, halves, 1.0)[:, None]
        along = units @ points.T - (units @ self.numbers[:3])[:, None]  # (3, n): rows are quick to search
        along = np.maximum(along.max(axis=1), -along.min(axis=1))
        return float((along - halves).max())

    def _region_excess(self, points: NDArray[np.float64]) -> float:
        lon, lat, height = from_ecef(points)
        west, south, east, north, low, high = self.numbers
        middle = (west + (east if east >= west else east + 2 * np.pi)) / 2.0
        turned = np.remainder(lon - middle + np.pi, 2 * np.pi) - np.pi
        half = (east - west if east >= west else east - west + 2 * np.pi) / 2.0
        sideways = (np.abs(turned) - half) * np.cos(lat) * SEMI_MAJOR_M
        upward = np.maximum(south - lat, lat - north) * SEMI_MAJOR_M
        return float(np.max([sideways.max(), upward.max(), (low - height).max(), (height - high).max()]))


def volume_of(entry: dict[str, Any], transform: NDArray[np.float64]) -> Volume | None:
    """The volume of a well-formed `boundingVolume` under a transform, float64 (4, 4); None: another kind."""
    if "box" in entry:
        numbers = np.array(entry["box"], np.float64)
        center = transform[:3, :3] @ numbers[:3] + transform[:3, 3]
        return Volume(
            "box", np.concatenate([center, (numbers[3:].reshape(3, 3) @ transform[:3, :3].T).ravel()])
        )
    if "region" in entry:
        return Volume("region", np.array(entry["region"], np.float64))
    if "sphere" in entry:
        numbers = np.array(entry["sphere"], np.float64)
        center = transform[:3, :3] @ numbers[:3] + transform[:3, 3]
        grown = numbers[3] * float(np.linalg.norm(transform[:3, :3], axis=0).max())
        return Volume("sphere", np.append(center, grown))
    return None
