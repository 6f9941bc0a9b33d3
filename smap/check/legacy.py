"""The headers of the 3D Tiles 1.0 formats b3dm, i3dm, pnts and cmpt, and the GLBs inside them."""

from __future__ import annotations

import json
import struct
from typing import Any

from smap.check.findings import Findings

__all__ = ["LEGACY_MAGIC", "glbs_inside"]

LEGACY_MAGIC = (b"b3dm", b"i3dm", b"pnts", b"cmpt")

_HEADERS = {b"b3dm": 28, b"i3dm": 32, b"pnts": 28}
_LENGTH_KEYS = {b"b3dm": "BATCH_LENGTH", b"i3dm": "INSTANCES_LENGTH", b"pnts": "POINTS_LENGTH"}
_ALIGNMENT = 8
_CMPT_HEADER = 16


def glbs_inside(data: bytes, findings: Findings, place: str = "") -> list[bytes]:
    """The embedded GLBs of a tile that begins with one of LEGACY_MAGIC, after its header was looked at."""
    magic = data[:4]
    if len(data) < _CMPT_HEADER or (magic != b"cmpt" and len(data) < _HEADERS[magic]):
        findings.error("TILE_HEADER_INVALID", place, f"{len(data)} bytes, shorter than its header")
        return []
    version, length = struct.unpack_from("<II", data, 4)
    if version != 1:
        findings.error("TILE_HEADER_INVALID", place, f"version {version}, where only 1 is known")
    if length != len(data):
        findings.error("TILE_HEADER_INVALID", place, f"byteLength {length}, the tile has {len(data)} bytes")
        return []
    if length % _ALIGNMENT:
        findings.error("TILE_ALIGNMENT_INVALID", place, f"{length} bytes, no multiple of {_ALIGNMENT}")
    return _inner_tiles(data, findings, place) if magic == b"cmpt" else _batched(data, magic, findings, place)


def _inner_tiles(data: bytes, findings: Findings, place: str) -> list[bytes]:
    (count,) = struct.unpack_from("<I", data, 12)
    glbs: list[bytes] = []
    at = _CMPT_HEADER
    for number in range(count):
        if at + 12 > len(data) or data[at : at + 4] not in LEGACY_MAGIC:
            findings.error("TILE_HEADER_INVALID", place, f"inner tile {number} of {count} is not there")
            return glbs
        (length,) = struct.unpack_from("<I", data, at + 8)
        glbs += glbs_inside(data[at : at + max(length, 12)], findings, f"{place}/tile/{number}")
        at += max(length, 12)
    return glbs


def _batched(data: bytes, magic: bytes, findings: Findings, place: str) -> list[bytes]:
    lengths = struct.unpack_from("<4I", data, 12)
    header = _HEADERS[magic]
    if header + sum(lengths) > len(data):
        findings.error("TILE_HEADER_INVALID", place, f"tables of {sum(lengths)} bytes do not fit {len(data)}")
        return []
    at, sections = header, []
    for length, name in zip(lengths, ("feature JSON", "feature", "batch JSON", "batch"), strict=True):
        sections.append(data[at : at + length])
        at += length
        if at % _ALIGNMENT:
            said = f"the {name} table ends at byte {at}, no multiple of {_ALIGNMENT}"
            findings.error("TILE_ALIGNMENT_INVALID", place, said)
    features = _table(sections[0], findings, f"{place}/featureTable")
    _check_count(features, magic, findings, f"{place}/featureTable")
    if sections[2]:
        _table(sections[2], findings, f"{place}/batchTable")
    return _payload(data, at, magic, findings, place)


def _payload(data: bytes, at: int, magic: bytes, findings: Findings, place: str) -> list[bytes]:
    if magic == b"pnts" or (magic == b"i3dm" and struct.unpack_from("<I", data, 28)[0] == 0):
        return []
    body = data[at:]
    if body[:4] != b"glTF" or len(body) < 12:
        findings.error("TILE_CONTENT_INVALID", place, "there is no GLB behind its tables")
        return []
    (length,) = struct.unpack_from("<I", body, 8)
    return [body[:length]]


def _table(data: bytes, findings: Findings, place: str) -> dict[str, Any]:
    try:
        table = json.loads(data)
    except ValueError as error:
        findings.error("JSON_INVALID", place, f"it is no JSON: {error}")
        return {}
    if not isinstance(table, dict):
        findings.error("TYPE_MISMATCH", place, "it is no JSON object")
        return {}
    return table


def _check_count(features: dict[str, Any], magic: bytes, findings: Findings, place: str) -> None:
    key = _LENGTH_KEYS[magic]
    count = features.get(key)
    if isinstance(count, dict):
        return
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        findings.error(
            "FEATURE_TABLE_INVALID", place, f"{key} is {json.dumps(count)}, not a whole number from 0"
        )
    if magic == b"pnts" and not {"POSITION", "POSITION_QUANTIZED"} & features.keys():
        findings.error("FEATURE_TABLE_INVALID", place, "there is neither POSITION nor POSITION_QUANTIZED")
    if magic == b"i3dm" and not {"POSITION", "POSITION_QUANTIZED"} & features.keys():
        findings.error("FEATURE_TABLE_INVALID", place, "there is neither POSITION nor POSITION_QUANTIZED")
