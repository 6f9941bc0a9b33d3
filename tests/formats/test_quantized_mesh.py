"""Terrain tiles as bytes: against published tiles, two outside decoders and the geometry itself."""

from __future__ import annotations

import io
import json
import subprocess
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from smap.errors import FormatError
from smap.formats.quantized_mesh import FULL, QuantizedMesh, decode, encode, mesh_of
from smap.geo.ellipsoid import to_ecef
from smap.geo.grid import Tile, tile_at
from tests.conformance.judges import HERE, node

SEOUL = tile_at(13, float(np.radians(126.978)), float(np.radians(37.5665)))

JUDGE = """
import decode from '@here/quantized-mesh-decoder';
import { readFileSync } from 'node:fs';
const tile = readFileSync(0);
const found = (decode.default ?? decode)(tile.buffer.slice(tile.byteOffset, tile.byteOffset + tile.length));
const plain = (v) => ArrayBuffer.isView(v) ? Array.from(v) : v;
const list = (o) => Object.fromEntries(Object.entries(o).map(([k, v]) => [k, plain(v)]));
console.log(JSON.stringify({ ...list(found), extensions: list(found.extensions ?? {}) }));
"""


def grid_mesh(cells: int, *, tile: Tile = SEOUL, seed: int = 0) -> QuantizedMesh:
    """A rolling square of cells x cells, with every extension."""
    rng = np.random.default_rng(seed)
    at = np.round(np.linspace(0, FULL, cells + 1)).astype(np.uint16)
    v, u = (axis.ravel() for axis in np.meshgrid(at, at, indexing="ij"))
    corner = (np.arange(cells)[:, None] * (cells + 1) + np.arange(cells)).ravel()
    first = np.column_stack([corner, corner + 1, corner + cells + 2])
    second = np.column_stack([corner, corner + cells + 2, corner + cells + 1])
    normals = rng.normal(size=(len(u), 3))
    return mesh_of(
        tile.region_rad,
        u,
        v,
        rng.integers(0, FULL + 1, len(u)).astype(np.uint16),
        np.concatenate([first, second]).astype(np.uint32),
        min_height=20.5,
        max_height=145.25,
        normals=normals / np.linalg.norm(normals, axis=1)[:, None],
        watermask=rng.choice(np.array([0, 255], np.uint8), (256, 256)),
        metadata={"geometricerror": 1.25, "vertical_datum": "EPSG:5193", "name": "서울"},
    )


def triangle_corners(mesh: QuantizedMesh) -> NDArray[np.int64]:
    """u, v and height of the corners of each triangle: what the order of vertices must not change."""
    return np.column_stack([mesh.u, mesh.v, mesh.height]).astype(np.int64)[mesh.triangles]


@pytest.mark.real
@pytest.mark.parametrize("name", ["tile-opentin.terrain", "tile-with-extensions.terrain"])
def test_a_published_tile_comes_back_byte_by_byte(seoul_data: Path, name: str) -> None:
    data = (seoul_data / "interop" / "quantized_mesh" / name).read_bytes()
    assert encode(decode(data)) == data


@given(cells=st.integers(1, 12), seed=st.integers(0, 2**32 - 1))
def test_what_is_encoded_decodes_to_the_same_triangles(cells: int, seed: int) -> None:
    mesh = grid_mesh(cells, seed=seed)
    found = decode(encode(mesh))
    np.testing.assert_array_equal(triangle_corners(found), triangle_corners(mesh))
    assert found.normals is not None
    assert mesh.normals is not None
    # two bytes a normal: 0.94 degrees at worst for 8-bit octahedral codes (Cigolle et al. 2014, table 2)
    cosines = (found.normals[found.triangles] * mesh.normals[mesh.triangles]).sum(axis=-1)
    assert cosines.min() > np.cos(np.radians(1.0))
    np.testing.assert_array_equal(found.watermask, mesh.watermask)
    assert found.metadata == mesh.metadata
    assert (found.min_height, found.max_height, found.sphere.radius) == (20.5, 145.25, mesh.sphere.radius)


def test_vertices_lie_in_the_order_of_first_use() -> None:
    found = decode(encode(grid_mesh(9)))
    _, first = np.unique(found.triangles.ravel(), return_index=True)
    assert (np.diff(first) > 0).all()


def test_edges_hold_all_vertices_of_a_side_in_order() -> None:
    found = decode(encode(grid_mesh(7)))
    for edge, across, along, value in (
        (found.west, found.u, found.v, 0),
        (found.east, found.u, found.v, FULL),
        (found.south, found.v, found.u, 0),
        (found.north, found.v, found.u, FULL),
    ):
        assert set(edge.tolist()) == set(np.flatnonzero(across == value).tolist())
        assert (np.diff(along[edge].astype(int)) > 0).all()


def test_more_than_65536_vertices_take_wide_indices_on_a_multiple_of_four() -> None:
    mesh = grid_mesh(256)
    assert len(mesh.u) == 257 * 257
    found = decode(encode(mesh))
    np.testing.assert_array_equal(triangle_corners(found), triangle_corners(mesh))
    assert len(found.north) == 257


def test_the_sphere_holds_every_vertex() -> None:
    mesh = grid_mesh(5)
    west, south, east, north = SEOUL.region_rad
    lon, lat = west + (east - west) * mesh.u / FULL, south + (north - south) * mesh.v / FULL
    away = np.linalg.norm(to_ecef(lon, lat, mesh.heights()) - mesh.sphere.center, axis=1)
    assert away.max() <= mesh.sphere.radius + 1e-6
    assert away.max() > mesh.sphere.radius - 1e-6


