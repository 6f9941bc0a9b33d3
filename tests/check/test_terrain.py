"""What the checker says of terrain: one broken pyramid for each fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from smap.check import check_path
from smap.formats.layer import Layer, Rectangle
from smap.formats.layer import encode as encode_layer
from smap.formats.quantized_mesh import FULL, QuantizedMesh, encode, mesh_of
from smap.geo.grid import Tile
from tests.check.stores import codes

ROOTS = (Tile(0, 0, 0), Tile(0, 1, 0))
MIDDLE = FULL // 2


def mesh(tile: Tile, *, middle: int = MIDDLE) -> QuantizedMesh:
    """Corners, middles of the sides and the middle, at heights that every tile of the level shares."""
    at = np.array([0, MIDDLE, FULL], np.uint16)
    v, u = (axis.ravel() for axis in np.meshgrid(at, at, indexing="ij"))
    height: NDArray[np.uint16] = np.full(9, MIDDLE, np.uint16)
    height[4] = middle
    first = np.array([0, 1, 3, 4], np.uint32)[:, None]
    triangles = np.concatenate([first + np.array(part, np.uint32) for part in ([0, 1, 4], [0, 4, 3])])
    normals = np.tile(np.array([0.0, 0.0, 1.0]), (9, 1))
    return mesh_of(
        tile.region_rad, u, v, height, triangles, min_height=0.0, max_height=327.67, normals=normals
    )


def write_terrain(
    folder: Path, meshes: dict[Tile, QuantizedMesh | bytes], listed: list[Tile] | None = None
) -> Path:
    tiles = list(meshes) if listed is None else listed
    levels = [[t for t in tiles if t.z == z] for z in range(1 + max(t.z for t in tiles))]
    available = tuple(tuple(Rectangle(t.x, t.y, t.x, t.y) for t in level) for level in levels)
    for tile, body in meshes.items():
        path = folder / f"{tile.z}/{tile.x}/{tile.y}.terrain"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body if isinstance(body, bytes) else encode(body))
    (folder / "layer.json").write_bytes(encode_layer(Layer("t", "", (-180.0, -90.0, 180.0, 90.0), available)))
    return folder


def roots() -> dict[Tile, QuantizedMesh | bytes]:
    return {tile: mesh(tile) for tile in ROOTS}


def test_sound_terrain_has_no_issue(tmp_path: Path) -> None:
    folder = write_terrain(tmp_path, roots())
    for path in (folder, folder / "layer.json"):
        report = check_path(path)
        assert report.issues == ()
        assert report.checked == 3


def raised_edge(one: QuantizedMesh) -> QuantizedMesh:
    height = one.height.copy()
    height[5] += 40
    return replace(one, height=height)


def shifted_vertex(one: QuantizedMesh) -> QuantizedMesh:
    v = one.v.copy()
    v[5] += 9
    return replace(one, v=v)


MESH_FAULTS: dict[str, tuple[Callable[[QuantizedMesh], QuantizedMesh], str]] = {
    "raised edge": (raised_edge, "TERRAIN_CRACK"),
    "shifted vertex": (shifted_vertex, "TERRAIN_CRACK"),
    "hole": (lambda one: replace(one, triangles=one.triangles[:-1]), "TERRAIN_NOT_COVERED"),
    "turned": (lambda one: replace(one, triangles=one.triangles[:, ::-1].copy()), "TERRAIN_TRIANGLE_TURNED"),
    "edge list": (lambda one: replace(one, east=one.east[:-1]), "TERRAIN_EDGE_INVALID"),
    "heights": (lambda one: replace(one, max_height=1e9), "TERRAIN_HEIGHT_INVALID"),
    "no heights": (lambda one: replace(one, min_height=float("nan")), "TERRAIN_HEIGHT_INVALID"),
}


@pytest.mark.parametrize("fault", MESH_FAULTS)
def test_each_fault_of_a_tile_has_its_code(tmp_path: Path, fault: str) -> None:
    change, code = MESH_FAULTS[fault]
    report = check_path(write_terrain(tmp_path, roots() | {ROOTS[0]: change(mesh(ROOTS[0]))}))
    assert code in codes(report)
    assert report.issues[0].path.startswith("0/0/0.terrain")


def test_a_tile_that_cannot_be_decoded_is_an_error(tmp_path: Path) -> None:
    report = check_path(write_terrain(tmp_path, roots() | {ROOTS[1]: encode(mesh(ROOTS[1]))[:99]}))
    assert codes(report) == {"TERRAIN_INVALID"}


def test_listed_and_stored_tiles_must_be_the_same(tmp_path: Path) -> None:
    child = ROOTS[0].children[0]
    report = check_path(write_terrain(tmp_path / "a", roots(), [*ROOTS, child]))
    assert codes(report) == {"TERRAIN_TILE_MISSING"}
    report = check_path(write_terrain(tmp_path / "b", roots() | {child: mesh(child)}, [*ROOTS]))
    assert (codes(report), codes(report, "warning")) == (set(), {"TERRAIN_TILE_UNLISTED"})


def test_both_roots_and_every_parent_must_be_there(tmp_path: Path) -> None:
    child = ROOTS[0].children[0]
    orphans: dict[Tile, QuantizedMesh | bytes] = {child: mesh(child), ROOTS[1]: mesh(ROOTS[1])}
    report = check_path(write_terrain(tmp_path, orphans))
    assert codes(report) == {"TERRAIN_ROOT_MISSING", "TERRAIN_PARENT_MISSING"}


def test_missing_normals_are_a_warning(tmp_path: Path) -> None:
    report = check_path(write_terrain(tmp_path, {tile: replace(mesh(tile), normals=None) for tile in ROOTS}))
    assert codes(report, "warning") == {"NORMALS_MISSING"}


@pytest.mark.parametrize("text", ["{", "[]", '{"available": 3}', json.dumps({"format": "heightmap-1.0"})])
def test_a_broken_layer_is_an_error(tmp_path: Path, text: str) -> None:
    folder = write_terrain(tmp_path, roots())
    (folder / "layer.json").write_text(text)
    assert codes(check_path(folder)) == {"LAYER_INVALID"}
