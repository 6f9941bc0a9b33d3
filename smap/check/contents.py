"""Is a tile's content right?: its bytes decoded, its ids counted, its points held by its volumes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

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
from smap.formats.glb_container import unpack_glb
from smap.formats.metadata import table_lengths

__all__ = ["ContentTask", "check_content"]

# Half a step of 20 mm along each axis (17 mm), and twice that for boxes that were rounded on their own
_OUTSIDE_M = 0.05
_QUANTISED_EDGE = 1e-9


@dataclass(frozen=True)
class ContentTask:
    """One content. transform: float64 (4, 4), its tile → ECEF. volumes: its tile's, then those above."""

    name: str
    where: str
    transform: NDArray[np.float64]
    volumes: tuple[Volume, ...]


def check_content(task: ContentTask, data: bytes) -> list[Issue]:
    """Every issue of a content's bytes; another tileset, which is walked elsewhere, has none here."""
    findings = Findings(task.name)
    magic = data[:4]
    if magic == b"glTF":
        _check_glb(data, task, findings)
    elif magic in LEGACY_MAGIC:
        for glb in glbs_inside(data, findings):
            _check_glb(glb, None, findings)
    elif task.name.endswith(".gltf"):
        document = read_json(data, findings)
        if document is not None:
            check_gltf(document, findings)
    elif task.name.endswith((".glb", ".b3dm", ".i3dm", ".pnts", ".cmpt")):
        findings.error("TILE_CONTENT_INVALID", "", f"it begins with {magic!r}, which is no tile of that kind")
    return findings.issues


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
    unreadable = unreadable_extensions(document)
    if unreadable:
        findings.warning(
            "GLB_NOT_DECODED", "", f"its geometry is not checked: {', '.join(sorted(unreadable))}"
        )
        return
    try:
        _check_tables(document, BufferReader(document, binary), findings)
        tile = decode_glb(data)
    except (FormatError, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        findings.error("GLB_INVALID", "", str(error))
        return
    _check_geometry(tile, findings)
    _check_ids(tile, findings)
    _check_bounds(document, BufferReader(document, binary), findings)
    if task is not None:
        _check_place(tile, task, findings)


def _check_tables(document: dict[str, Any], reader: BufferReader, findings: Findings) -> None:
    metadata = document.get("extensions", {}).get("EXT_structural_metadata", {})
    for number, table in enumerate(metadata.get("propertyTables", []) if "schema" in metadata else []):
        place = f"/extensions/EXT_structural_metadata/propertyTables/{number}"
        for line in table_lengths(table, metadata["schema"], reader.view):
            findings.error("TABLE_LENGTH_MISMATCH", place, line)


def _check_geometry(tile: GlbTile, findings: Findings) -> None:
    if not np.isfinite(tile.positions).all():
        findings.error("POSITION_NOT_FINITE", "", "a position is NaN or infinite")
        return
    a, b, c = (tile.positions[tile.triangles[:, corner]] for corner in range(3))
    flat = int((np.abs(np.cross(b - a, c - a)).max(axis=1) <= _QUANTISED_EDGE).sum())
    if flat:
        findings.warning("TRIANGLE_DEGENERATE", "", f"{flat} of {len(tile.triangles)} triangles have no area")


def _check_ids(tile: GlbTile, findings: Findings) -> None:
    if tile.feature_ids is None or tile.table is None:
        return
    highest, rows = int(tile.feature_ids.max()), len(tile.table)
    if highest >= rows > 0:
        findings.error("FEATURE_ID_OUT_OF_RANGE", "", f"feature id {highest}, its table has {rows} rows")


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
