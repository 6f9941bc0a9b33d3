"""How a base map looks: widths by level, and the colours of each look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["AREAS", "LINES", "LOOKS", "WIDTHS_M", "Look", "Stroke", "shading_of", "strength_of"]

AREAS = ("city", "green", "water")
LINES = ("boundary", "tunnel", "alley", "lane", "street", "arterial")
"""What a source may draw, the least important line first."""

Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Stroke:
    """A line by level. width: of its fill in pixels; casing: beyond it on each side; opacity: 0 to 1.

    Between the levels that are given values are interpolated; below the first width the line is not drawn.
    """

    width: Mapping[int, float]
    casing: Mapping[int, float]
    opacity: Mapping[int, float]

    def at(self, z: int) -> tuple[float, float, float] | None:
        """Width, casing and opacity at a level; None where it is not drawn."""
        if z < min(self.width):
            return None
        return _between(self.width, z), _between(self.casing, z), _between(self.opacity, z)


WIDTHS_M: Mapping[str, float] = {"alley": 2.0, "lane": 5.0, "street": 8.0, "arterial": 12.0}
"""How wide roads are taken to be, metres: an arterial is one carriageway. The least important first."""

# From level 17 on as wide as they are, `WIDTHS_M`
STROKES: Mapping[str, Stroke] = {
    "boundary": Stroke({10: 0.9, 13: 1.3, 16: 1.8}, {10: 0.0}, {10: 0.5, 14: 0.4, 16: 0.0}),
    "tunnel": Stroke({11: 0.8, 13: 1.4, 15: 2.6, 17: 5.0, 18: 8.0}, {11: 0.0}, {11: 0.4, 15: 0.5}),
    "alley": Stroke(
        {14: 0.6, 15: 0.9, 16: 1.3, 17: 2.4, 18: 4.2}, {16: 0.0, 17: 0.7, 18: 0.9}, {14: 0.35, 16: 1.0}
    ),
    "lane": Stroke(
        {13: 0.6, 14: 1.0, 15: 1.9, 16: 3.4, 17: 6.0, 18: 10.5},
        {14: 0.0, 15: 0.6, 18: 1.0},
        {13: 0.5, 14: 1.0},
    ),
    "street": Stroke(
        {12: 0.7, 13: 1.2, 14: 2.2, 15: 3.6, 16: 5.6, 17: 9.0, 18: 17.0},
        {12: 0.0, 13: 0.5, 15: 0.8, 18: 1.1},
        {12: 0.6, 13: 1.0},
    ),
    "arterial": Stroke(
        {8: 0.4, 10: 0.7, 11: 1.0, 12: 1.6, 13: 2.4, 14: 3.8, 15: 5.6, 16: 8.2, 17: 13.0, 18: 25.0},
        {10: 0.25, 12: 0.45, 14: 0.8, 18: 1.3},
        {8: 0.7, 11: 1.0},
    ),
}


@dataclass(frozen=True)
class Look:
    """The colours of one look (sRGB). ground, green: by metres above the sea; fill, casing: of lines.

    hill: of high or steep ground, which is wooded where nothing else is said. veil: how much of what lies
    outside the city the paper covers, 0 to 1. shadow, light: what a slope is multiplied with in the shade
    and screened with in the light. pencil: of lines too thin to have a casing. paving, kerb: of roads under
    the eye, and of their edge.
    """

    paper: Rgb
    ground: Mapping[float, Rgb]
    hill: Mapping[float, Rgb]
    green: Mapping[float, Rgb]
    water: Rgb
    shallow: Rgb
    shore: Rgb
    shadow: Rgb
    light: Rgb
    fill: Mapping[str, Rgb]
    casing: Mapping[str, Rgb]
    veil: float
    pencil: Rgb
    paving: Mapping[str, Rgb]
    kerb: Rgb
    glow: Rgb | None = None


LOOKS: Mapping[str, Look] = {
    "day": Look(
        paper=(240, 234, 222),
        ground={0: (240, 234, 222), 40: (238, 231, 217), 120: (231, 224, 205), 300: (224, 217, 197)},
        hill={
            0: (221, 219, 193),
            100: (203, 207, 173),
            250: (178, 190, 151),
            450: (160, 176, 139),
            650: (178, 182, 158),
            800: (205, 199, 182),
        },
        green={
            0: (212, 220, 184),
            60: (201, 212, 171),
            150: (180, 196, 151),
            350: (161, 182, 139),
            800: (146, 168, 134),
        },
        water=(164, 194, 206),
        shallow=(186, 210, 217),
        shore=(120, 157, 172),
        shadow=(168, 162, 170),
        light=(46, 42, 28),
        fill={
            "boundary": (158, 122, 124),
            "alley": (252, 248, 238),
            "lane": (254, 250, 241),
            "street": (255, 252, 243),
            "arterial": (247, 215, 152),
        },
        casing={
            "alley": (214, 203, 180),
            "lane": (214, 203, 180),
            "street": (203, 188, 158),
            "arterial": (186, 149, 94),
        },
        veil=0.4,
        pencil=(207, 196, 171),
        paving={
            "alley": (238, 231, 217),
            "lane": (231, 226, 216),
            "street": (220, 217, 210),
            "arterial": (210, 208, 203),
        },
        kerb=(158, 150, 136),
    ),
    "night": Look(
        paper=(33, 37, 46),
        ground={0: (36, 40, 49), 40: (35, 39, 47), 120: (32, 37, 44), 300: (31, 36, 42)},
        hill={0: (32, 42, 46), 100: (30, 44, 44), 250: (29, 43, 42), 450: (31, 42, 42), 800: (46, 52, 56)},
        green={0: (33, 54, 51), 60: (32, 53, 49), 150: (30, 49, 45), 350: (29, 45, 42), 800: (32, 45, 43)},
        water=(22, 46, 74),
        shallow=(28, 57, 86),
        shore=(66, 100, 128),
        shadow=(104, 108, 132),
        light=(40, 43, 50),
        fill={
            "boundary": (116, 104, 118),
            "alley": (80, 77, 74),
            "lane": (94, 86, 76),
            "street": (126, 106, 82),
            "arterial": (176, 133, 82),
        },
        casing={
            "alley": (24, 28, 36),
            "lane": (24, 28, 36),
            "street": (24, 26, 32),
            "arterial": (56, 44, 36),
        },
        veil=0.4,
        pencil=(78, 76, 76),
        paving={
            "alley": (124, 114, 104),
            "lane": (130, 118, 104),
            "street": (138, 122, 102),
            "arterial": (148, 126, 98),
        },
        kerb=(52, 55, 62),
        glow=(70, 44, 20),
    ),
}


def shading_of(stops: Mapping[float, Rgb]) -> NDArray[np.uint8]:
    """Colours (256, 3) of heights from 0 to 1,020 m in steps of 4 m."""
    heights = np.arange(256) * 4.0
    at = sorted(stops)
    columns = [np.interp(heights, at, [stops[h][channel] for h in at]) for channel in range(3)]
    return np.round(np.column_stack(columns)).astype(np.uint8)


def strength_of(z: int) -> float:
    """How many times steeper slopes are drawn at a level: the farther the eye, the flatter they look."""
    return _between({8: 4.4, 11: 2.8, 13: 2.0, 16: 1.3, 18: 1.1}, z)


def _between(values: Mapping[int, float], z: int) -> float:
    at = sorted(values)
    return float(np.interp(z, at, [values[level] for level in at]))
