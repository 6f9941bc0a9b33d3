"""The drawings of the report's page as SVG: a map of the tiles, bars and stacked bars. No script, no file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from smap.build.report_city import DrawnTile

__all__ = ["city_map", "share_bar", "stacked_bars"]

_MAP_WIDTH = 720.0
_CELLS = (16, 160)
"""Cells of the map's picture of density across, for few buildings and for many: about 200 m in Seoul."""
_SHADES = 5
_MOST_SPOTS = 2000
_MARGIN = 0.03


def city_map(places: NDArray[np.float64], tiles: Sequence[DrawnTile], gone: NDArray[np.float64]) -> str:
    """Where the buildings stand (by density), the tiles over them, and the features left out as dots.

    places, gone: float64 (n, 2), degrees.
    """
    leaves = [tile.bounds_deg for tile in tiles if tile.is_leaf]
    west, south, east, north = _frame(places, leaves)
    scale = _MAP_WIDTH / max(east - west, 1e-9)
    stretch = scale / math.cos(math.radians((south + north) / 2.0))
    height = (north - south) * stretch
    origin, factors = np.array([west, north]), np.array([scale, -stretch])
    spots = (gone[:_MOST_SPOTS] - origin) * factors
    inside = spots[((spots >= 0.0) & (spots <= (_MAP_WIDTH, height))).all(axis=1)]
    parts = [
        *_density((places - origin) * factors, height),
        f'<path class="tiles" d="{_outlines(leaves, origin, factors)}"/>',
        *(f'<circle class="gone" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>' for x, y in inside.tolist()),
    ]
    label = f"지도: 타일 {len(leaves)}개 · map of {len(leaves)} finest tiles, {len(gone)} features left out"
    return (
        f'<svg class="map" viewBox="-2 -2 {_MAP_WIDTH + 4:.0f} {height + 4:.0f}" role="img" '
        f'aria-label="{label}">{"".join(parts)}</svg>'
    )


def _frame(places: NDArray[np.float64], leaves: Sequence[tuple[float, ...]]) -> list[float]:
    """West, south, east, north: about the buildings, about the tiles where none may be shown."""
    low, high = (places, places) if len(places) else (np.array(leaves)[:, :2], np.array(leaves)[:, 2:])
    low, high = low.min(axis=0), high.max(axis=0)
    margin = np.maximum((high - low) * _MARGIN, 1e-4)
    return [*(low - margin).tolist(), *(high + margin).tolist()]


def stacked_bars(counts: Mapping[str, Sequence[int]], edges: Sequence[float]) -> str:
    """Bars over classes between edges, each stacked by name; the class of CSS is the name."""
    total = np.sum([list(c) for c in counts.values()], axis=0)
    top, wide, tall = max(int(total.max()), 1), 720.0 / len(total), 220.0
    parts, floor = [], np.zeros(len(total))
    for name, column in counts.items():
        for i, n in enumerate(column):
            if n:
                height = n / top * tall
                y = tall - (floor[i] + n) / top * tall
                words = f"{edges[i]:g}–{edges[i + 1]:g} m, {escape(name)}: {n:,}"
                parts.append(
                    f'<rect class="s-{escape(name)}" x="{i * wide + 1:.1f}" y="{y:.1f}" '
                    f'width="{wide - 2:.1f}" height="{max(height, 0.5):.1f}"><title>{words}</title></rect>'
                )
        floor += np.array(column)
    return (
        f'<svg class="bars" viewBox="0 -14 720 {tall + 36:.0f}" role="img" '
        f'aria-label="높이 분포 · histogram of heights"><text x="0" y="-3">{top:,}</text>'
        f'<path class="rule" d="M0 0H720M0 {tall}H720"/>{"".join(parts)}'
        f"{_scale(edges, wide, tall + 16.0)}</svg>"
    )


def _scale(edges: Sequence[float], wide: float, y: float) -> str:
    """Every second edge of the classes, and each of the wider ones at the end."""
    told = [(i, edge) for i, edge in enumerate(edges[:-1]) if i % 2 == 0 or edge - edges[i - 1] > 3]
    return "".join(
        f'<text x="{i * wide:.1f}" y="{y:.0f}" text-anchor="{"middle" if i else "start"}">{edge:g}</text>'
        for i, edge in told
    )


def share_bar(share: float, kind: str = "plain") -> str:
    """A bar as long as its share (0 to 1) of the width it is given."""
    width = 100.0 * min(max(share, 0.0), 1.0)
    return f'<span class="share"><i class="s-{escape(kind)}" style="width:{width:.1f}%"></i></span>'


def _density(places: NDArray[np.float64], height: float) -> list[str]:
    """Cells with buildings in five shades, each shade one path of runs along rows."""
    across = int(np.clip(2.0 * math.sqrt(len(places)), *_CELLS))
    size = _MAP_WIDTH / across
    rows = max(1, math.ceil(height / size))
    column, row = np.floor(places / size).astype(np.int64).T
    is_in = (column >= 0) & (column < across) & (row >= 0) & (row < rows)
    counts = np.bincount(row[is_in] * across + column[is_in], minlength=rows * across)
    dense = np.sqrt(counts / max(float(np.percentile(counts[counts > 0], 98)) if counts.any() else 1.0, 1.0))
    shade = np.minimum(np.ceil(dense * _SHADES), _SHADES).astype(np.int64).reshape(rows, across)
    return [f'<path class="d{k}" d="{_runs(shade == k, size)}"/>' for k in range(1, _SHADES + 1)]


def _runs(cells: NDArray[np.bool_], size: float) -> str:
    edges = np.diff(np.pad(cells, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, begin = np.nonzero(edges == 1)
    end = np.nonzero(edges == -1)[1]
    return "".join(
        f"M{b * size:g} {r * size:g}h{(e - b) * size:g}v{size:g}h{(b - e) * size:g}z"
        for r, b, e in zip(row.tolist(), begin.tolist(), end.tolist(), strict=True)
    )


def _outlines(
    bounds: Sequence[tuple[float, ...]], origin: NDArray[np.float64], factors: NDArray[np.float64]
) -> str:
    boxes = ((np.array(bounds).reshape(-1, 2, 2) - origin) * factors).reshape(-1, 4)
    return "".join(f"M{x0:.1f} {y1:.1f}H{x1:.1f}V{y0:.1f}H{x0:.1f}z" for x0, y0, x1, y1 in boxes.tolist())
