"""Facts of GLB tiles."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from smap.errors import FormatError
from smap.formats.glb import GlbTile, Material, decode_glb, encode_glb
from smap.formats.glb_container import pack_glb, unpack_glb
from smap.formats.glb_quantize import quantize
from tests.formats.glb_samples import FRAME, prisms, surveyed_prisms

# half a step along each axis, and what float64 leaves of an ECEF position of 6.4e6 m
HALF_STEP_M = 0.01 + 1e-6


def document_of(glb: bytes) -> dict[str, Any]:
    return unpack_glb(glb)[0]


@pytest.mark.parametrize("compress", [True, False])
def test_a_tile_comes_back_as_it_was_within_half_a_step(compress: bool) -> None:
    tile = prisms(300)
    again = decode_glb(encode_glb(tile, compress=compress))
    assert np.abs(again.positions - tile.positions).max() <= HALF_STEP_M
    assert np.abs(again.ecef() - tile.ecef()).max() <= HALF_STEP_M * 3**0.5
    assert np.array_equal(again.triangles, tile.triangles)
    assert np.array_equal(again.feature_ids, tile.feature_ids)  # type: ignore[arg-type]
    assert np.allclose(again.normals, tile.normals, atol=1 / 127)  # type: ignore[arg-type]
    assert np.allclose(again.frame, tile.frame, atol=1e-8)
    assert again.material == tile.material


@pytest.mark.parametrize("table", [True, False])
def test_a_further_set_of_features_comes_back_with_its_label_and_table(table: bool) -> None:
    tile = surveyed_prisms(4)
    glb = encode_glb(tile if table else replace(tile, table=None))
    (found,) = decode_glb(glb).sets
    assert found.label == "surface"
    assert found.ids.tolist() == tile.sets[0].ids.tolist()
    assert found.table.columns["surface"].names == ("roof", "wall", "ground")
    (primitive,) = document_of(glb)["meshes"][0]["primitives"]
    own, further = primitive["extensions"]["EXT_mesh_features"]["featureIds"]
    assert (own["attribute"], further["attribute"], further["nullFeatureId"]) == (0, 1, 3)


def test_clients_find_each_point_in_ecef_by_turning_y_up_to_z_up() -> None:
    tile = prisms(3)
    document, binary = unpack_glb(encode_glb(tile, compress=False))
    root, node = document["nodes"]
    view = document["bufferViews"][document["accessors"][0]["bufferView"]]
    steps = np.ndarray((len(tile.positions), 3), "<u2", binary, view["byteOffset"], (view["byteStride"], 2))
    local = steps * np.array(node["scale"]) + node["translation"]
    matrix = np.array(root["matrix"]).reshape(4, 4).T
    x, y, z = (np.pad(local, ((0, 0), (0, 1)), constant_values=1) @ matrix.T)[:, :3].T
    assert np.abs(np.stack([x, -z, y], axis=1) - tile.ecef()).max() <= HALF_STEP_M * 3**0.5


def test_the_same_tile_gives_the_same_bytes() -> None:
    assert encode_glb(prisms(50)) == encode_glb(prisms(50))


@given(
    positions=hnp.arrays(np.float64, (9, 3), elements=st.floats(-5000, 5000)),
    step=st.sampled_from([0.001, 0.02, 0.5]),
)
@settings(max_examples=60, deadline=None)
def test_no_corner_of_a_triangle_moves_more_than_half_a_step(positions: Any, step: float) -> None:
    positions = np.clip(positions, -10_000 * step, 10_000 * step)
    triangles = np.arange(9, dtype=np.uint32).reshape(3, 3)
    for piece in quantize(positions, triangles, step):
        moved = piece.offset + piece.steps * step - positions[piece.vertices]
        assert np.abs(moved).max() <= step * 0.5000001


def test_a_mesh_too_large_for_16_bits_is_cut_where_its_parts_end_and_keeps_their_order() -> None:
    corners = np.array([[0.0, 0.0, 0.0], [9.0, 0.0, 0.0], [0.0, 9.0, 0.0]])
    places = np.array([[0.0, 0.0, 0.0], [1000.0, 0.0, 0.0], [90.0, 0.0, 0.0], [1090.0, 0.0, 0.0]])
    positions = (corners + places[:, None, :]).reshape(-1, 3)
    triangles = np.arange(12, dtype=np.uint32).reshape(-1, 3)
    parts = np.array([[0, 0, 0], [6, 6, 2], [12, 12, 4]])
    one, other = quantize(positions, triangles, 0.0166, parts)
    assert (one.vertices, other.vertices) == (slice(0, 6), slice(6, 12))
    assert one.triangles.tolist() == other.triangles.tolist() == [[0, 1, 2], [3, 4, 5]]
    (whole,) = quantize(positions, triangles, 0.02, parts)
    assert whole.vertices == slice(0, 12)
    far = quantize(positions, triangles, 0.01, parts)
    assert len(far) == 4


def test_vertices_that_share_positions_are_written_like_those_that_have_their_own() -> None:
    tile = prisms(30)
    positions, point = np.unique(tile.positions, axis=0, return_inverse=True)
    assert len(positions) < len(tile.positions)
    assert encode_glb(replace(tile, positions=positions, point=point.ravel())) == encode_glb(tile)


def test_a_tile_wider_than_16_bits_is_cut_into_nodes_and_loses_nothing() -> None:
    tile = prisms(200, span=6000.0)
    glb = encode_glb(tile)
    document = document_of(glb)
    assert len(document["nodes"]) > 2
    assert all(node["scale"] == [0.02] * 3 for node in document["nodes"][1:])
    again = decode_glb(glb)
    before, after = (one.positions[one.triangles].mean(axis=1) for one in (tile, again))
    assert len(before) == len(after)
    order = [np.lexsort(np.rint(values).T) for values in (before, after)]
    assert np.abs(before[order[0]].sum(axis=0) - after[order[1]].sum(axis=0)).max() < 0.01 * len(before)
    assert set(np.unique(again.feature_ids)) == set(range(200))  # type: ignore[arg-type]


def test_triangles_without_area_on_the_grid_are_left_out() -> None:
    corners = np.array([[0, 0, 0], [9, 0, 0], [0, 9, 0], [0.001, 0, 0]], np.float64)
    tile = GlbTile(corners, np.array([[0, 1, 2], [0, 3, 2], [0, 3, 1]], np.uint32), FRAME)
    assert len(decode_glb(encode_glb(tile)).triangles) == 1


def test_a_tile_of_nothing_but_slivers_is_refused() -> None:
    tile = GlbTile(np.zeros((3, 3)), np.array([[0, 1, 2]], np.uint32), FRAME)
    with pytest.raises(FormatError, match=r"0\.02 m"):
        encode_glb(tile)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_positions_that_are_not_finite_are_refused(value: float) -> None:
    tile = prisms(1)
    positions = tile.positions.copy()
    positions[3, 1] = value
    with pytest.raises(FormatError, match="finite"):
        encode_glb(replace(tile, positions=positions))


def test_a_triangle_wider_than_the_grid_is_refused() -> None:
    tile = GlbTile(np.array([[0, 0, 0], [2000.0, 0, 0], [0, 9, 0]]), np.array([[0, 1, 2]], np.uint32), FRAME)
    with pytest.raises(FormatError, match="65,535"):
        encode_glb(tile)
    assert len(decode_glb(encode_glb(tile, step=0.05)).triangles) == 1


@pytest.mark.parametrize(("features", "code"), [(200, 5121), (300, 5123), (70_000, 5126)])
def test_feature_ids_take_the_smallest_type_that_glTF_allows(features: int, code: int) -> None:  # noqa: N802
    tile = prisms(1)
    ids = np.full(20, features - 1, np.uint32)
    glb = encode_glb(replace(tile, feature_ids=ids, table=None))
    document = document_of(glb)
    attributes = document["meshes"][0]["primitives"][0]["attributes"]
    assert document["accessors"][attributes["_FEATURE_ID_0"]]["componentType"] == code
    assert np.array_equal(decode_glb(glb).feature_ids, ids)  # type: ignore[arg-type]


def test_compressed_views_point_into_a_fallback_buffer_without_bytes() -> None:
    document = document_of(encode_glb(prisms(20)))
    fallback = document["buffers"][1]
    assert fallback["extensions"] == {"EXT_meshopt_compression": {"fallback": True}}
    assert "uri" not in fallback
    streams = [view for view in document["bufferViews"] if "extensions" in view]
    assert len(streams) == 4
    for view in streams:
        stream = view["extensions"]["EXT_meshopt_compression"]
        assert view["buffer"] == 1
        assert view["byteOffset"] + view["byteLength"] <= fallback["byteLength"]
        assert view["byteLength"] == stream["count"] * stream["byteStride"]
        assert stream["byteStride"] % 4 == 0 or stream["mode"] == "TRIANGLES"


def test_the_bounds_of_positions_are_exact() -> None:
    tile = prisms(30)
    glb = encode_glb(tile)
    accessor = document_of(glb)["accessors"][0]
    steps = (decode_glb(glb).positions - tile.positions.min(axis=0)) / 0.02
    assert accessor["min"] == [0, 0, 0]
    assert np.allclose(accessor["max"], steps.max(axis=0), atol=0.6)


def test_a_position_that_no_vertex_has_moves_no_bound() -> None:
    tile = prisms(30)
    beyond = [tile.positions.min(axis=0) - [3.0, 5.0, 7.0], tile.positions.max(axis=0) + 9.0]
    positions = np.concatenate([tile.positions, beyond])
    glb = encode_glb(replace(tile, positions=positions, point=np.arange(len(tile.positions))))
    told = document_of(glb)["accessors"][0]
    plain = document_of(encode_glb(tile))["accessors"][0]
    assert (told["min"], told["max"]) == (plain["min"], plain["max"])
    assert np.allclose(decode_glb(glb).positions, decode_glb(encode_glb(tile)).positions)


def test_materials_colours_and_extras_come_back() -> None:
    colors = np.random.default_rng(2).integers(0, 256, (20, 4), np.uint8)
    material = Material((0.5, 0.25, 0.125, 1.0), 0.1, 0.7, double_sided=True)
    tile = replace(prisms(1), colors=colors, material=material, extras={"쪽": [1, 2]})
    again = decode_glb(encode_glb(tile))
    assert np.array_equal(again.colors, colors)  # type: ignore[arg-type]
    assert (again.material, again.extras) == (material, {"쪽": [1, 2]})


def test_a_tile_without_normals_ids_and_table_is_a_plain_mesh() -> None:
    tile = replace(prisms(2), normals=None, feature_ids=None, table=None)
    glb = encode_glb(tile)
    assert document_of(glb)["extensionsUsed"] == ["EXT_meshopt_compression", "KHR_mesh_quantization"]
    again = decode_glb(glb)
    assert (again.normals, again.feature_ids, again.table) == (None, None, None)


def test_the_binary_chunk_lies_at_a_multiple_of_eight() -> None:
    glb = encode_glb(prisms(3))
    (length,) = struct.unpack_from("<I", glb, 12)
    assert (28 + length) % 8 == 0
    assert len(glb) % 8 == 0


def test_another_tools_nodes_are_read_with_rotation_and_several_roots() -> None:
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    document = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0, 1]}],
        "nodes": [{"mesh": 0, "rotation": [0, 0, 0.5**0.5, 0.5**0.5], "scale": [2, 2, 2]}, {"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "buffers": [{"byteLength": 36}],
    }
    tile = decode_glb(pack_glb(document, corners.tobytes()))
    assert np.allclose(tile.positions[:3], [[0, 0, 0], [0, 2, 0], [-2, 0, 0]])
    assert np.allclose(tile.positions[3:], corners)
    assert np.allclose(tile.ecef()[5], [0, 0, 1])


def broken_glbs() -> dict[str, bytes]:
    glb = encode_glb(prisms(3), compress=False)

    def change(*path: str | int, value: object) -> bytes:
        document, binary = unpack_glb(glb)
        place: Any = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        return pack_glb(document, binary)

    return {
        "empty": b"",
        "no glTF": b"b3dm" + glb[4:],
        "cut": glb[:-8],
        "version": glb[:4] + b"\1" + glb[5:],
        "no JSON": glb[:20] + b"!" + glb[21:],
        "no scene": change("scenes", value=[]),
        "ring of nodes": change("nodes", 1, "children", value=[0]),
        "no such node": change("scenes", 0, "nodes", value=[9]),
        "no such accessor": change("meshes", 0, "primitives", 0, "indices", value=99),
        "view outside": change("bufferViews", 0, "byteLength", value=10**6),
        "accessor outside": change("accessors", 0, "count", value=10**6),
        "no type": change("accessors", 0, "type", value="VEC5"),
        "narrow stride": change("bufferViews", 0, "byteStride", value=2),
        "index too high": change("accessors", 0, "count", value=5),
        "matrix": change("nodes", 0, "matrix", value=[1, 2]),
        "table": change("extensions", "EXT_structural_metadata", "propertyTables", 0, "count", value=7),
        "class": change("extensions", "EXT_structural_metadata", "propertyTables", 0, "class", value="tree"),
        "lines": change("meshes", 0, "primitives", 0, "mode", value=1),
        "another file": change("buffers", 0, "uri", value="a.bin"),
    }


@pytest.mark.parametrize("fault", broken_glbs())
def test_broken_bytes_are_a_format_error(fault: str) -> None:
    with pytest.raises(FormatError):
        decode_glb(broken_glbs()[fault])


def test_a_damaged_stream_is_a_format_error() -> None:
    document, binary = unpack_glb(encode_glb(prisms(3)))
    stream = document["bufferViews"][0]["extensions"]["EXT_meshopt_compression"]
    stream["byteLength"] -= 9
    with pytest.raises(FormatError, match="meshopt"):
        decode_glb(pack_glb(document, binary))


def test_the_json_is_compact_and_names_no_date() -> None:
    glb = encode_glb(prisms(1))
    document = document_of(glb)
    assert document["asset"] == {"version": "2.0", "generator": "S-Map"}
    (length,) = struct.unpack_from("<I", glb, 12)
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    assert glb[20 : 20 + length].rstrip() == text
