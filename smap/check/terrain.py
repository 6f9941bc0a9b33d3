"""Is a terrain pyramid right?: what layer.json lists is there, decodes, covers its tile, meets the next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smap.check.findings import Findings, Issue, stored_bytes
from smap.errors import FormatError
from smap.formats.layer import Layer
from smap.formats.layer import decode as decode_layer
from smap.formats.quantized_mesh import FULL, QuantizedMesh
from smap.formats.quantized_mesh import decode as decode_mesh
from smap.geo.grid import Tile
from smap.store import TileReader

__all__ = ["TileEdges", "check_edges", "check_terrain_tile", "listed_tiles"]

_ROOTS = (Tile(0, 0, 0), Tile(0, 1, 0))
_NAME = re.compile(r"(\d+)/(\d+)/(\d+)\.terrain")
_LOWEST_M, _HIGHEST_M = -12_000.0, 9_000.0  # below the deepest sea floor, above the highest summit
_AREA = 2 * FULL * FULL  # twice the area of the whole tile in u, v
Edge = tuple[NDArray[np.uint16], NDArray[np.float64]]


@dataclass(frozen=True)
class TileEdges:
    """The four edges of a tile by name: places along the edge and heights in metres; step: of its heights."""

    tile: Tile
    sides: dict[str, Edge]
    step: float


def listed_tiles(reader: TileReader, entry: str, findings: Findings) -> dict[Tile, str]:
    """The tiles that layer.json lists and the store holds, with their paths; the others are issues."""
    data = stored_bytes(reader, entry, findings)
    if data is None:
        return {}
    try:
        layer = decode_layer(data)
    except FormatError as error:
        findings.error("LAYER_INVALID", "", str(error))
        return {}
    names = set(reader.names())
    folder = entry.rpartition("/")[0]
    listed = {tile: _path_of(layer, tile, folder) for tile in _listed(layer)}
    for tile in (root for root in _ROOTS if root not in listed):
        findings.error("TERRAIN_ROOT_MISSING", "/available/0", f"{tile.z}/{tile.x}/{tile.y} is not listed")
    for tile, path in listed.items():
        if path not in names:
            findings.error("TERRAIN_TILE_MISSING", f"/available/{tile.z}", f"{path} is listed but not there")
        elif tile.parent is not None and tile.parent not in listed:
            findings.error("TERRAIN_PARENT_MISSING", f"/available/{tile.z}", f"{path} has no tile above it")
    extra = sorted(name for name in names - set(listed.values()) if _NAME.fullmatch(name))
    for name in extra:
        findings.warning("TERRAIN_TILE_UNLISTED", "/available", f"{name} is there but not listed")
    return {tile: path for tile, path in listed.items() if path in names}


def check_terrain_tile(tile: Tile, path: str, data: bytes) -> tuple[list[Issue], TileEdges | None]:
    """Every issue of one tile's bytes, and its edges for comparing."""
    findings = Findings(path)
    try:
        mesh = decode_mesh(data)
    except FormatError as error:
        findings.error("TERRAIN_INVALID", "", str(error))
        return findings.issues, None
    if not _LOWEST_M <= mesh.min_height <= mesh.max_height <= _HIGHEST_M:
        said = f"{mesh.min_height} … {mesh.max_height} m are no heights of the Earth"
        findings.error("TERRAIN_HEIGHT_INVALID", "", said)
        return findings.issues, None
    _check_cover(mesh, findings)
    sides = {side: _edge(mesh, side, findings) for side in ("west", "south", "east", "north")}
    if mesh.normals is None:
        findings.warning("NORMALS_MISSING", "", "some clients draw it without light")
    return findings.issues, TileEdges(tile, sides, (mesh.max_height - mesh.min_height) / FULL)


def check_edges(edges: dict[Tile, TileEdges], paths: dict[Tile, str]) -> Iterator[Issue]:
    """An issue for each edge whose two tiles of a level do not draw the same line."""
    for tile, own in edges.items():
        _, _, east, north = tile.neighbours
        for other, side, facing in ((east, "east", "west"), (north, "north", "south")):
            if other is not None and other in edges and (fault := _gap(own, side, edges[other], facing)):
                findings = Findings(paths[tile])
                findings.error("TERRAIN_CRACK", "", f"its {side} edge differs from {paths[other]}: {fault}")
                yield from findings.issues


def _gap(one: TileEdges, side: str, two: TileEdges, facing: str) -> str | None:
    (along, heights), (other_along, other_heights) = one.sides[side], two.sides[facing]
    if not np.array_equal(along, other_along):
        return f"{len(along)} and {len(other_along)} vertices, not at the same places"
    gap = float(np.abs(heights - other_heights).max()) if len(heights) else 0.0
    return f"{gap:.3f} m" if gap > (one.step + two.step) / 2 + 1e-6 else None


def _check_cover(mesh: QuantizedMesh, findings: Findings) -> None:
    u, v = (values.astype(np.int64)[mesh.triangles] for values in (mesh.u, mesh.v))
    areas = (u[:, 1] - u[:, 0]) * (v[:, 2] - v[:, 0]) - (u[:, 2] - u[:, 0]) * (v[:, 1] - v[:, 0])
    if (areas < 0).any():
        findings.error(
            "TERRAIN_TRIANGLE_TURNED", "", f"{int((areas < 0).sum())} triangles are clockwise from above"
        )
    elif int(areas.sum()) != _AREA:
        share = float(areas.sum()) / _AREA
        findings.error("TERRAIN_NOT_COVERED", "", f"its triangles cover {share:.4%} of the tile")
    flat = int((areas == 0).sum())
    if flat:
        findings.warning("TRIANGLE_DEGENERATE", "", f"{flat} of {len(areas)} triangles have no area")


def _edge(mesh: QuantizedMesh, side: str, findings: Findings) -> Edge:
    """The edge in the order of its places, after its list was held against the vertices that lie on it."""
    across, along, at = {
        "west": (mesh.u, mesh.v, 0),
        "east": (mesh.u, mesh.v, FULL),
        "south": (mesh.v, mesh.u, 0),
        "north": (mesh.v, mesh.u, FULL),
    }[side]
    listed: NDArray[np.uint32] = getattr(mesh, side)
    if not np.array_equal(np.sort(listed), np.flatnonzero(across == at)):
        findings.error(
            "TERRAIN_EDGE_INVALID", "", f"its {side} edge does not list the vertices that lie on it"
        )
    order = np.argsort(along[listed], kind="stable")
    chosen = listed[order]
    return along[chosen], mesh.heights()[chosen]


def _listed(layer: Layer) -> Iterator[Tile]:
    for z, rectangles in enumerate(layer.available):
        for r in rectangles:
            columns = range(max(r.start_x, 0), min(r.end_x, (2 << z) - 1) + 1)
            rows = range(max(r.start_y, 0), min(r.end_y, (1 << z) - 1) + 1)
            yield from (Tile(z, x, y) for x in columns for y in rows)


def _path_of(layer: Layer, tile: Tile, folder: str) -> str:
    address = layer.tiles.partition("?")[0]
    path = address.replace("{z}", str(tile.z)).replace("{x}", str(tile.x)).replace("{y}", str(tile.y))
    return f"{folder}/{path}" if folder else path
