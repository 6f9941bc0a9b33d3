"""Is a tile's content right?: its bytes decoded, its ids counted, its points held by its volumes."""

from __future__ import annotations

import base64
import posixpath
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from smap.check.findings import Findings, Issue
from smap.check.gltf_rules import check_gltf, unreadable_extensions
from smap.check.json_rules import read_json
from smap.check.legacy import LEGACY_MAGIC, glbs_inside
from smap.check.volumes import Volume
from smap.errors import FormatError
from smap.formats.glb import GlbTile, decode_glb
from smap.formats.glb_buffers import BufferReader
from smap.formats.glb_container import pack_glb, unpack_glb
from smap.formats.glb_read import scene_primitives
from smap.formats.metadata import table_lengths

__all__ = ["ContentTask", "check_content"]

# Half a step of 20 mm along each axis (17 mm), and twice that for boxes that were rounded on their own
_OUTSIDE_M = 0.05
_FLAT = 1e-9
_TRIANGLES = 4  # glTF 2.0 §5.24.4, the mode of a primitive that says none


@dataclass(frozen=True)
class ContentTask:
    """One content. transform: float64 (4, 4), its tile → ECEF. volumes: its tile's, then those above."""

    name: str
    where: str
    transform: NDArray[np.float64]
    volumes: tuple[Volume, ...]


def check_content(task: ContentTask, data: bytes, fetch: Callable[[str], bytes | None]) -> list[Issue]:
    """Every issue of a content's bytes; `fetch` gives the bytes of another file of the store, or None."""
    findings = Findings(task.name)
    magic = data[:4]
    if magic == b"glTF":
        _check_glb(data, task, findings)
    elif magic in LEGACY_MAGIC:
        for glb in glbs_inside(data, findings):
            _check_glb(glb, None, findings)
    elif task.name.endswith(".gltf"):
        _check_gltf(data, task, fetch, findings)
    elif task.name.endswith((".glb", ".b3dm", ".i3dm", ".pnts", ".cmpt")):
        findings.error("TILE_CONTENT_INVALID", "", f"it begins with {magic!r}, which is no tile of that kind")
    return findings.issues


def _check_gltf(
    data: bytes, task: ContentTask, fetch: Callable[[str], bytes | None], findings: Findings
) -> None:
    """A .gltf is made a GLB whose buffers lie in data URIs, and looked at as such."""
    document = read_json(data, findings)
    buffers = document.get("buffers", []) if document is not None else []
    for number, buffer in enumerate(buffers if isinstance(buffers, list) else []):
        uri = buffer.get("uri") if isinstance(buffer, dict) else None
        if not isinstance(uri, str) or uri.startswith("data:"):
            continue
        body = fetch(posixpath.normpath(posixpath.join(posixpath.dirname(task.name), unquote(uri))))
        if body is None:
            findings.error("CONTENT_MISSING", f"/buffers/{number}", f"there is no '{uri}'")
            return
        buffer["uri"] = "data:application/octet-stream;base64," + base64.b64encode(body).decode()
    if document is not None:
        _check_glb(pack_glb(document, b""), task, findings)


