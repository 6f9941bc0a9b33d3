"""What is seen when a tile gives way to its children: outlines of both, drawn from where clients switch.

Twenty inner tiles of the real city, over all levels. The eye stands where the tile's error takes 16 pixels of
a screen of 1080 lines and 60 degrees, 6 degrees above the tile (its skyline) and 30 degrees (its roofs and
streets). Both sets of triangles are filled in one frame. Of every pixel of either outline the distance to the
other outline is taken, and of every pixel of either area the distance to the other area: how far one reaches
out of the other, or how wide a gap is that only one of them shows. Limit: 2 pixels. Errors are true if that
is nowhere more than what was measured takes on the screen there (16 pixels by how many times it is told).
Holes and doubles: on every level each building is drawn once, alone or in one block.
`python -m bench.silhouette ARCHIVE.3tz [FOLDER]` measures one archive, and leaves the pictures in the folder.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import binary_erosion, distance_transform_edt

from bench.city import newest
from bench.lod import PER_METRE, PIXELS, distance
from smap.build.drawn import TOLD
from smap.build.treefile import body_of, read_nodes
from smap.formats.glb import decode_glb
from smap.formats.tileset import TileNode, decode_tileset
from smap.geo.bounds import Box
from smap.geo.ellipsoid import east_north_up, from_ecef, to_ecef
from smap.store import TileReader, open_tiles

__all__ = ["areas_apart", "measure", "of_what_is_told", "outlines_apart", "silhouettes"]

_COUNT, _SEED = 20, 20261126
_FINER = 2
"""Pictures are drawn so many times as large."""
_ABOVE_DEG = {"skyline": 6.0, "oblique": 30.0}
_LARGEST = 6_000
"""Pixels of a picture's side at most; what reaches out of it is not looked at."""

Array = NDArray[np.float64]
Pixels = NDArray[np.bool_]


@dataclass(frozen=True)
class _Eye:
    """place: float64 (3,), ECEF metres. axes: float64 (3, 3), the rows right, down and forward."""

    place: Array
    axes: Array

    def seen(self, faces: Array) -> Array:
        """Triangles (t, 3, 3) as they come to lie, (s, 3, 2) pixels from the middle; none behind the eye."""
        right, down, ahead = np.moveaxis((faces - self.place) @ self.axes.T, -1, 0)
        before = (ahead > 1.0).all(axis=1)
        flat = np.stack([right[before], down[before]], axis=-1)
        return np.asarray(flat / ahead[before][:, :, None] * (PER_METRE * _FINER))


def measure(data: Path, work: Path) -> dict[str, Any]:
    """The views of the city built in work/city; `data` is not looked at."""
    return silhouettes(newest(work / "city", "seoul-buildings"))


def silhouettes(archive: Path, folder: Path | None = None) -> dict[str, Any]:
    """Distances of outlines in pixels over all views, and how often each building is drawn on a level."""
    with open_tiles(archive) as tiles:
        nodes = list(read_nodes(tiles))
        views = [_view(tiles, node, folder) for node in _chosen(nodes)]
        counts = _counts(tiles, nodes)
    figures = {kind: _figures([view[kind] for view in views]) for kind in _ABOVE_DEG}
    return {"limit": {"px": 2.0}, "views": len(views), **figures, "buildings_drawn_by_level": counts}


def _figures(views: list[tuple[Array, Array, Array]]) -> dict[str, float]:
    outlines, areas, shares = (np.concatenate(each) for each in zip(*views, strict=True))
    return {
        "outlines_mean_px": round(float(outlines.mean()), 2),
        "outlines_mean_px_worst_view": round(max(float(outline.mean()) for outline, _, _ in views), 2),
        "outlines_p95_px": round(float(np.percentile(outlines, 95)), 2),
        "areas_beyond_2_px_share": round(float((areas > 2.0).mean()), 5),
        "areas_most_px": round(float(areas.max()), 1),
        "areas_most_of_what_is_told": round(float(shares.max()), 2),
    }


def _followed(tiles: TileReader, node: TileNode) -> TileNode:
    """The tile that a link to another tileset stands for."""
    is_outside = node.content is not None and node.content.endswith(".json")
    return decode_tileset(body_of(tiles, str(node.content))).root if is_outside else node


def _chosen(nodes: list[tuple[int, TileNode]]) -> list[TileNode]:
    """Twenty tiles with children, by turns of all levels that have any."""
    inner = [(depth, node) for depth, node in nodes if node.children]
    random = np.random.default_rng(_SEED)
    by_depth = [
        [inner[i][1] for i in random.permutation(len(inner)).tolist() if inner[i][0] == depth]
        for depth in sorted({depth for depth, _ in inner})
    ]
    turns = [level[turn] for turn in range(len(inner)) for level in by_depth if turn < len(level)]
    return turns[:_COUNT]


def _view(tiles: TileReader, node: TileNode, folder: Path | None) -> dict[str, tuple[Array, Array, Array]]:
    coarse = _faces(tiles, node)
    fine = np.concatenate([_faces(tiles, _followed(tiles, child)) for child in node.children])
    random = np.random.default_rng(len(coarse))
    found = {}
    for kind, above in _ABOVE_DEG.items():
        eye = _eye(node, float(random.uniform(0.0, 360.0)), above)
        (one, other), low = _drawn([eye.seen(coarse), eye.seen(fine)])
        areas = areas_apart(one, other)
        found[kind] = outlines_apart(one, other), areas, of_what_is_told(areas, one, other, low)
        if folder is not None:
            _keep(folder / f"{str(node.content).replace('/', '-')}-{kind}.png", one, other)
    return found