@pytest.mark.parametrize("tile", [SEOUL, Tile(4, 27, 11), Tile(2, 6, 2)])
def test_whoever_cannot_see_the_horizon_point_sees_no_vertex(tile: Tile) -> None:
    mesh = grid_mesh(4, tile=tile)
    west, south, east, north = tile.region_rad
    lon, lat = west + (east - west) * mesh.u / FULL, south + (north - south) * mesh.v / FULL
    radii = np.array([6378137.0, 6378137.0, 6356752.314245179])
    points = to_ecef(lon, lat, mesh.heights()) / radii
    rng = np.random.default_rng(5)
    eyes = rng.normal(size=(3000, 3))
    eyes *= (rng.uniform(1.0005, 3.0, 3000) / np.linalg.norm(eyes, axis=1))[:, None]
    hidden = ~_sees(eyes, mesh.horizon[None, :])[:, 0]
    assert hidden.any()
    assert not _sees(eyes[hidden], points).any()


def _sees(eyes: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the segment from an eye to a point misses the unit sphere (by more than rounding)."""
    run = points[None, :, :] - eyes[:, None, :]
    t = np.clip(-(eyes[:, None, :] * run).sum(axis=-1) / (run**2).sum(axis=-1), 0.0, 1.0)
    nearest = np.linalg.norm(eyes[:, None, :] + t[..., None] * run, axis=-1)
    return np.asarray(nearest > 1.0 + 1e-9)


def test_a_root_tile_is_never_called_hidden() -> None:
    assert np.isfinite(grid_mesh(16, tile=Tile(0, 1, 0)).horizon).all()


def test_the_python_decoder_of_others_reads_the_same() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of the extensions it leaves out
        from quantized_mesh_tile.terrain import TerrainTile

        mesh = grid_mesh(6)
        west, south, east, north = np.degrees(SEOUL.region_rad)
        theirs = TerrainTile(west=west, south=south, east=east, north=north)
        theirs.fromBytesIO(io.BytesIO(encode(mesh)), hasLighting=True, hasWatermask=True)
    ours = decode(encode(mesh))
    assert (theirs.u, theirs.v, theirs.h) == (ours.u.tolist(), ours.v.tolist(), ours.height.tolist())
    assert list(theirs.indices) == ours.triangles.ravel().tolist()
    assert list(theirs.westI) == ours.west.tolist()
    assert list(theirs.northI) == ours.north.tolist()
    assert theirs.header["minimumHeight"] == ours.min_height
    assert ours.normals is not None
    np.testing.assert_allclose(np.array(theirs.vLight), ours.normals, atol=1e-9)
    assert ours.watermask is not None
    np.testing.assert_array_equal(np.array([list(row) for row in theirs.watermask]), ours.watermask)


@pytest.mark.conformance
@pytest.mark.parametrize("cells", [6, 256])
def test_the_javascript_decoder_of_others_reads_the_same(cells: int) -> None:
    data = encode(grid_mesh(cells))
    theirs, ours = _javascript(data), decode(data)
    vertices = np.array(theirs["vertexData"]).reshape(3, -1)
    np.testing.assert_array_equal(vertices, np.stack([ours.u, ours.v, ours.height]))
    assert theirs["triangleIndices"] == ours.triangles.ravel().tolist()
    assert theirs["westIndices"] == ours.west.tolist()
    assert theirs["northIndices"] == ours.north.tolist()
    assert theirs["header"]["maxHeight"] == ours.max_height
    assert theirs["extensions"]["metadata"] == ours.metadata


def _javascript(data: bytes) -> dict[str, Any]:
    done = subprocess.run(
        [*node(), "--input-type=module", "-e", JUDGE], input=data, capture_output=True, cwd=HERE, check=True
    )
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("length", [10, 90, 100, 400, 640])
def test_a_tile_cut_short_is_named_so(length: int) -> None:
    with pytest.raises(FormatError, match="cut short"):
        decode(encode(replace(grid_mesh(7), watermask=None, normals=None, metadata=None))[:length])


def test_an_index_beyond_the_vertices_is_refused() -> None:
    mesh = grid_mesh(1)
    data = bytearray(encode(replace(mesh, normals=None, watermask=None, metadata=None)))
    at = 88 + 4 + 6 * len(mesh.u) + 4
    data[at : at + 2] = b"\x09\x00"
    with pytest.raises(FormatError, match="triangles name vertices"):
        decode(bytes(data))


def test_heights_that_leave_their_range_are_refused() -> None:
    data = bytearray(encode(grid_mesh(1)))
    data[92:94] = b"\x01\x00"  # a first delta of -1
    with pytest.raises(FormatError, match="u runs to"):
        decode(bytes(data))


def test_metadata_that_is_no_json_is_refused() -> None:
    mesh = replace(grid_mesh(1), normals=None, watermask=None, metadata={})
    data = encode(mesh)
    assert data.endswith(b"{}")
    with pytest.raises(FormatError, match="metadata"):
        decode(data[:-2] + b"{]")


def test_an_unknown_extension_is_passed_over() -> None:
    data = encode(replace(grid_mesh(2), normals=None, watermask=None, metadata=None))
    assert decode(data + b"\x63\x03\x00\x00\x00abc").metadata is None