def _check_glb(data: bytes, task: ContentTask | None, findings: Findings) -> None:
    if len(data) >= 8 and struct.unpack_from("<I", data, 4)[0] == 1:
        findings.warning("GLTF_VERSION_1", "", "glTF 1.0 is not read by newer clients, and not checked here")
        return
    try:
        document, binary = unpack_glb(data)
    except FormatError as error:
        findings.error("GLB_INVALID", "", str(error))
        return
    check_gltf(document, findings)
    if not _has_triangles(document):
        return
    unreadable = unreadable_extensions(document)
    if unreadable:
        findings.warning(
            "GLB_NOT_DECODED", "", f"its geometry is not checked: {', '.join(sorted(unreadable))}"
        )
        return
    reader = BufferReader(document, binary)
    try:
        _check_tables(document, reader, findings)
        _check_tile(decode_glb(data), task, findings)
        _check_ids(document, reader, findings)
        _check_bounds(document, reader, findings)
    except (FormatError, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        findings.error("GLB_INVALID", "", str(error))


def _check_tile(tile: GlbTile, task: ContentTask | None, findings: Findings) -> None:
    if not np.isfinite(tile.positions).all():
        findings.error("POSITION_NOT_FINITE", "", "a position is NaN or infinite")
        return
    _check_triangles(tile, findings)
    if task is not None:
        _check_place(tile, task, findings)


def _has_triangles(document: dict[str, Any]) -> bool:
    """Whether there is a mesh to look at: points, lines and empty scenes are lawful. A broken one has."""
    try:
        primitives = [primitive for primitive, _ in scene_primitives(document)]
        return any(primitive.get("mode", _TRIANGLES) == _TRIANGLES for primitive in primitives)
    except (FormatError, KeyError, TypeError, ValueError, AttributeError, IndexError):
        return "scenes" in document


def _check_tables(document: dict[str, Any], reader: BufferReader, findings: Findings) -> None:
    metadata = document.get("extensions", {}).get("EXT_structural_metadata", {})
    for number, table in enumerate(metadata.get("propertyTables", []) if "schema" in metadata else []):
        place = f"/extensions/EXT_structural_metadata/propertyTables/{number}"
        for line in table_lengths(table, metadata["schema"], reader.view):
            findings.error("TABLE_LENGTH_MISMATCH", place, line)


def _check_triangles(tile: GlbTile, findings: Findings) -> None:
    a, b, c = (tile.positions[tile.triangles[:, corner]] for corner in range(3))
    normals = np.cross(b - a, c - a)
    flat = int((np.einsum("ij,ij->i", normals, normals) <= _FLAT**2).sum())
    if flat:
        findings.warning("TRIANGLE_DEGENERATE", "", f"{flat} of {len(tile.triangles)} triangles have no area")


def _check_ids(document: dict[str, Any], reader: BufferReader, findings: Findings) -> None:
    """Of each set of feature ids: as many as it says, and all of them rows of its table."""
    tables = document.get("extensions", {}).get("EXT_structural_metadata", {}).get("propertyTables", [])
    for primitive, _ in scene_primitives(document):
        features = primitive.get("extensions", {}).get("EXT_mesh_features", {}).get("featureIds", [])
        for entry in features:
            accessor = primitive["attributes"].get(f"_FEATURE_ID_{entry.get('attribute')}")
            if accessor is None:
                continue
            ids = np.unique(reader.array(accessor))
            ids = ids[ids != entry.get("nullFeatureId", -1)]
            if len(ids) > entry.get("featureCount", len(ids)):
                said = f"{len(ids)} different feature ids, where featureCount says {entry['featureCount']}"
                findings.error("FEATURE_COUNT_MISMATCH", "", said)
            number = entry.get("propertyTable", len(tables))
            if len(ids) and number < len(tables) and ids[-1] >= tables[number]["count"]:
                said = f"feature id {int(ids[-1])}, its table has {tables[number]['count']} rows"
                findings.error("FEATURE_ID_OUT_OF_RANGE", "", said)


def _check_bounds(document: dict[str, Any], reader: BufferReader, findings: Findings) -> None:
    for number, accessor in enumerate(document.get("accessors", [])):
        if "min" not in accessor or "max" not in accessor or "bufferView" not in accessor:
            continue
        values = reader.array(number).reshape(accessor["count"], -1)
        found = values.min(axis=0).tolist(), values.max(axis=0).tolist()
        if not np.allclose(found, (accessor["min"], accessor["max"]), rtol=1e-6, atol=0.0):
            said = f"{accessor['min']} … {accessor['max']} is not what is there: {found[0]} … {found[1]}"
            findings.error("ACCESSOR_BOUNDS_MISMATCH", f"/accessors/{number}", said)


def _check_place(tile: GlbTile, task: ContentTask, findings: Findings) -> None:
    points = tile.ecef() @ task.transform[:3, :3].T + task.transform[:3, 3]
    for above, volume in enumerate(task.volumes):
        excess = volume.excess(points)
        if excess > _OUTSIDE_M:
            whose = "its tile's volume" if above == 0 else f"the volume {above} above its tile's"
            findings.error(
                "CONTENT_OUTSIDE_VOLUME", "", f"it reaches {excess:.2f} m out of {whose} ({task.where})"
            )
            return