def _faces(tiles: TileReader, node: TileNode) -> Array:
    """Triangles of a tile, float64 (t, 3, 3), ECEF metres; walls end at the ground, which hides the rest."""
    tile = decode_glb(body_of(tiles, str(node.content)))
    assert tile.table is not None
    assert tile.feature_ids is not None
    longitude, latitude, height = from_ecef(tile.ecef())
    top = np.full(len(tile.table), -np.inf)
    np.maximum.at(top, tile.feature_ids, height)
    ground = top - np.asarray(tile.table.columns["height"].values, np.float64)
    seen = np.maximum(height, ground[tile.feature_ids])
    return np.asarray(to_ecef(longitude, latitude, seen)[tile.triangles])


def _eye(node: TileNode, heading_deg: float, above_deg: float) -> _Eye:
    """An eye on the middle of a tile, from where its error takes the pixels that clients ask for."""
    box = node.volume
    assert isinstance(box, Box)
    east, north, up = east_north_up(*(float(v) for v in from_ecef(box.center)))[:3, :3].T
    turn, rise = np.radians(heading_deg), np.radians(above_deg)
    ahead = (np.sin(turn) * east + np.cos(turn) * north) * np.cos(rise) - np.sin(rise) * up
    right = np.cos(turn) * east - np.sin(turn) * north
    wanted = node.geometric_error * PER_METRE / PIXELS
    near, far = 0.0, wanted + 2.0 * float(np.linalg.norm(box.half_axes))
    for _ in range(50):
        middle = (near + far) / 2.0
        near, far = (middle, far) if distance(box, box.center - middle * ahead) < wanted else (near, middle)
    return _Eye(box.center - far * ahead, np.stack([right, np.cross(ahead, right), ahead]))


def _drawn(sets: list[Array]) -> tuple[list[Pixels], Array]:
    """Each set of triangles (t, 3, 2) filled, in one frame that holds them all; and where its corner lies."""
    everything = np.concatenate(sets).reshape(-1, 2)
    low = np.maximum(everything.min(axis=0), -_LARGEST / 2) - 2.0
    width, height = np.ceil(np.minimum(everything.max(axis=0), _LARGEST / 2) - low + 4.0).astype(int).tolist()
    pictures = []
    for triangles in sets:
        picture = Image.new("1", (width, height))
        draw = ImageDraw.Draw(picture)
        for triangle in (triangles - low).reshape(-1, 6).tolist():
            draw.polygon(triangle, fill=1)
        pictures.append(np.asarray(picture))
    return pictures, low


def _outline(picture: Pixels) -> Pixels:
    return np.asarray(picture & ~binary_erosion(picture, border_value=1))


def outlines_apart(one: Pixels, other: Pixels) -> Array:
    """Of each pixel of either outline the distance to the other outline."""
    first, second = _outline(one), _outline(other)
    there = distance_transform_edt(~second)[first]
    back = distance_transform_edt(~first)[second]
    return np.concatenate([there, back]) / _FINER


def areas_apart(one: Pixels, other: Pixels) -> Array:
    """Of each pixel of either area the distance to the other area: 0 where both are drawn."""
    there = distance_transform_edt(~other)[one]
    back = distance_transform_edt(~one)[other]
    return np.concatenate([there, back]) / _FINER


def of_what_is_told(areas: Array, one: Pixels, other: Pixels, low: Array) -> Array:
    """The distances of `areas_apart` as shares of what the error that was measured takes there at most.

    low: float64 (2,), pixels from the middle of the screen to the corner of the pictures. A screen is flat:
    at an angle t off its middle what lies at the same distance is up to 1 / cos(t)² as long as there.
    """
    rows, columns = (np.concatenate(each) for each in zip(np.nonzero(one), np.nonzero(other), strict=True))
    tangent = np.hypot(columns + low[0], rows + low[1]) / (PER_METRE * _FINER)
    return np.asarray(areas / (PIXELS / TOLD * (1.0 + tangent**2)))


def _keep(path: Path, coarse: Pixels, fine: Pixels) -> None:
    """Red: drawn by the tile alone. Blue: by its children alone. Grey: by both."""
    red, blue = np.where(coarse, 200, 255), np.where(fine, 200, 255)
    both = np.where(coarse & fine, 200, np.where(coarse | fine, 60, 255))
    picture = np.stack([np.where(coarse & ~fine, 230, np.minimum(both, blue)), both, blue], axis=-1)
    picture[..., 2] = np.where(fine & ~coarse, 230, np.minimum(both, red))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture.astype(np.uint8)).save(path)


def _counts(tiles: TileReader, nodes: list[tuple[int, TileNode]]) -> dict[str, int]:
    """How many buildings are drawn if a client shows one level, and above it the leaves that end earlier."""
    deepest = max(depth for depth, _ in nodes)
    drawn = [(depth, not node.children, _buildings(tiles, node)) for depth, node in nodes]
    return {
        str(level): sum(n for depth, ends, n in drawn if depth == level or (ends and depth < level))
        for level in range(deepest + 1)
    }


def _buildings(tiles: TileReader, node: TileNode) -> int:
    """The buildings of a tile, alone or in blocks, each counted as often as a triangle of it is drawn."""
    tile = decode_glb(body_of(tiles, str(node.content)))
    assert tile.table is not None
    columns = tile.table.columns
    if "buildings" not in columns:
        return len(tile.table)
    return int(sum(max(1, int(n or 0)) for n in columns["buildings"].values))


if __name__ == "__main__":
    place = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    print(json.dumps(silhouettes(Path(sys.argv[1]), place), indent=2))
