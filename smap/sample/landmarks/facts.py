"""The landmarks' written facts, as read from landmarks.toml."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smap.errors import InputError

__all__ = ["ERAS", "Landmark", "court", "outline", "read_landmarks"]

ERAS = ("today", "hanyang")
_METRES_PER_DEGREE = (
    math.pi / 180.0 * 6_371_008.8
)  # of latitude, on the mean sphere: 0.2 % at most for an outline


@dataclass(frozen=True)
class Landmark:
    """One landmark. `size_m`: between the outer columns' axes of a timber hall, else of the building itself.

    `outline_m` is width and depth of the ground that it takes around (lon, lat); plain buildings there
    give way. `court_m` is that of the ground which is level around it, where no plain house stands (default:
    its outline). `heading_deg` turns its front from south, clockwise seen from above. `body` and `shape` are
    the form's words.
    """

    id: str
    name: str
    name_en: str
    form: str
    lon: float
    lat: float
    heading_deg: float
    size_m: tuple[float, float]
    outline_m: tuple[float, float]
    height_m: float
    height_basis: str
    year_built: str
    eras: tuple[str, ...]
    source: str
    date: str
    position_accuracy_m: float
    content: str | None = None
    court_m: tuple[float, float] | None = None
    body: dict[str, Any] = field(default_factory=dict)
    shape: dict[str, Any] = field(default_factory=dict)


def read_landmarks(path: Path) -> list[Landmark]:
    """All landmarks in the order of the file. InputError: a fact is missing, unknown, doubled or no era."""
    stored = tomllib.loads(path.read_text(encoding="utf-8"))["landmark"]
    landmarks = [_landmark(entry) for entry in stored]
    names = [landmark.id for landmark in landmarks]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"{path.name}: written twice: {', '.join(doubled)}")
    return landmarks


def _landmark(entry: dict[str, Any]) -> Landmark:
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    try:
        landmark = Landmark(**values)
    except TypeError as error:
        raise InputError(f"landmark {entry.get('id', '?')}: {error}") from error
    if not landmark.eras or not set(landmark.eras) <= set(ERAS):
        raise InputError(f"landmark {landmark.id}: eras {landmark.eras}, where {ERAS} are known")
    return landmark


def outline(landmark: Landmark) -> NDArray[np.float64]:
    """The corners of its ground in degrees, counter-clockwise, closed: float64 (5, 2)."""
    return _rectangle(landmark, landmark.outline_m)


def court(landmark: Landmark) -> NDArray[np.float64]:
    """The corners of the level ground around it, or of its own: float64 (5, 2), as `outline`."""
    return _rectangle(landmark, landmark.court_m or landmark.outline_m)


def _rectangle(landmark: Landmark, size_m: tuple[float, float]) -> NDArray[np.float64]:
    w, d = size_m
    corners = np.array([(-w, -d), (w, -d), (w, d), (-w, d), (-w, -d)]) / 2.0
    c, s = (f(math.radians(landmark.heading_deg)) for f in (math.cos, math.sin))
    east = corners[:, 0] * c + corners[:, 1] * s
    north = -corners[:, 0] * s + corners[:, 1] * c
    scale = _METRES_PER_DEGREE * np.array([math.cos(math.radians(landmark.lat)), 1.0])
    return np.array([landmark.lon, landmark.lat]) + np.stack([east, north], 1) / scale
