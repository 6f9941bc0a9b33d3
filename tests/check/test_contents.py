"""What the checker says of contents: one broken file for each fault."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smap.check import check_path
from smap.formats.glb import encode_glb
from tests.check.stores import TILE, changed_glb, check_glb, codes, document_of, write_store
from tests.formats.glb_samples import surveyed_prisms

Change = Callable[[dict[str, Any], bytearray], None]


def view_of(document: dict[str, Any], accessor: int) -> dict[str, Any]:
    view: dict[str, Any] = document["bufferViews"][document["accessors"][accessor]["bufferView"]]
    return view


def longer_table(document: dict[str, Any], body: bytearray) -> None:
    """A property whose view is two bytes longer than its values."""
    table = document["extensions"]["EXT_structural_metadata"]["propertyTables"][0]
    document["bufferViews"][table["properties"]["floors"]["values"]]["byteLength"] += 2


def nan_position(document: dict[str, Any], body: bytearray) -> None:
    accessor = document["accessors"][0]
    view = view_of(document, 0)
    accessor |= {"componentType": 5126, "count": 3}
    view["byteStride"] = 12
    struct.pack_into("<9f", body, view["byteOffset"], *[float("nan")] * 9)
    document["meshes"][0]["primitives"][0] = {"attributes": {"POSITION": 0}}


def high_id(document: dict[str, Any], body: bytearray) -> None:
    ids = document["meshes"][0]["primitives"][0]["attributes"]["_FEATURE_ID_0"]
    body[view_of(document, ids)["byteOffset"]] = 77


def high_surface(document: dict[str, Any], body: bytearray) -> None:
    ids = document["meshes"][0]["primitives"][0]["attributes"]["_FEATURE_ID_1"]
    body[view_of(document, ids)["byteOffset"]] = 4


def wide_ids(document: dict[str, Any], body: bytearray) -> None:
    ids = document["meshes"][0]["primitives"][0]["attributes"]["_FEATURE_ID_0"]
    document["accessors"][ids]["componentType"] = 5125


def set_at(*path: str | int, value: object) -> Change:
    def change(document: dict[str, Any], body: bytearray) -> None:
        holder: Any = document
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = value

    return change


FEATURES = ("meshes", 0, "primitives", 0, "extensions", "EXT_mesh_features", "featureIds")
METADATA = ("extensions", "EXT_structural_metadata")
FAULTS: dict[str, tuple[Change, str]] = {
    "table length": (longer_table, "TABLE_LENGTH_MISMATCH"),
    "NaN": (nan_position, "POSITION_NOT_FINITE"),
    "id": (high_id, "FEATURE_ID_OUT_OF_RANGE"),
    "u32 ids": (wide_ids, "ATTRIBUTE_UNSIGNED_INT"),
    "bounds": (set_at("accessors", 0, "max", value=[9, 9, 9]), "ACCESSOR_BOUNDS_MISMATCH"),
    "index": (set_at("accessors", 0, "count", value=3), "GLB_INVALID"),
    "view": (set_at("bufferViews", 0, "byteLength", value=10**8), "GLB_INVALID"),
    "version": (set_at("asset", "version", value="3.0"), "GLTF_VERSION_UNKNOWN"),
    "no position": (set_at("meshes", 0, "primitives", 0, "attributes", value={}), "ATTRIBUTE_MISSING"),
    "no count": (set_at(*FEATURES, value=[{"attribute": 0}]), "PROPERTY_MISSING"),
    "small count": (set_at(*FEATURES, 0, "featureCount", value=3), "FEATURE_COUNT_MISMATCH"),
    "no table": (set_at(*FEATURES, 0, "propertyTable", value=4), "VALUE_NOT_IN_RANGE"),
    "no attribute": (set_at(*FEATURES, 0, "attribute", value=4), "FEATURE_ID_ATTRIBUTE_MISSING"),
    "class": (set_at(*METADATA, "propertyTables", 0, "class", value="tree"), "METADATA_CLASS_UNKNOWN"),
    "schemas": (set_at(*METADATA, "schemaUri", value="a.json"), "SCHEMA_INVALID"),
    "required": (set_at("extensionsRequired", value=["EXT_x"]), "EXTENSION_REQUIRED_BUT_NOT_USED"),
}


def test_a_further_set_of_ids_has_its_own_table_and_what_is_of_none_is_no_fault(tmp_path: Path) -> None:
    tile = surveyed_prisms(3)
    assert check_glb(tmp_path, changed_glb(lambda document, body: None, tile)).issues == ()
    report = check_glb(tmp_path, changed_glb(high_surface, tile))
    assert codes(report) == {"FEATURE_ID_OUT_OF_RANGE"}


def test_a_glb_without_streams_is_as_sound_as_one_with(tmp_path: Path) -> None:
    assert check_glb(tmp_path, changed_glb(lambda document, body: None)).issues == ()


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_code(tmp_path: Path, fault: str) -> None:
    change, code = FAULTS[fault]
    report = check_glb(tmp_path, changed_glb(change))
    assert code in codes(report)
    assert {issue.path.partition("#")[0] for issue in report.issues} == {"0/0.glb"}


@pytest.mark.parametrize("data", [b"", b"glTF", b"b3dm", b"hello", encode_glb(TILE)[:-8]])
def test_what_is_no_glb_is_an_error(tmp_path: Path, data: bytes) -> None:
    assert check_glb(tmp_path, data).errors == 1


def test_points_out_of_the_box_are_measured(tmp_path: Path) -> None:
    moved = TILE.positions + np.array([0.0, 0.0, 3.0])
    report = check_glb(tmp_path, encode_glb(replace(TILE, positions=moved)))
    assert codes(report) == {"CONTENT_OUTSIDE_VOLUME"}
    assert "reaches 3.0" in report.issues[0].message


def test_triangles_without_area_and_missing_normals_are_warnings(tmp_path: Path) -> None:
    def flatten(document: dict[str, Any], body: bytearray) -> None:
        indices = document["meshes"][0]["primitives"][0]["indices"]
        start = view_of(document, indices)["byteOffset"]
        body[start : start + 6] = struct.pack("<3H", 1, 1, 2)

    assert codes(check_glb(tmp_path, changed_glb(flatten)), "warning") == {"TRIANGLE_DEGENERATE"}
    report = check_glb(tmp_path, encode_glb(replace(TILE, normals=None)))
    assert (codes(report), codes(report, "warning")) == (set(), {"NORMALS_MISSING"})


def test_a_glb_that_needs_an_unread_extension_is_told_and_not_condemned(tmp_path: Path) -> None:
    def change(document: dict[str, Any], body: bytearray) -> None:
        for key in ("extensionsUsed", "extensionsRequired"):
            document[key].append("KHR_draco_mesh_compression")

    report = check_glb(tmp_path, changed_glb(change))
    assert (codes(report), codes(report, "warning")) == (set(), {"GLB_NOT_DECODED"})


def b3dm(
    glb: bytes, *, table: bytes = b'{"BATCH_LENGTH":20}     ', magic: bytes = b"b3dm", length: int = 0
) -> bytes:
    table += b" " * (-(28 + len(table)) % 8)
    body = table + glb
    return struct.pack("<4sIIIIII", magic, 1, length or 28 + len(body), len(table), 0, 0, 0) + body


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b3dm(encode_glb(TILE)), None),
        (b3dm(encode_glb(TILE), length=99), "TILE_HEADER_INVALID"),
        (b3dm(encode_glb(TILE), table=b"{}"), "FEATURE_TABLE_INVALID"),
        (b3dm(encode_glb(TILE), table=b"{"), "JSON_INVALID"),
        (b3dm(b"no GLB here....."), "TILE_CONTENT_INVALID"),
        (b3dm(encode_glb(TILE)[:-4] + b"\0\0\0"), "TILE_ALIGNMENT_INVALID"),
        (b3dm(b"", magic=b"pnts", table=b'{"POINTS_LENGTH":1}'), "FEATURE_TABLE_INVALID"),
        (b"cmpt" + struct.pack("<III", 1, 16, 1), "TILE_HEADER_INVALID"),
        (b"i3dm" + bytes(9), "TILE_HEADER_INVALID"),
    ],
)
def test_the_old_formats_keep_the_rules_of_their_headers(
    tmp_path: Path, data: bytes, code: str | None
) -> None:
    report = check_glb(tmp_path, data)
    assert code in codes(report) if code else report.errors == 0


def test_a_gltf_is_checked_with_the_buffers_beside_it(tmp_path: Path) -> None:
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 0, -1]], np.float32)
    gltf = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "buffers": [{"byteLength": 36, "uri": "a%20b.bin"}],
    }
    document = document_of()
    document["root"] |= {"children": [], "content": {"uri": "0/a.gltf"}}
    document["root"]["boundingVolume"] = {"sphere": [0, 0, 0, 2]}
    folder = write_store(tmp_path, document)
    (folder / "0" / "a.gltf").write_text(json.dumps(gltf))
    assert codes(check_path(folder)) == {"CONTENT_MISSING"}
    (folder / "0" / "a b.bin").write_bytes(corners.tobytes())
    assert codes(check_path(folder)) == set()
    (folder / "0" / "a b.bin").write_bytes((corners * 9).tobytes())
    assert codes(check_path(folder)) == {"CONTENT_OUTSIDE_VOLUME"}


def test_a_matrix_with_a_hole_is_told_and_reckoned_with_no_further(tmp_path: Path) -> None:
    def hole(document: dict[str, Any], body: bytearray) -> None:
        document["nodes"][0]["matrix"][5] = None

    assert codes(check_glb(tmp_path, changed_glb(hole))) == {"GLB_INVALID"}


@given(data=st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_junk_in_a_glb_makes_the_checker_throw(tmp_path: Path, data: st.DataObject) -> None:
    def junk(document: dict[str, Any], body: bytearray) -> None:
        holder: Any = document
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            key = data.draw(st.sampled_from(keys))
            inner = holder[key]
            if not isinstance(inner, dict | list) or not inner or data.draw(st.integers(0, 4)) == 0:
                holder[key] = data.draw(
                    st.sampled_from([None, -1, 10**9, 0.5, "x", [], {}, [1], {"a": 1}, True])
                )
                return
            holder = inner

    check_glb(tmp_path, changed_glb(junk))
