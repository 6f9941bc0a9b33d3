"""What the levels of detail cost and keep on the real city: tiles, bytes and triangles of seven views.

Each view is asked as a client asks: 16 pixels of a screen of 1080 lines and 60 degrees, by the distance to a
tile's box; tiles are kept whose box meets a cone of 50 degrees about the line of sight. Limits: the first
level with content at most 1 MB, no tile with more than 40 % of the triangles of its children, 95 % of the
volume.
`python -m bench.lod ARCHIVE.3tz` prints the views of one archive.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.city import newest
from smap.build.treefile import body_of
from smap.formats.glb_container import unpack_glb
from smap.formats.tileset import TileNode, decode_tileset
from smap.geo.bounds import Box
from smap.geo.ellipsoid import east_north_up
from smap.store import TileReader, open_tiles

__all__ = ["PER_METRE", "PIXELS", "distance", "measure", "views"]

PIXELS = 16.0
PER_METRE = 1080.0 / (2.0 * np.tan(np.radians(30.0)))
"""Pixels that a metre takes at a distance of one metre."""
_CONE_RAD = np.radians(50.0)
VIEWS = {
    "the whole city from 30 km": (126.98, 37.35, 30_000.0, 0.0, 60.0),
    "from 8 km": (126.98, 37.50, 8_000.0, 0.0, 50.0),
    "from 3 km": (126.98, 37.54, 3_000.0, 0.0, 40.0),
    "the old town from 1 km": (126.9784, 37.557, 1_000.0, 0.0, 35.0),
    "the old town from 350 m": (126.9784, 37.563, 350.0, 0.0, 20.0),
    "above a street": (126.9784, 37.566, 90.0, 0.0, 5.0),
    "Gangnam from 600 m": (127.03, 37.49, 600.0, 20.0, 30.0),
}
"""Degrees east and north, metres up, heading and tilt below the horizon in degrees."""


@dataclass(frozen=True)
class _Eye:
    place: NDArray[np.float64]
    line: NDArray[np.float64]

    def sees(self, box: Box) -> bool:
        """Whether the ball about a box meets the cone of sight."""
        radius, to = float(np.linalg.norm(box.half_axes)), box.center - self.place
        far = float(np.linalg.norm(to))
        if far <= radius:
            return True
        off = np.arccos(np.clip(to @ self.line / far, -1.0, 1.0))
        return bool(off - np.arcsin(radius / far) < _CONE_RAD)


def distance(box: Box, place: NDArray[np.float64]) -> float:
    """Metres from a place, ECEF (3,), to the nearest point of a box."""
    lengths = np.linalg.norm(box.half_axes, axis=1)
    beyond = np.abs(box.half_axes / lengths[:, None] @ (place - box.center)) - lengths
    return float(np.linalg.norm(np.maximum(beyond, 0.0)))


def measure(data: Path, work: Path) -> dict[str, Any]:
    """The levels as the build of work/city tells them, and the views of it; `data` is not looked at."""
    archive = newest(work / "city", "seoul-buildings")
    report = json.loads((archive.parent / "manifest.json").read_text(encoding="utf-8"))["report"]
    told: tuple[str, ...] = (
        "leaves",
        "leaves_of_20_to_200_kb",
        "largest_share_of_triangles_above",
        "tiles_by_level",
    )
    told += ("kb_by_level", "largest_error_m_by_level", "least_share_of_volume_by_level")
    return {
        "limit": {"first_level_kb": 1000, "share_of_triangles": 0.4, "share_of_volume": 0.95},
        **{name: report["figures"][name] for name in told},
        "views": views(archive),
    }


def views(archive: Path) -> dict[str, dict[str, int]]:
    """Of each view what is shown, and what had to be fetched on the way down to it."""
    with open_tiles(archive) as tiles:
        root = decode_tileset(body_of(tiles, "tileset.json")).root
        return {name: _view(tiles, root, _eye(*spot)) for name, spot in VIEWS.items()}


def _view(tiles: TileReader, root: TileNode, eye: _Eye) -> dict[str, int]:
    shown = fetched = triangles = 0
    kb = fetched_kb = 0.0
    for content, is_shown in _asked(tiles, root, eye):
        tile = tiles.get(content)
        assert tile is not None
        fetched, fetched_kb = fetched + 1, fetched_kb + len(tile.body) / 1000.0
        if is_shown:
            shown, kb = shown + 1, kb + len(tile.body) / 1000.0
            triangles += _triangles(tile.identity())
    return {
        "tiles": shown,
        "kb": round(kb),
        "triangles": triangles,
        "fetched": fetched,
        "fetched_kb": round(fetched_kb),
    }


def _asked(tiles: TileReader, node: TileNode, eye: _Eye) -> Iterator[tuple[str, bool]]:
    """The contents that a client fetches, each with whether it is shown in the end."""
    if node.content is not None and node.content.endswith(".json"):
        node = decode_tileset(body_of(tiles, node.content)).root
    assert isinstance(node.volume, Box)
    if not eye.sees(node.volume):
        return
    is_fine = node.geometric_error * PER_METRE <= PIXELS * distance(node.volume, eye.place)
    ends = is_fine or not node.children
    yield str(node.content), ends
    if not ends:
        for child in node.children:
            yield from _asked(tiles, child, eye)


def _eye(east: float, north: float, up: float, heading: float, tilt: float) -> _Eye:
    frame = east_north_up(np.radians(east), np.radians(north), up)
    turn, dip = np.radians(heading), np.radians(tilt)
    line = np.array([np.sin(turn) * np.cos(dip), np.cos(turn) * np.cos(dip), -np.sin(dip)])
    return _Eye(frame[:3, 3], frame[:3, :3] @ line)


def _triangles(data: bytes) -> int:
    document, _ = unpack_glb(data)
    drawn = [primitive for mesh in document["meshes"] for primitive in mesh["primitives"]]
    return sum(document["accessors"][primitive["indices"]]["count"] // 3 for primitive in drawn)


if __name__ == "__main__":
    print(json.dumps(views(Path(sys.argv[1])), indent=2))
